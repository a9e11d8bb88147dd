"""What a contract is to be invoiced for, by the terms in force, and how far that has come."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar
from uuid import UUID

from services.finance.domain.days_billed import DaysBilled
from services.finance.domain.expected import ExpectedPayment, expected_by
from services.finance.domain.figures import Figures
from services.finance.domain.invoice import Invoice
from shared.aggregate import Aggregate
from shared.errors import Conflict, NotFound
from shared.events.contract import ContractTerms
from shared.events.finance import AccountChanged, AccountOpened, ExpectedInvoice
from shared.money import Money, total


@dataclass(frozen=True)
class DayRate:
    """The price of a day of a role of the contract's day budget."""

    role: str
    rate: Money


@dataclass
class UnpricedContract:
    """A contract that carries no money: known, so that its facts are not waited for."""

    contract_id: UUID
    reference: str
    partner_id: UUID


def currency_of(terms: ContractTerms) -> str | None:
    """The currency a contract is invoiced in; None where its terms carry no money at all."""
    if terms.value is not None:
        return terms.value.currency
    return next((line.rate.currency for line in terms.day_budget), None)


@dataclass(eq=False, kw_only=True)
class Account(Aggregate):
    """One for each contract that carries money; its id is the contract's.

    Every pack and every invoice of the contract passes through its account, so that the account's
    version keeps two people from billing the same days or the same milestone at once.
    """

    kind: ClassVar[str] = "account"

    id: UUID
    contract_reference: str
    partner_id: UUID
    currency: str
    value: Money
    terms_version: int
    starts_on: date
    purchase_order: str | None
    payment_days: int | None  # None: nobody knows what was agreed
    rates: tuple[DayRate, ...]
    expected: tuple[ExpectedPayment, ...]
    days_billed: tuple[DaysBilled, ...]
    figures: Figures
    packs_prepared: int = 0  # so that every pack moves the version, also one that comes to nothing
    version: int = 0

    @classmethod
    def open(
        cls,
        *,
        contract_id: UUID,
        reference: str,
        partner_id: UUID,
        terms: ContractTerms,
    ) -> "Account":
        """The account of a contract whose terms carry money (`currency_of` is not None)."""
        currency = currency_of(terms)
        assert currency is not None
        account = cls(
            id=contract_id,
            contract_reference=reference,
            partner_id=partner_id,
            currency=currency,
            value=_value(terms, currency),
            terms_version=terms.version,
            starts_on=terms.starts_on,
            purchase_order=terms.purchase_order,
            payment_days=terms.payment_days,
            rates=_rates(terms),
            expected=expected_by(terms),
            days_billed=(),
            figures=Figures.none(currency),
        )
        account.record(
            AccountOpened(
                contract_id=contract_id,
                contract_reference=reference,
                partner_id=partner_id,
                currency=currency,
                value=account.value,
                expected=account._expected_invoices(),
            )
        )
        return account

    @property
    def is_fixed_price(self) -> bool:
        """Whether milestones are invoiced; otherwise days are, at the rate of their role."""
        return any(not each.dropped for each in self.expected)

    def take_terms(self, terms: ContractTerms) -> None:
        """Terms that are in force from now on. Terms no newer than those known are ignored.

        What was met or invoiced stays so. A milestone that the new terms drop is kept, marked,
        where its invoice exists. Raises Conflict on another currency once something is invoiced.
        """
        if terms.version <= self.terms_version:
            return
        self._take_currency(currency_of(terms) or self.currency)
        self.expected = expected_by(terms, self.expected)
        self.value = _value(terms, self.currency)
        self.terms_version = terms.version
        self.starts_on = terms.starts_on
        self.purchase_order = terms.purchase_order
        self.payment_days = terms.payment_days
        self.rates = _rates(terms)
        self.record(
            AccountChanged(
                contract_id=self.id,
                terms_version=self.terms_version,
                value=self.value,
                expected=self._expected_invoices(),
            )
        )

    def payment(self, milestone_id: UUID) -> ExpectedPayment:
        """Raises NotFound where the contract has no such payment milestone."""
        for each in self.expected:
            if each.milestone_id == milestone_id:
                return each
        raise NotFound(
            f"Contract {self.contract_reference} has no payment milestone {milestone_id}.",
            rule="payment-milestone-of-contract",
            field="milestone_id",
            accepted=", ".join(str(each.milestone_id) for each in self.expected),
        )

    def note_decided(self, milestone_id: UUID, met_amount: Money | None, on: date | None) -> None:
        """So much of a payment milestone is met in all; None: its decision was withdrawn."""
        payment = self.payment(milestone_id)
        self._put(payment, replace(payment, met_amount=met_amount, met_on=on))

    def payment_to_bill(self, milestone_id: UUID) -> ExpectedPayment:
        """The payment whose `to_bill` may go on a pack.

        Raises Conflict where the milestone was not decided, or there is no difference to bill.
        """
        payment = self.payment(milestone_id)
        if payment.dropped:
            raise Conflict(
                f"“{payment.title}” is not among the milestones of contract "
                f"{self.contract_reference} any more, so nothing more is invoiced for it.",
                rule="milestone-dropped",
                field="milestone_id",
                accepted="a milestone of the terms in force",
            )
        if payment.met_amount is None and not payment.billed:
            raise Conflict(
                f"“{payment.title}” has not been met yet, so it cannot be invoiced.",
                rule="milestone-met-before-invoice",
                field="milestone_id",
                accepted="a milestone that was met, in full or in part",
            )
        if not payment.to_bill and (payment.pack_ids or not payment.met_amount):
            raise Conflict(
                f"“{payment.title}” is billed at {payment.billed}, all that is met of it. To bill "
                "it anew, void its invoice, or credit it in full once it was paid.",
                rule="milestone-invoiced-once",
                field="milestone_id",
                accepted="a milestone of which more is met than billed",
            )
        return payment

    def put_on_pack(self, milestone_id: UUID, pack_id: UUID) -> None:
        """All that is met of the milestone is billed now, the rest of it on this pack."""
        payment = self.payment_to_bill(milestone_id)
        self._put(payment, payment.with_part(pack_id, payment.to_bill))

    def take_off_pack(self, milestone_id: UUID, pack_id: UUID, fee: Money) -> None:
        """What a pack asked for it is asked for no longer: voided, or credited in full."""
        payment = self.payment(milestone_id)
        self._put(payment, payment.with_part(pack_id, -fee))

    def put_back_on_pack(self, milestone_id: UUID, pack_id: UUID, fee: Money) -> None:
        """A credit in full was voided. Raises Conflict where the milestone was billed again."""
        payment = self.payment(milestone_id)
        again = payment.with_part(pack_id, fee)
        if payment.billed and payment.met_amount is not None and again.billed > payment.met_amount:
            raise Conflict(
                f"“{payment.title}” has been billed again since: void that invoice first.",
                rule="billed-again-since",
                field="state",
                accepted="a credit note whose milestone is not on another invoice",
            )
        self._put(payment, again)

    def rate_of(self, role: str) -> Money:
        """What a day of the role costs. Raises Conflict where the day budget has no such role."""
        for each in self.rates:
            if each.role == role:
                return each.rate
        raise Conflict(
            f"Contract {self.contract_reference} has no day rate for the role “{role}”: "
            "have its days reversed, and logged again in a role of the day budget.",
            rule="role-has-rate",
            field="role",
            accepted=", ".join(each.role for each in self.rates) or "a role of the day budget",
        )

    @property
    def left_to_invoice(self) -> Money:
        """What the contract's value leaves beyond its drafts and invoices; none or more."""
        left = self.value - self.figures.drafted - self.figures.invoiced
        return max(left, Money.zero(self.currency))

    def require_room_for(self, amount: Money, *, field: str) -> None:
        """Raises Conflict where a pack would go beyond the value: it is the ceiling of all bills.

        amount: the pack's total, its credits taken off; less than nothing always has room.
        """
        if amount.minor <= 0 or amount <= self.left_to_invoice:
            return
        raise Conflict(
            f"This comes to {amount}, but contract {self.contract_reference} over {self.value} "
            f"leaves {self.left_to_invoice} to invoice. Bill less now, or void or credit what "
            "should not have been billed. What goes beyond the value is billed under an amendment, "
            "which has a value of its own.",
            rule="value-is-ceiling",
            field=field,
            accepted=f"what comes to at most {self.left_to_invoice}",
        )

    @contextmanager
    def counting(self, invoice: Invoice) -> Iterator[None]:
        """Whatever happens to the invoice inside is counted in the account's figures."""
        before = invoice.figures
        yield
        self.figures = self.figures - before + invoice.figures

    def _take_currency(self, currency: str) -> None:
        if currency == self.currency:
            return
        if self.figures != Figures.none(self.currency):
            raise Conflict(
                f"Contract {self.contract_reference} was invoiced in {self.currency}; its new "
                f"terms are in {currency}. Void its invoices, or make a new contract.",
                rule="one-currency-per-account",
                field="currency",
                accepted=self.currency,
            )
        self.currency = currency
        self.figures = Figures.none(currency)
        self.days_billed = ()

    def _put(self, before: ExpectedPayment, after: ExpectedPayment) -> None:
        self.expected = tuple(after if each is before else each for each in self.expected)

    def _expected_invoices(self) -> tuple[ExpectedInvoice, ...]:
        return tuple(each.told for each in self.expected if not each.dropped)


def _rates(terms: ContractTerms) -> tuple[DayRate, ...]:
    return tuple(DayRate(role=line.role, rate=line.rate) for line in terms.day_budget)


def _value(terms: ContractTerms, currency: str) -> Money:
    """The agreed value; without one, what the whole day budget would cost."""
    if terms.value is not None:
        return terms.value
    return total([line.rate * line.days for line in terms.day_budget], currency)
