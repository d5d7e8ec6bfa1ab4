"""Decides what each day of a text is: a deadline, an opening, a window, or nothing to apply by. Pure.

The nearest word before a day decides; words like "by" and "until" say only that something ends, so what ends is
looked for around them. A day about which nothing is said is nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pipeline.extract import dates
from pipeline.extract.dates import Day
from pipeline.extract.role_names import AGAINST, CUES, DEADLINE, PUBLISHED, STRONG, Dated, speaks_for
from pipeline.extract.role_reader import Reader
from pipeline.extract.sentences import Sentence

_LIST = 6
"""Lines up and down that belong to the list of an item."""

_NOT_IN_SUCH_A_LIST = AGAINST - {PUBLISHED}
_DATELINE = 24
"""Characters beside a day in a line that is the page's date."""


def decide(sentences: Sequence[Sentence], *, month_first: bool = False) -> list[Dated]:
    """Every day of the text with its role, in the order of the text."""
    found: list[Dated] = []
    hint = False
    announces = any(speaks_for(CUES.find(sentence.text)) for sentence in sentences[:3])
    last: Sentence | None = None
    for sentence in sentences:
        if last is not None and sentence.block != last.block:
            hint = False
        cues = CUES.find(sentence.text)
        mentions = dates.find(sentence.text, month_first=month_first)
        if mentions:
            found.extend(Reader(sentence, mentions, cues, hint, announces).read())
        hint = any(cue.role in STRONG for cue in cues) or (hint and not cues)
        last = sentence
    return [_dateline(dated) for dated in _siblings(found)]


def soft(dated: Dated) -> bool:
    """True when no word such as "deadline" stands in the sentence, only "by" or "until"."""
    return not any(cue.role == DEADLINE for cue in CUES.find(dated.sentence.text))


def _siblings(found: list[Dated]) -> list[Dated]:
    """In a list of deadlines, an item about which nothing is said is one, too ("Standard projects: 3 May")."""
    by_line: dict[int, set[str]] = {}
    for dated in found:
        if dated.sentence.item:
            by_line.setdefault(dated.sentence.line, set()).add(dated.role)
    return [_as_its_list(dated, by_line) for dated in found]


def _as_its_list(dated: Dated, by_line: dict[int, set[str]]) -> Dated:
    if dated.role or not dated.sentence.item or not _is_listed(dated):
        return dated
    line = dated.sentence.line
    roles = {role for near in range(line - _LIST, line + _LIST + 1) for role in by_line.get(near, ())}
    if DEADLINE in roles and not roles & _NOT_IN_SUCH_A_LIST:
        return msgspec.structs.replace(dated, role=DEADLINE)
    return dated


def _dateline(dated: Dated) -> Dated:
    """A line that is a day and hardly anything else, under no label, is the date of the page."""
    sentence = dated.sentence
    rest = sentence.text[: dated.mention.start] + sentence.text[dated.mention.end :]
    if (
        dated.role
        or sentence.item
        or len(rest) > _DATELINE
        or (sentence.line > 3 and any(map(CUES.find, sentence.labels)))
    ):
        return dated
    return msgspec.structs.replace(dated, role=PUBLISHED)


def _is_listed(dated: Dated) -> bool:
    return isinstance(dated.mention, Day) and not any(
        cue.role in AGAINST for cue in CUES.find(dated.sentence.text)
    )
