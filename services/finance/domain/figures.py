"""The sums of an account: where the money of its invoices stands."""

from dataclasses import dataclass, fields

from shared.money import Money


@dataclass(frozen=True)
class Figures:
    """Sums over invoices, all in one currency.

    drafted: on drafts, not yet sent. invoiced: on invoices that were opened and stand, whether
    paid or not. paid: received. written_off: outstanding on uncollectible invoices. A voided
    invoice counts nowhere. What is still to be received is invoiced − paid − written_off.
    """

    drafted: Money
    invoiced: Money
    paid: Money
    written_off: Money

    @classmethod
    def none(cls, currency: str) -> "Figures":
        zero = Money.zero(currency)
        return cls(drafted=zero, invoiced=zero, paid=zero, written_off=zero)

    @property
    def outstanding(self) -> Money:
        return self.invoiced - self.paid - self.written_off

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            **{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)}
        )

    def __sub__(self, other: "Figures") -> "Figures":
        return Figures(
            **{f.name: getattr(self, f.name) - getattr(other, f.name) for f in fields(self)}
        )
