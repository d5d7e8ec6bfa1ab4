"""Which of a text's amounts is the budget of the call, and which the most one project can get. Pure.

The words between an amount and its neighbours decide. Money of a programme, money already given, costs, and shares of another
amount are neither.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

import msgspec

from pipeline.extract import amounts
from pipeline.extract.amounts import Amount
from pipeline.extract.cues import Cue, Cues
from pipeline.extract.facts import Money
from pipeline.extract.money_words import MONEY_WORDS
from pipeline.extract.sentences import Sentence

_CUES = Cues(MONEY_WORDS)
_YEARS = re.compile(
    r"\b(?:2007|2014|2021|2028)\s?(?:[-–—/]|à|to|till|al|bis|a|until|până în)\s?(?:2013|2020|2027|2034|13|20|27|34)(?!\d)"
    r"|\b(?:jusqu'en|until|hasta|bis|fino al|till|vuoteen) 20(?:20|27|34)\b"
)
"""Programme periods of the Union; other years may be those of a call."""

_POST = 28
_HUGE = Decimal(10) ** 9
"""In any currency: such a sum is a programme's unless the call is named beside it."""

_NAMED, _NEAR_BY, _CALL = 3, 2, 2
_CALLED = frozenset({_NAMED + _CALL, _NEAR_BY + _CALL})
_FOR = re.compile(r"\s(?:för|for|für|pour|para|per|pentru|till|til)\s", re.I)
_ALSO = re.compile(
    r"^[^,.;]{1,40}\s(?:och|and|und|et|y|e|și|og|sekä)(?:\s(?:cirka|about|rund|ca\.?|environ|unos|circa|noin|omkring))?\s?$",
    re.I,
)


_PERCENT = re.compile(
    r"(?:%|percent|procent|prosent\w*|prosenttia|Prozent|por ciento|per cento|la sută)\D{0,30}$", re.I
)
_MINIMUM = re.compile("m[ií]n", re.I)


class Moneys(msgspec.Struct, frozen=True):
    """Budget of the call, and the ceiling of a project, each with the words it rests on."""

    budget: Money | None
    project_max: Money | None
    quotes: tuple[str, str]


class _Judged(msgspec.Struct, frozen=True):
    sentence: Sentence
    amount: Amount
    role: str
    score: int


def read(sentences: Sequence[Sentence], language: str) -> Moneys:
    """The money of the call among all amounts of the text."""
    judged: list[_Judged] = []
    for sentence in sentences:
        found = amounts.find(sentence.text, language)
        if found:
            judged.extend(_judge(sentence, found))
    default = _only_currency(judged)
    calls = [one for one in judged if one.role == "budget" and (one.amount.amount < _HUGE or one.score in _CALLED)]
    best = max(calls, key=lambda one: one.score, default=None)
    budget = _money(best, default, _sum(judged, best)) if best else None
    each = [one for one in judged if one.role == "each" and not _twice(one, best)]
    each = [one for one in each if one.amount.amount < _HUGE]
    most = max(each, key=lambda one: one.amount.amount, default=None)
    project = _money(most, default) if most else None
    if budget and project and project.currency == budget.currency and project.amount > budget.amount:
        project = None
    return Moneys(budget, project, (_quote(best) if budget else "", _quote(most) if project else ""))


def _judge(sentence: Sentence, found: list[Amount]) -> list[_Judged]:
    cues = [
        cue
        for cue in _CUES.find(sentence.text)
        if not any(a.start < cue.end - 1 and cue.start + 1 < a.end for a in found)
    ]
    judged: list[_Judged] = []
    taken = 0
    for position, amount in enumerate(found):
        low = max(taken, found[position - 1].end if position else 0)
        high = found[position + 1].start if position + 1 < len(found) else len(sentence.text)
        before = [cue for cue in cues if low <= cue.start and cue.end <= amount.start + 1]
        after = [cue for cue in cues if amount.end <= cue.start and cue.end <= high]
        post = [
            cue
            for cue in after
            if cue.start - amount.end <= _POST and _same_clause(sentence.text[amount.end : cue.start])
        ]
        previous = judged[-1] if judged else None
        role, score = _role(sentence, amount.start, before, after, post, previous)
        if post and position + 1 < len(found):
            taken = post[-1].end if post[-1].role == "each" else taken
        judged.append(_Judged(sentence, amount, role, score))
    return judged


