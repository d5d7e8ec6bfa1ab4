"""Which of a text's amounts is the budget of the call, and which the most one project can get. Pure.

Money of a programme, money already given, costs, and shares of another amount are neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from pipeline.extract.facts import Money
from pipeline.extract.money_roles import BUDGET, EACH, QUIET, Judged, judge
from pipeline.extract.sentences import Sentence

_LARGEST_PROJECT = Decimal(10) ** 9
_FOR = re.compile(r"\s(?:för|for|für|pour|para|per|pentru|till|til)\s", re.I)
_ALSO = re.compile(
    r"^[^,.;]{1,40}\s(?:och|and|und|et|y|e|și|og|sekä)(?:\s(?:cirka|about|rund|ca\.?|environ|unos|circa|noin|omkring))?\s?$",
    re.I,
)


class Moneys(msgspec.Struct, frozen=True):
    """Budget of the call, and the ceiling of a project, each with the words it rests on."""

    budget: Money | None
    project_max: Money | None
    quotes: tuple[str, str]


def read(sentences: Sequence[Sentence], language: str, *, announces: bool) -> Moneys:
    """The money of the call among all amounts of the text.

    `announces`: the text names a deadline or an opening. Then an amount about which nothing else is said is the
    call's, if it is the only such one.
    """
    judged = [one for sentence in sentences for one in judge(sentence, language)]
    default = _only_currency(judged)
    best = _best(judged, announces)
    budget = _money(best, default, _sum(judged, best)) if best else None
    each = [one for one in judged if one.role == EACH and not _twice(one, best)]
    each = [one for one in each if one.amount.amount < _LARGEST_PROJECT]
    most = max(each, key=lambda one: one.amount.amount, default=None)
    project = _money(most, default) if most else None
    if budget and project and project.currency == budget.currency and project.amount > budget.amount:
        project = None
    return Moneys(budget, project, (_quote(best) if budget else "", _quote(most) if project else ""))


def _best(judged: Sequence[Judged], announces: bool) -> Judged | None:
    """The amount most clearly named the call's; else, in an announcement, the one quiet amount."""
    named = [one for one in judged if one.role == BUDGET]
    if named:
        return max(named, key=lambda one: one.score)
    quiet = [one for one in judged if one.role == QUIET] if announces else []
    quiet = [one for one in quiet if not one.sentence.line] or quiet
    return quiet[0] if len({one.amount.amount for one in quiet}) == 1 else None


def _sum(judged: list[Judged], best: Judged) -> Decimal:
    """The amount of `best`, and with it those that split a total ("7 million for A and 7 million for B")."""
    total, last = best.amount.amount, best
    for one in judged:
        text = best.sentence.text
        if (
            one.sentence is not best.sentence
            or one.amount.start <= last.amount.start
            or one.role != "budget"
            or one.score
        ):
            continue
        between = text[last.amount.end : one.amount.start]
        if _ALSO.match(between) and _FOR.search(between) and _FOR.match(text[one.amount.end :][:8]):
            total, last = total + one.amount.amount, one
    return total


def _twice(one: Judged, best: Judged | None) -> bool:
    return best is not None and one.amount.amount == best.amount.amount


def _only_currency(judged: list[Judged]) -> str:
    currencies = {one.amount.currency for one in judged if one.amount.currency}
    return currencies.pop() if len(currencies) == 1 else ""


def _money(one: Judged, default: str, amount: Decimal | None = None) -> Money | None:
    currency = one.amount.currency or default
    return Money(amount or one.amount.amount, currency) if currency else None


def _quote(one: Judged | None) -> str:
    return one.sentence.text.strip() if one else ""
