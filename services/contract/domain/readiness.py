"""What a draft must still be given before it can be reviewed."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.contract.domain.signing import Signatory
from services.contract.domain.terms import cost_of_day_budget, payments
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
        yield Finding("value", "value-needed", "A statement of work needs a value.")
    yield from _how_it_is_billed(terms)
    for side, whose in _WHOSE.items():
        if not any(party.side is side for party in terms.parties):
            yield Finding("parties", "party-on-each-side", f"A party on {whose} is missing.")
        if not any(signatory.side is side for signatory in signatories):
            yield Finding(
                "signatories", "signatory-on-each-side", f"A signatory on {whose} is missing."
            )


def _how_it_is_billed(terms: ContractTerms) -> Iterator[Finding]:
    """A value is paid by milestones, or as the ceiling of a day budget, day by day."""
    if terms.value is None or payments(terms):
        return
    cost = cost_of_day_budget(terms)
    if cost > terms.value:
        yield Finding(
            "day_budget",
            "day-budget-within-value",
            f"Without payment milestones the days are billed, and those of the day budget cost "
            f"{cost}, more than the contract's value of {terms.value}.",
        )
    elif terms.value and not cost:
        yield Finding(
            "milestones",
            "milestones-or-day-budget",
            f"Payment milestones must say when the {terms.value} fall due, or a day budget what "
            "each day costs.",
        )