def _role(
    sentence: Sentence, start: int, before: list[Cue], after: list[Cue], post: list[Cue], previous: _Judged | None
) -> tuple[str, int]:
    before = [cue for cue in before if not _elsewhere(sentence.text, cue, start)]
    here = {cue.role for cue in (*before, *post)}
    labels = [cue.role for label in sentence.labels[:1] for cue in _CUES.find(label)]
    if "part" in here or "cost" in here:
        return "", 0
    if _is_floor(sentence.text, before):
        return "", 0
    if "awarded" in here or "awarded" in {cue.role for cue in after}:
        return "", 0
    if "each" in {cue.role for cue in post}:
        return _each(here, labels)
    said = [cue for cue in before if cue.role in ("budget", "each", "upto", "programme", "call")]
    if not said and not post and previous is not None:
        return (previous.role, 0) if previous.role in ("programme", "budget") else ("", 0)
    nearest = next((cue.role for cue in reversed(said) if cue.role in ("budget", "each", "programme")), "")
    if "each" in {cue.role for cue in said} and (nearest != "budget" or said[-1].role == "upto"):
        return _each(here, labels)
    if not said and ("each" in labels or "cost" in labels):
        return _each(here, labels) if "each" in labels else ("", 0)
    if _is_programme(sentence, before, after, nearest):
        return "programme", 0
    return _budget(before, after, post, labels, said)


def _each(here: set[str], labels: list[str]) -> tuple[str, int]:
    least = "least" in here and "upto" not in here
    return ("", 0) if least or "cost" in labels else ("each", 0)


def _is_programme(sentence: Sentence, before: list[Cue], after: list[Cue], nearest: str) -> bool:
    named = {cue.role for cue in (*before, *after)}
    if "call" in named:
        return nearest == "programme" and "call" not in {cue.role for cue in before}
    return "programme" in named or bool(_YEARS.search(sentence.text))


def _budget(
    before: list[Cue], after: list[Cue], post: list[Cue], labels: list[str], said: list[Cue]
) -> tuple[str, int]:
    roles = {cue.role for cue in before} | {cue.role for cue in post}
    called = "call" in roles | {cue.role for cue in after} | set(labels)
    if "budget" in roles or ("budget" in labels and not said):
        return "budget", _NAMED + (_CALL if called else 0)
    if "budget" in {cue.role for cue in after} and "upto" not in roles:
        return "budget", _NEAR_BY + (_CALL if called else 0)
    if "call" in roles and "has" in {cue.role for cue in before} and "upto" not in roles:
        return "budget", _NEAR_BY
    if "upto" in roles:
        return "each", 0
    return "", 0


def _elsewhere(text: str, cue: Cue, start: int) -> bool:
    """A word that does not speak of this amount: a share of the costs, a ceiling of something far off."""
    if cue.role == "cost":
        return "," in text[cue.end : start] or bool(_PERCENT.search(text[max(0, cue.start - 30) : cue.start]))
    return cue.role == "upto" and start - cue.end > _POST


def _is_floor(text: str, before: list[Cue]) -> bool:
    """ "Minimum budget" is the least a project must have."""
    least = any(cue.role == "least" and _MINIMUM.match(text[cue.start : cue.end]) for cue in before)
    return least and any(cue.role == "budget" for cue in before)


def _same_clause(between: str) -> bool:
    return not re.search(
        r"[;:]|, (?:and|och|og|und|et|e|y|iar|ja)\b|\b(?:and|och|og|und|et|ja|iar|e|y|și)\b", between
    )


def _sum(judged: list[_Judged], best: _Judged) -> Decimal:
    """The amount of `best`; with its equals when the sentence splits a total ("7 million for A and 7 million for B")."""
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


def _twice(one: _Judged, best: _Judged | None) -> bool:
    return best is not None and one.amount.amount == best.amount.amount


def _only_currency(judged: list[_Judged]) -> str:
    currencies = {one.amount.currency for one in judged if one.amount.currency}
    return currencies.pop() if len(currencies) == 1 else ""


def _money(one: _Judged, default: str, amount: Decimal | None = None) -> Money | None:
    currency = one.amount.currency or default
    return Money(amount or one.amount.amount, currency) if currency else None


def _quote(one: _Judged | None) -> str:
    return one.sentence.text.strip() if one else ""
