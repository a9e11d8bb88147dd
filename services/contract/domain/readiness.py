"""What a draft must still be given before it can be reviewed."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.contract.domain.signing import Signatory
from services.contract.domain.terms import payments
from shared.events.contract import ContractTerms
from shared.events.vocabulary import ContractType, Side

_WHOSE = {Side.OURS: "our side", Side.THEIRS: "the partner's side"}


@dataclass(frozen=True)
class Finding:
    """One thing that is missing, in words for whoever fills it in."""

    field: str
    rule: str
    message: str


def missing_for_review(
    terms: ContractTerms, signatories: tuple[Signatory, ...]
) -> tuple[Finding, ...]:
    """Everything that is missing at once, so that nobody has to come back for the next."""
    return tuple(_missing(terms, signatories))


def _missing(terms: ContractTerms, signatories: tuple[Signatory, ...]) -> Iterator[Finding]:
    if terms.value is None and terms.type is ContractType.STATEMENT_OF_WORK:
        yield Finding("value", "value-needed", "a statement of work needs a value")
    if terms.value and not payments(terms):
        yield Finding(
            "milestones",
            "milestones-sum-to-value",
            f"payment milestones must say when the {terms.value} fall due",
        )
    for side, whose in _WHOSE.items():
        if not any(party.side is side for party in terms.parties):
            yield Finding("parties", "party-on-each-side", f"a party on {whose} is missing")
        if not any(signatory.side is side for signatory in signatories):
            yield Finding(
                "signatories", "signatory-on-each-side", f"a signatory on {whose} is missing"
            )
