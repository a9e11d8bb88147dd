"""The sums of an account: where the money of its invoices stands."""

from dataclasses import dataclass, fields

from shared.money import Money


@dataclass(frozen=True)
class Figures:
    """Sums over invoices and credit notes, all in one currency.

    drafted: on drafts, not yet sent. invoiced: on what was issued and stands, paid or not, less
    credit notes. paid: received, less refunds. set_off: settled by what was owed under other
    contracts of the partner; negative where it settled invoices of those. written_off: left on
    uncollectible invoices.
    outstanding: still to be received. owed: to the partner, on credit notes that are neither set
    off nor refunded, and where more was received than asked for. What is void counts nowhere.

    Always: invoiced − paid − set_off − written_off = outstanding − owed.
    """

    drafted: Money
    invoiced: Money
    paid: Money
    set_off: Money
    written_off: Money
    outstanding: Money
    owed: Money

    @classmethod
    def none(cls, currency: str) -> "Figures":
        return cls(**{f.name: Money.zero(currency) for f in fields(cls)})

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )

    def __sub__(self, other: "Figures") -> "Figures":
        return Figures(
            **{f.name: getattr(self, f.name) - getattr(other, f.name) for f in fields(self)}
        )
