"""Amounts as people write them: read in one way, or refused with both readings."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import amounts
from shared.amounts import Ambiguous, DecimalMark
from shared.errors import Invalid
from shared.money import Money

pytestmark = pytest.mark.row("C15")

COMMA, POINT = DecimalMark.COMMA, DecimalMark.POINT


@pytest.mark.parametrize(
    ("written", "currency", "amount"),
    [
        ("125000", "EUR", "125000.00"),
        ("125000,00", "EUR", "125000.00"),
        ("125000.00", "EUR", "125000.00"),
        ("125.000,00", "EUR", "125000.00"),
        ("125,000.00", "GBP", "125000.00"),
        ("125 000,00", "EUR", "125000.00"),
        ("125\u202f000,00", "EUR", "125000.00"),
        ("125\u2009000,00", "EUR", "125000.00"),
        ("125\u00a0000.50", "EUR", "125000.50"),
        ("125'000.50", "CHF", "125000.50"),
        ("125’000.50", "CHF", "125000.50"),
        ("980,50", "EUR", "980.50"),
        ("0,50", "EUR", "0.50"),
        ("7,5", "EUR", "7.50"),
        ("1.234.567", "EUR", "1234567.00"),
        ("1,234,567", "USD", "1234567.00"),
        ("1,25,000.00", "INR", "125000.00"),
        ("1,25,00,000", "INR", "12500000.00"),
        ("1.234,567", "KWD", "1234.567"),
        ("1250,500", "KWD", "1250.500"),
        ("0,500", "KWD", "0.500"),
        ("125 000", "EUR", "125000.00"),
        ("1,000", "JPY", "1000"),
        ("1.250.000", "JPY", "1250000"),
        ("1000.00", "JPY", "1000"),
        (" 5 ", "GBP", "5.00"),
    ],
)
def test_what_can_be_read_in_one_way_is_taken(written, currency, amount):
    assert str(amounts.read(written, currency).amount) == amount


@pytest.mark.parametrize(
    ("written", "currency", "readings"),
    [
        ("125.000", "EUR", ("125,000.00 EUR", "125.00 EUR")),
        ("125,000", "GBP", ("125,000.00 GBP", "125.00 GBP")),
        ("125,500", "KWD", ("125,500.000 KWD", "125.500 KWD")),
        ("1.001", "EUR", ("1,001.00 EUR", "1.001 EUR")),
    ],
)
def test_what_can_be_read_in_two_ways_is_refused_with_both(written, currency, readings):
    with pytest.raises(Ambiguous) as refused:
        amounts.read(written, currency)
    assert all(each in refused.value.message for each in readings)


@pytest.mark.parametrize(
    ("written", "currency", "mark", "amount"),
    [
        ("125.000", "EUR", COMMA, "125000.00"),
        ("125.000", "EUR", POINT, "125.00"),
        ("125,500", "KWD", COMMA, "125.500"),
        ("125,500", "KWD", POINT, "125500.000"),
        ("125 000", "EUR", POINT, "125000.00"),
        ("125000", "EUR", COMMA, "125000.00"),
    ],
)
def test_the_decimal_mark_of_the_source_decides(written, currency, mark, amount):
    assert str(amounts.read(written, currency, mark).amount) == amount


@pytest.mark.parametrize(
    ("written", "mark"), [("980,50", POINT), ("980.50", COMMA), ("125.000,00", POINT)]
)
def test_an_amount_that_contradicts_the_decimal_mark_is_refused(written, mark):
    with pytest.raises(Invalid) as refused:
        amounts.read(written, "EUR", mark)
    assert mark in refused.value.message


@pytest.mark.parametrize(
    "written",
    [
        *("", "ten", "£125000", "EUR 5", "-5", "+5", "(5.00)", "1e5", "1.25E+05", "5%"),
        *("1_0", "0_5", "١٢", "５", "5.", ".5", "1,2,3", "12,34,56", "1.234,567,89", "12 34"),
        *("1,234.567.890", "1 234.567,89", "0,123,456", "1234,567.00", "1..5", "NaN", "Infinity"),
        *("99999999999999999999", "1234.5678"),
    ],
)
def test_what_is_no_amount_is_refused(written):
    with pytest.raises(Invalid):
        amounts.read(written, "JOD")


@pytest.mark.parametrize(("written", "currency"), [("59,971", "EUR"), ("1000.5", "JPY")])
def test_decimals_that_do_not_fit_the_currency_are_never_rounded(written, currency):
    with pytest.raises(Invalid):
        amounts.read(written, currency, None)


@pytest.mark.parametrize("currency", ["XXX", "XTS", "XAU", "DEM", "ITL", "HRK", "BGN", "eur"])
def test_only_a_currency_in_use_today_is_taken(currency):
    with pytest.raises(Invalid) as refused:
        amounts.read("5", currency)
    assert refused.value.field == "currency"


@pytest.mark.parametrize(
    ("others", "mark"),
    [
        ([("980,50", "EUR")], COMMA),
        ([("980.50", "EUR"), ("5", "EUR"), ("125.000", "EUR")], POINT),
        ([("1.234.567", "EUR")], COMMA),
        ([("125'000,00", "CHF")], COMMA),
        ([("980,50", "EUR"), ("980.50", "EUR")], None),
        ([("125.000", "EUR"), ("ten", "EUR"), ("5,5", "???")], None),
    ],
)
def test_other_amounts_of_a_source_settle_its_decimal_mark(others, mark):
    assert amounts.settled_mark(others) == mark


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [
        ("59.970000000000006", "GBP", "59.97"),
        ("0.30000000000000004", "GBP", "0.30"),
        ("1000.5", "GBP", "1000.50"),
        ("1E+3", "GBP", "1000.00"),
        ("12345678901234.567", "KWD", "12345678901234.567"),
    ],
)
def test_a_number_of_a_program_is_taken_without_the_noise_of_binary_fractions(
    value, currency, amount
):
    assert str(amounts.number(Decimal(value), currency).amount) == amount


@pytest.mark.parametrize("value", ["59.975", "0.333333333333333", "0.3333333333333333", "NaN"])
def test_a_number_with_real_decimals_too_many_is_refused(value):
    with pytest.raises(Invalid):
        amounts.number(Decimal(value), "GBP")


@given(st.integers(0, 10**12), st.sampled_from(["GBP", "JOD", "JPY"]), st.sampled_from(" .,'"))
def test_an_amount_written_in_full_is_read_as_it_was_meant(minor, currency, separator):
    meant = amounts.Money(minor, currency)
    point = "," if separator == "." else "."
    whole, _, fraction = f"{meant.amount:,}".partition(".")
    written = point.join(filter(None, (whole.replace(",", separator), fraction)))
    mark = COMMA if point == "," else POINT
    assert amounts.read(written, currency, mark) == meant
    try:
        assert amounts.read(written, currency) == meant
    except Ambiguous:
        assert not fraction or separator not in written


@pytest.mark.parametrize(
    "written", ["\u200e12.50", "12.50\u200f", "\ufeff12.50", "\u202b12.50\u202c", "\u00a012.50\t"]
)
def test_what_is_pasted_along_unseen_does_not_count(written):
    assert amounts.read(written, "EUR") == Money(1250, "EUR")
    assert amounts.settled_mark([(written, "EUR")]) is DecimalMark.POINT


@pytest.mark.parametrize("value", [Decimal("1E+999999"), 10**30, Decimal("-1E+40"), True])
def test_a_number_that_is_absurd_is_refused_in_words(value):
    with pytest.raises(Invalid):
        amounts.number(value, "EUR")


def test_a_refusal_does_not_repeat_an_endless_text():
    with pytest.raises(Invalid) as refused:
        amounts.read("1" * 5000, "EUR")
    assert len(refused.value.message) < 200
