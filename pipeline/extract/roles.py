"""Decides what each day of a text is: a deadline, an opening, a window, or nothing to apply by. Pure.

The nearest word before a day decides; words like "by" and "until" say only that something ends, so what ends is looked for
around them. A day about which nothing is said is nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from pipeline.extract import dates
from pipeline.extract.cues import Cue, Cues
from pipeline.extract.date_words import DATE_WORDS
from pipeline.extract.dates import Day, Window
from pipeline.extract.sentences import Sentence

DEADLINE, OPENING, WINDOW, PUBLISHED = "deadline", "open", "window", "published"

_CUES = Cues(DATE_WORDS)
_AGAINST = frozenset({"event", "decision", "project", "projects", "published", "other", "former"})
_STRONG = frozenset({"deadline", "open", "stage"})
_FOR = frozenset({"submit", "deadline", "open", "stage", "isopen"})
_CONTEXT = frozenset({"submit", "isopen", "programme"})
"""Roles that say nothing about a day by themselves."""

_EXTENDED = (
    "extend",
    "förläng",
    "verläng",
    "prolong",
    "prorog",
    "ampli",
    "prelung",
    "forl",
    "pidenn",
    "moved",
    "postpon",
)
_NEAR, _FAR, _LABELLED = 25, 70, 30
_STAGE_REACH = 14
_LONG = 13
_DATELINE = 24


class Dated(msgspec.Struct, frozen=True):
    """A day or window, the sentence it stands in (offsets are the sentence's), and its role ("" when it has none).

    `low` and `high` bound the words that belong to it; `past`: the words speak of it as over.
    """

    sentence: Sentence
    mention: Day | Window
    role: str
    low: int
    high: int
    past: bool = False


def decide(sentences: Sequence[Sentence], *, month_first: bool = False) -> list[Dated]:
    """Every day of the text with its role, in the order of the text."""
    found: list[Dated] = []
    hint = False
    announces = any(_has_for(_CUES.find(sentence.text)) for sentence in sentences[:3])
    last: Sentence | None = None
    for sentence in sentences:
        if last is not None and sentence.block != last.block:
            hint = False
        cues = _CUES.find(sentence.text)
        mentions = dates.find(sentence.text, month_first=month_first)
        if mentions:
            found.extend(_Reader(sentence, mentions, cues, hint, announces).read())
        hint = any(cue.role in _STRONG for cue in cues) or (hint and not cues)
        last = sentence
    return [_dateline(dated) for dated in _siblings(found)]


def soft(dated: Dated) -> bool:
    """True when no word such as "deadline" stands in the sentence, only "by" or "until"."""
    return not any(cue.role == DEADLINE for cue in _CUES.find(dated.sentence.text))


class _Reader:
    """One sentence with its days and cues."""

    def __init__(
        self,
        sentence: Sentence,
        mentions: Sequence[Day | Window],
        cues: Iterable[Cue],
        hint: bool,
        announces: bool,
    ) -> None:
        self.announces = announces
        self.sentence = sentence
        self.mentions = mentions
        self.cues = [
            cue for cue in cues if not any(cue.start < day.end and day.start < cue.end for day in mentions)
        ]
        self.hint = hint or any(cue.role in _FOR for label in sentence.labels[:2] for cue in _CUES.find(label))
        self.day_first = not any(cue.end <= mentions[0].start and cue.role not in _CONTEXT for cue in self.cues)

    def read(self) -> list[Dated]:
        found: list[Dated] = []
        for position, mention in enumerate(self.mentions):
            low = self.mentions[position - 1].end if position else 0
            after = (
                self.mentions[position + 1].start if position + 1 < len(self.mentions) else len(self.sentence.text)
            )
            role = self._role(mention, low, after, found[-1] if found else None)
            found.append(Dated(self.sentence, mention, role, low, after, self._past(low, after)))
        return found

    def _role(self, mention: Day | Window, low: int, high: int, previous: Dated | None) -> str:
        before = [cue for cue in self.cues if low <= cue.start and cue.end <= mention.start]
        after = [cue for cue in self.cues if mention.end <= cue.start and cue.end <= high]
        if previous is not None and self.day_first and previous.role:
            before = [cue for cue in before if mention.start - cue.end <= _NEAR // 2]
        if isinstance(mention, Window):
            return self._window(mention, before, after)
        role = self._before(mention, before, after) or self._after(mention, before, after)
        if role or before:
            return role
        if (
            previous is not None
            and previous.role in (DEADLINE, WINDOW)
            and mention.start - previous.mention.end <= _FAR
        ):
            return DEADLINE
        return self._label(mention)

    def _before(self, day: Day, before: list[Cue], after: list[Cue]) -> str:
        said = [cue for cue in before if cue.role not in _CONTEXT]
        if not said:
            return ""
        nearest = said[-1]
        if nearest.role == "until":
            return self._until(day, before, after)
        if nearest.role == "stage":
            if day.start - nearest.end <= _STAGE_REACH:
                return DEADLINE
            return self._until(day, before, after) if any(cue.role == "until" for cue in said) else ""
        if nearest.role in (DEADLINE, OPENING) and (
            against := _against(before[: before.index(nearest)], {"event", "other", "former"})
        ):
            return against
        return nearest.role

    def _until(self, day: Day, before: list[Cue], after: list[Cue]) -> str:
        if against := _against(before, _AGAINST):
            return against
        if any(cue.role in _FOR for cue in (*before, *after)):
            return DEADLINE
        if after and after[0].role in _AGAINST:
            return after[0].role
        labelled = self._labels() if day.start <= _LABELLED else ""
        if labelled:
            return DEADLINE if labelled in (DEADLINE, "until", "stage", "open") else labelled
        return DEADLINE if self.hint else ""

    def _after(self, day: Day, before: list[Cue], after: list[Cue]) -> str:
        said = [cue for cue in after if cue.role not in _CONTEXT]
        if not said:
            return ""
        first = said[0]
        if first.role == "until":
            if first.start - day.end > _NEAR or not (self.hint or _has_for(before) or _has_for(after)):
                return ""
            return DEADLINE
        if not self.day_first and first.start - day.end > _NEAR:
            return ""
        return first.role if first.start - day.end <= _FAR else ""

    def _window(self, window: Window, before: list[Cue], after: list[Cue]) -> str:
        if before and before[-1].role == DEADLINE and self._word(before[-1]).startswith(_EXTENDED):
            return "extended"
        if against := _against(before, _AGAINST):
            return against
        if _has_for(before) or any(cue.role == "until" for cue in before):
            return WINDOW
        role = next((cue.role for cue in after if cue.role in _AGAINST or cue.role in _FOR), "")
        if role:
            return WINDOW if role in _FOR else role
        labelled = self._labels()
        if labelled in _AGAINST:
            return labelled
        return WINDOW if (labelled or self.hint or self.announces) and _days(window) >= _LONG else ""

    def _label(self, day: Day) -> str:
        if day.start > _LABELLED or any(cue.role not in _CONTEXT for cue in self.cues):
            return ""
        role = self._labels()
        return DEADLINE if role in ("until", "stage") else role

    def _labels(self) -> str:
        for label in self.sentence.labels:
            said = [cue.role for cue in _CUES.find(label) if cue.role != "projects"]
            against = next((role for role in said if role in _AGAINST), "")
            role = against or next((role for role in said if role not in _CONTEXT), "")
            if role:
                return role
        return ""

    def _past(self, low: int, high: int) -> bool:
        words = self.sentence.text[low:high].lower()
        return any(word in words for word in _PAST)

    def _word(self, cue: Cue) -> str:
        return self.sentence.text[cue.start : cue.end].lower()


_PAST = (
    *(
        "stängd",
        "stängt",
        "öppnade",
        "öppnat",
        "lanserade",
        " closed",
        " opened",
        "launched",
        "sulkeutui",
        "päättyi",
        "avattiin",
    ),
    *(
        "avautui",
        "alkoi",
        "åpnet",
        "åbnede",
        "stengt",
        "lukket",
        "öffnete",
        "startete",
        "geschlossen",
        "a ouvert",
        "lancé",
        "clos ",
        "clôturé",
    ),
    *(
        "abrió",
        "lanzó",
        "cerró",
        "cerrad",
        "ha aperto",
        "chius",
        "lanciat",
        "a fost",
        "închis",
        "lansat",
        "aujourd'hui",
        " today",
        "i dag",
        "idag",
    ),
)


def _against(cues: Sequence[Cue], roles: frozenset[str] | set[str]) -> str:
    """The last role of `roles` among `cues`, unless a word about applying comes after it."""
    for cue in reversed(cues):
        if cue.role in roles:
            return cue.role
        if cue.role in _FOR and cue.role != "isopen":
            return ""
    return ""


def _has_for(cues: Iterable[Cue]) -> bool:
    return any(cue.role in _FOR for cue in cues)


def _days(window: Window) -> int:
    first, last = window.first, window.last
    year = first.year or 2023
    start, end = first.on(year), last.on(last.year or year)
    if not start or not end:
        return 0
    days = (end - start).days
    return days if days >= 0 else days + 365


def _siblings(found: list[Dated]) -> list[Dated]:
    """In a list of deadlines, an item about which nothing is said is one, too ("Standard projects: 23 September")."""
    done = []
    for dated in found:
        near = [
            other.role
            for other in found
            if other is not dated and other.sentence.item and abs(other.sentence.line - dated.sentence.line) <= 6
        ]
        quiet = not dated.role and dated.sentence.item and dated.sentence.text.strip()[:4] and _is_listed(dated)
        if quiet and DEADLINE in near and not _AGAINST.difference({"published"}).intersection(near):
            dated = msgspec.structs.replace(dated, role=DEADLINE)
        done.append(dated)
    return done


def _dateline(dated: Dated) -> Dated:
    """A line that is a day and hardly anything else, under no label, is the date of the page."""
    sentence = dated.sentence
    rest = sentence.text[: dated.mention.start] + sentence.text[dated.mention.end :]
    if (
        dated.role
        or sentence.item
        or len(rest) > _DATELINE
        or (sentence.line > 3 and any(map(_CUES.find, sentence.labels)))
    ):
        return dated
    return msgspec.structs.replace(dated, role=PUBLISHED)


def _is_listed(dated: Dated) -> bool:
    return isinstance(dated.mention, Day) and not any(
        cue.role in _AGAINST for cue in _CUES.find(dated.sentence.text)
    )
