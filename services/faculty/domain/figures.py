"""Means of answers, released so that they do not give every answer away.

| Five answers | Released | Because |
|---|---|---|
| 5 5 5 5 5 | 4.80 or more | 5.00 would say what everybody answered |
| 5 5 5 5 4 | 4.80 or more | must look the same, or the difference would say it |
| 5 5 5 4 4 | 4.60 | somebody may have answered as little as 3 |
| 1 1 1 1 1, and 1 1 1 1 2 | 1.20 or less | the same at the other end |
| 100 % five times in a test | 95.00 or more | each may have had as little as 75 |

A limit lies so far from the end of the scale that any one person may have answered a quarter of the
scale (one point of five) away from it. A mean of several questions is the mean of what is released
of each: it must not give back what a limit withholds.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from fractions import Fraction

from shared.events.faculty import Bound

#: The part of the scale that a limit leaves open of any one answer.
OPEN_PART = Fraction(1, 4)

_ROUNDING = {Bound.AT_LEAST: ROUND_FLOOR, Bound.AT_MOST: ROUND_CEILING}


@dataclass(frozen=True)
class Figure:
    """A mean, or the limit that is released in its place."""

    value: Fraction
    bound: Bound

    @property
    def rounded(self) -> Decimal:
        """To the hundredth: half to even, a limit away from its end of the scale."""
        exactly = Decimal(self.value.numerator) / self.value.denominator
        return exactly.quantize(Decimal("0.01"), _ROUNDING.get(self.bound, ROUND_HALF_EVEN))


def figure_of(answers: Sequence[int], lowest: int, highest: int) -> Figure:
    """The figure to release of these answers to one question, on a scale of whole numbers."""
    mean = Fraction(sum(answers), len(answers))
    margin = OPEN_PART * (highest - lowest) / len(answers)
    if mean >= highest - margin:
        return Figure(highest - margin, Bound.AT_LEAST)
    if mean <= lowest + margin:
        return Figure(lowest + margin, Bound.AT_MOST)
    return Figure(mean, Bound.EXACT)


def mean_of(figures: Sequence[Figure]) -> Figure:
    """The mean of what is released of each question; a limit where some of them are."""
    bounds = {figure.bound for figure in figures} - {Bound.EXACT}
    value = sum((figure.value for figure in figures), Fraction()) / len(figures)
    if len(bounds) > 1:
        return Figure(value, Bound.ABOUT)
    return Figure(value, bounds.pop() if bounds else Bound.EXACT)
