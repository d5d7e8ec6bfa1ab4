"""What each amount of a sentence is: money of the call, of one project, of a programme, or none of these. Pure.

The words between an amount and its neighbours decide; an amount about which they say nothing is "quiet".
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise

import msgspec

from pipeline.extract import amounts
from pipeline.extract.amounts import Amount
from pipeline.extract.cues import Cue, Cues
from pipeline.extract.money_words import MONEY_WORDS
from pipeline.extract.sentences import Sentence

BUDGET, EACH, PROGRAMME, QUIET = "budget", "each", "programme", "quiet"

CUES = Cues(MONEY_WORDS)
_YEARS = re.compile(
    r"\b(?:2007|2014|2021|2028)\s?(?:[-–—/]|à|to|till|al|bis|a|until|până în)\s?(?:2013|2020|2027|2034|13"
    r"|20|27|34)(?!\d)"
    r"|\b(?:jusqu'en|until|hasta|bis|fino al|till|vuoteen) 20(?:20|27|34)\b"
)
"""Programme periods of the Union; other years may be those of a call."""

_POST, _POST_COST = 28, 10
_HUGE = Decimal(10) ** 9
"""In any currency: such a sum is a programme's unless the call is named beside it."""

_LEAST_QUIET = Decimal(500_000)
_NAMED, _NEAR_BY, _CALL = 4, 2, 1
_PERCENT = re.compile(
    r"(?:%|percent|procent|prosent\w*|prosenttia|Prozent|por ciento|per cento|la sută)\D{0,30}$", re.I
)
_MINIMUM = re.compile("m[ií]n", re.I)
_SAYING = frozenset({BUDGET, EACH, "upto", PROGRAMME, "call"})
_MAXIMUM = re.compile("max|m[áa]xim|massim|högst", re.I)


class Judged(msgspec.Struct, frozen=True):
    """An amount with its role ("" for none) and how strongly the words say so (0: as the one before)."""

    sentence: Sentence
    amount: Amount
    role: str
    score: int


def judge(sentence: Sentence, language: str) -> list[Judged]:
    """The amounts of one sentence."""
    found = amounts.find(sentence.text, language)
    return _judge(sentence, found) if found else []


def _judge(sentence: Sentence, found: list[Amount]) -> list[Judged]:
    cues = [
        cue
        for cue in CUES.find(sentence.text)
        if not any(a.start < cue.end - 1 and cue.start + 1 < a.end for a in found)
    ]
    judged: list[Judged] = []
    taken = 0
    for position, amount in enumerate(found):
        low = max(taken, found[position - 1].end if position else 0)
        high = found[position + 1].start if position + 1 < len(found) else len(sentence.text)
        before = [cue for cue in cues if low <= cue.start and cue.end <= amount.start + 1]
        after = [cue for cue in cues if amount.end <= cue.start and cue.end <= high]
        post = [
            cue
            for cue in after
            if cue.start - amount.end <= (_POST_COST if cue.role == "cost" else _POST)
            and _same_clause(sentence.text[amount.end : cue.start])
        ]
        previous = judged[-1] if judged else None
        role, score = _role(sentence, amount, before, after, post, previous)
        if post and position + 1 < len(found):
            taken = post[-1].end if post[-1].role == "each" else taken
        judged.append(Judged(sentence, amount, role, score))
    return judged


def _role(
    sentence: Sentence,
    amount: Amount,
    before: list[Cue],
    after: list[Cue],
    post: list[Cue],
    previous: Judged | None,
) -> tuple[str, int]:
    before = [cue for cue in before if not _elsewhere(sentence.text, cue, amount.start)]
    here = {cue.role for cue in (*before, *post)}
    labels = [cue.role for label in sentence.labels[:1] for cue in CUES.find(label)]
    if _is_other_money(sentence.text, here, before, after):
        return "", 0
    said = [cue for cue in before if cue.role in _SAYING]
    if not said and previous is not None and not any(cue.role in _SAYING for cue in post):
        return (previous.role, 0) if previous.role in (PROGRAMME, BUDGET) else ("", 0)
    nearest = next((cue.role for cue in reversed(said) if cue.role in (BUDGET, EACH, PROGRAMME)), "")
    if _is_each(said, post, labels, nearest):
        return _each(here, labels)
    if (not said and "cost" in labels) or _is_programme(sentence, before, after, nearest):
        return PROGRAMME, 0
    role, score = _budget(amount, before, after, post, labels, said)
    is_huge = score and amount.amount >= _HUGE and sentence.line and not _is_called(before, after, labels)
    return ("", 0) if is_huge else (role, score)


def _is_other_money(text: str, here: set[str], before: list[Cue], after: list[Cue]) -> bool:
    """Costs, shares, money given away, and what a project's own budget must be."""
    if any(cue.role == "part" for cue in before) and EACH not in here:
        return True
    if here & {"cost", "awarded"} or any(cue.role == "awarded" for cue in after):
        return True
    return _is_floor(text, before) or (EACH not in here and _is_ceiling(text, before))


def _is_each(said: list[Cue], post: list[Cue], labels: list[str], nearest: str) -> bool:
    if any(cue.role == EACH for cue in post):
        return True
    if any(cue.role == EACH for cue in said):
        return nearest != BUDGET or said[-1].role == "upto"
    return not said and EACH in labels


def _each(here: set[str], labels: list[str]) -> tuple[str, int]:
    least = "least" in here and "upto" not in here
    return ("", 0) if least or "cost" in labels else ("each", 0)


def _is_programme(sentence: Sentence, before: list[Cue], after: list[Cue], nearest: str) -> bool:
    named = {cue.role for cue in (*before, *after)}
    if "call" in named:
        return nearest == "programme" and "call" not in {cue.role for cue in before}
    return "programme" in named or bool(_YEARS.search(sentence.text))


def _budget(
    amount: Amount, before: list[Cue], after: list[Cue], post: list[Cue], labels: list[str], said: list[Cue]
) -> tuple[str, int]:
    roles = {cue.role for cue in before} | {cue.role for cue in post}
    called = _is_called(before, after, labels)
    if "budget" in roles or ("budget" in labels and not said):
        return "budget", _NAMED + (_CALL if called else 0)
    if "budget" in {cue.role for cue in after} and "upto" not in roles:
        return "budget", _NEAR_BY + (_CALL if called else 0)
    if "call" in roles and "has" in {cue.role for cue in before} and "upto" not in roles:
        return "budget", _NEAR_BY
    if "upto" in roles:
        return EACH, 0
    return ("", 0) if "least" in roles or amount.amount < _LEAST_QUIET else (QUIET, 1 + (_CALL if called else 0))


def _is_called(before: list[Cue], after: list[Cue], labels: list[str]) -> bool:
    return "call" in labels or any(cue.role == "call" for cue in (*before, *after))


def _is_ceiling(text: str, before: list[Cue]) -> bool:
    """ "Maximum total budget" is the most a project may have, of whosever money."""
    pairs = pairwise(before)
    return any(
        {one.role, two.role} == {"upto", "budget"}
        and two.start - one.end <= 2
        and bool(_MAXIMUM.match(text[(one if one.role == "upto" else two).start :]))
        for one, two in pairs
    )


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
