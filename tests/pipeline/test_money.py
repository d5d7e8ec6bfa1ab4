"""Amounts in every spelling seen, and the refusal to guess."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import money


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        (30000000, "30000000"),
        (0, "0"),
        (1.5e7, "15000000"),
        (12.5, "12.5"),
        ("30000000", "30000000"),
        ("30000000.00", "30000000"),
        ("1.7070699E8", "170706990"),
        ("422 000 000", "422000000"),
        ("422\u00a0000\u00a0000", "422000000"),
        ("4 000", "4000"),
        ("1,250,000", "1250000"),
        ("1.250.000", "1250000"),
        ("1'250'000", "1250000"),
        (Decimal("7.50"), "7.5"),
    ],
)
def test_amount(written: object, amount: str) -> None:
    read = money.amount(written)
    assert read == Decimal(amount)
    assert str(read) == amount


@pytest.mark.parametrize(
    "written",
    [
        *(
            "",
            "-5",
            "1,000",
            "1.000",
            "12,5",
            "1,250.000",
            "abc",
            "5 million",
            "NaN",
            "Infinity",
            "9" * 30,
            "1E99",
        ),
        *(
            None,
            True,
            False,
            -1,
            10**16,
            float("nan"),
            float("inf"),
            1e300,
            -0.5,
            [],
            {},
            "9" * 30,
            "1" * 5000,
            "٣٠",
        ),
        *(Decimal("NaN"), Decimal("sNaN"), Decimal("1E+99999")),
    ],
)
def test_what_can_be_read_in_two_ways_or_none_is_not_read(written: object) -> None:
    assert money.amount(written) is None


@pytest.mark.parametrize(("written", "code"), [("EUR", "EUR"), (" sek ", "SEK"), ("€", "EUR"), ("Euro", "EUR")])
def test_currency(written: str, code: str) -> None:
    assert money.currency(written) == code


@pytest.mark.parametrize("written", ["", "XXX", "EURR", "$", "kronor"])
def test_unknown_currency(written: str) -> None:
    assert money.currency(written) is None


@given(st.text() | st.floats() | st.integers() | st.decimals() | st.binary() | st.none())
def test_never_raises(value: object) -> None:
    read = money.amount(value)
    assert read is None or (read.is_finite() and 0 <= read <= 10**15)


@given(st.integers(min_value=1000, max_value=10**12))
def test_round_trip(number: int) -> None:
    grouped = f"{number:,}"
    assert money.amount(number) == money.amount(str(number)) == money.amount(float(number)) == number
    assert money.amount(grouped.replace(",", " ")) == number
    if grouped.count(",") > 1:
        assert money.amount(grouped) == number


@given(st.text())
def test_currency_never_raises(value: str) -> None:
    assert money.currency(value) in {None, *money.CURRENCIES}
