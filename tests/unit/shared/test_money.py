"""Money is whole minor units of a currency: exact going in, exact coming out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.errors import Invalid
from shared.money import Money, cumulative, decimals, total
from shared.values import from_plain, to_plain

CURRENCIES = st.sampled_from(["GBP", "JPY", "JOD", "IQD", "CLF", "EUR"])
MONEY = st.builds(Money, st.integers(-(10**15), 10**15), CURRENCIES)


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    ("currency", "places"),
    [("GBP", 2), ("JPY", 0), ("KRW", 0), ("JOD", 3), ("KWD", 3), ("CLF", 4)],
)
def test_a_currency_has_the_decimals_of_the_standard(currency: str, places: int) -> None:
    assert decimals(currency) == places


@pytest.mark.parametrize(("currency", "places"), [("IQD", 3), ("RSD", 2), ("LBP", 2), ("YER", 2)])
def test_decimals_are_those_of_the_standard_where_people_write_none(
    currency: str, places: int
) -> None:
    assert decimals(currency) == places


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("125000.50", "GBP", 12500050),
        ("-3", "GBP", -300),
        ("7.125", "JOD", 7125),
        ("1500", "JPY", 1500),
        ("1500.00", "JPY", 1500),
        (12, "GBP", 1200),
        (Decimal("0.01"), "GBP", 1),
    ],
)
def test_major_units_become_minor_units(
    amount: str | int | Decimal, currency: str, minor: int
) -> None:
    assert Money.of(amount, currency).minor == minor


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0.001", "GBP"),
        ("0.5", "JPY"),
        ("1.0001", "JOD"),
        # Longer than the precision of Python's decimals, which would have rounded it.
        ("1.0000000000000000000000000000001", "GBP"),
    ],
)
def test_more_decimals_than_the_currency_has_are_refused_not_rounded(
    amount: str, currency: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        Money.of(amount, currency)
    assert (refusal.value.rule, refusal.value.field) == ("currency-decimals", "amount")


@pytest.mark.parametrize(
    "amount",
    ["", "ten", "NaN", "Infinity", "1_000", "1,000", " 1 ", "١٢", "1e999", "1" * 18, 0.5, None],
)
def test_what_is_not_an_amount_is_refused(amount: object) -> None:
    with pytest.raises(Invalid) as refusal:
        Money.of(amount, "GBP")  # type: ignore[arg-type]
    assert refusal.value.rule == "amount-is-a-number"


@pytest.mark.parametrize("currency", ["gbp", "GB", "ABC", "", "£"])
def test_an_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Money.of("1", currency)
    assert (refusal.value.rule, refusal.value.field) == ("known-currency", "currency")


@pytest.mark.parametrize(
    ("minor", "factor", "product"),
    [
        (5, Decimal("0.5"), 2),
        (15, Decimal("0.5"), 8),
        (-5, Decimal("0.5"), -2),
        (100, Decimal("0.25"), 25),
    ],
)
def test_a_product_is_rounded_half_to_even(minor: int, factor: Decimal, product: int) -> None:
    assert Money(minor, "GBP") * factor == Money(product, "GBP")


@pytest.mark.parametrize("join", ["__add__", "__sub__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_two_currencies_are_never_put_together(join: str) -> None:
    with pytest.raises(Invalid) as refusal:
        getattr(Money(1, "GBP"), join)(Money(1, "EUR"))
    assert (refusal.value.rule, refusal.value.accepted) == ("one-currency", "GBP")


def test_money_is_shown_with_exactly_the_decimals_of_its_currency() -> None:
    shown = [str(Money(123456, currency)) for currency in ("GBP", "JPY", "JOD")]
    assert shown == ["1,234.56 GBP", "123,456 JPY", "123.456 JOD"]


def test_the_total_of_nothing_is_zero_of_the_currency() -> None:
    assert total([], "JPY") == Money.zero("JPY")


@given(MONEY)
def test_money_survives_its_major_units(money: Money) -> None:
    assert Money.of(str(money.amount), money.currency) == money


@given(MONEY)
def test_money_survives_storing(money: Money) -> None:
    assert from_plain(to_plain(money), Money) == money


@given(st.lists(st.integers(-(10**12), 10**12)))
def test_a_total_loses_no_minor_unit(minors: list[int]) -> None:
    assert total([Money(each, "JOD") for each in minors], "JOD").minor == sum(minors)


def charged(rate: Money, steps: list[Decimal]) -> list[Money]:
    """What each step costs, one after another."""
    amounts, before = [], Decimal(0)
    for step in steps:
        amounts.append(cumulative(rate, before, step))
        before += step
    return amounts


@pytest.mark.row("N4", "C10")
@pytest.mark.parametrize(
    ("rate", "steps", "each"),
    [
        ("850.75 GBP", ["0.25"] * 4, ["212.69", "212.69", "212.68", "212.69"]),
        ("33333 JPY", ["0.5"] * 2, ["16666", "16667"]),
        ("101.505 JOD", ["0.25", "0.75"], ["25.376", "76.129"]),
        ("0 GBP", ["0.25", "1"], ["0.00", "0.00"]),
    ],
)
def test_parts_charged_cumulatively_add_up_to_the_whole(
    rate: str, steps: list[str], each: list[str]
) -> None:
    amount, currency = rate.split()
    price = Money.of(amount, currency)
    quantities = [Decimal(step) for step in steps]
    amounts = charged(price, quantities)
    assert [str(one.amount) for one in amounts] == each
    assert total(amounts, currency) == price * sum(quantities, Decimal(0))


@pytest.mark.row("N4")
@given(
    MONEY,
    st.lists(st.integers(-400, 400).map(lambda quarters: Decimal(quarters) / 4), max_size=30),
)
def test_no_order_of_days_and_reversals_loses_a_minor_unit(
    rate: Money, steps: list[Decimal]
) -> None:
    assert total(charged(rate, steps), rate.currency) == rate * sum(steps, Decimal(0))
