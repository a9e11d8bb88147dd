"""What is remembered of an imported contract beside its terms."""

from dataclasses import dataclass
from datetime import date, datetime

from shared.call import OPERATOR
from shared.events.contract import ContractTerms


@dataclass(frozen=True)
class ImportRecord:
    """Whose word an imported contract is, and who has confirmed it.

    Its source's last word is kept, so that the next one changes only what the source has changed:
    what the office has corrected stays.
    """

    #: The file, or what else it came from.
    source: str
    said: ContractTerms
    #: The partner's name in the source.
    partner_name: str = ""
    said_signed_on: date | None = None
    #: Everybody who brought or changed what awaits confirmation; none of them confirms it.
    by: tuple[str, ...] = ()
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    #: Of a confirmed contract: what it shall be once somebody confirms the change.
    proposed: ContractTerms | None = None
    proposed_signed_on: date | None = None
    #: Why it was rejected.
    rejected_because: str | None = None

    def is_word_of(self, person: str) -> bool:
        """Whether somebody had a hand in what awaits confirmation, under whatever hat."""
        return _account(person) in map(_account, self.by)


def _account(person: str) -> str:
    """Somebody at the command line is the same person as under their account."""
    return person.removeprefix(OPERATOR).strip().casefold()
