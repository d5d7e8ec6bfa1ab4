"""Reads one sentence: what the words around each of its days say about it. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pipeline.extract.cues import Cue
from pipeline.extract.dates import Day, Window
from pipeline.extract.role_names import (
    AGAINST,
    CONTEXT,
    CUES,
    DEADLINE,
    EXTENDED,
    FOR,
    LONGER,
    NOT_A_CALL,
    OPENING,
    PAST,
    WINDOW,
    Dated,
    against,
    speaks_for,
)
from pipeline.extract.sentences import Sentence

_NEAR, _FAR, _LABELLED, _REACH = 25, 70, 30, 150
"""Characters between a word and its day."""

_STAGE_REACH = 14
_SHORT = 40
_LONG = 13
"""Days: a window without any word is taken for one of a call from here on."""


class Reader:
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
        self.opened = False
        self.sentence = sentence
        self.mentions = mentions
        self.cues = [
            cue for cue in cues if not any(cue.start < day.end and day.start < cue.end for day in mentions)
        ]
        self.hint = hint or any(cue.role in FOR for label in sentence.labels[:2] for cue in CUES.find(label))
        self.day_first = not any(cue.end <= mentions[0].start and cue.role not in CONTEXT for cue in self.cues)

    def read(self) -> list[Dated]:
        found: list[Dated] = []
        for position, mention in enumerate(self.mentions):
            low = self.mentions[position - 1].end if position else 0
            after = (
                self.mentions[position + 1].start if position + 1 < len(self.mentions) else len(self.sentence.text)
            )
            role = self._role(mention, low, after, found[-1] if found else None)
            self.opened = self.opened or role in (OPENING, WINDOW)
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
        said = [cue for cue in before if cue.role not in CONTEXT]
        if not said:
            return ""
        nearest = said[-1]
        if day.start - nearest.end > _REACH:
            return ""
        if nearest.role == "until":
            return self._until(day, before, after)
        if nearest.role == "stage":
            if day.start - nearest.end <= _STAGE_REACH:
                return DEADLINE
            return self._until(day, before, after) if any(cue.role == "until" for cue in said) else ""
        return self._named(nearest, before[: before.index(nearest)])

    def _named(self, nearest: Cue, before: list[Cue]) -> str:
        """The role of the nearest word, unless what opens or closes is no call."""
        opposed = against(before, NOT_A_CALL.get(nearest.role, frozenset()))
        if opposed and not (opposed == "programme" and speaks_for(before)):
            return opposed
        return nearest.role

    def _until(self, day: Day, before: list[Cue], after: list[Cue]) -> str:
        if opposed := against(before, AGAINST):
            return opposed
        if any(cue.role in FOR for cue in (*before, *after)):
            return DEADLINE
        if after and after[0].role in AGAINST:
            return after[0].role
        labelled = self._labels() if day.start <= _LABELLED else ""
        if labelled:
            return DEADLINE if labelled in (DEADLINE, "until", "stage", "open") else labelled
        return DEADLINE if self.opened or (self.hint and len(self.sentence.text) <= _SHORT) else ""

    def _after(self, day: Day, before: list[Cue], after: list[Cue]) -> str:
        said = [cue for cue in after if cue.role not in CONTEXT]
        if not said:
            return ""
        first = said[0]
        if first.role == "until":
            if first.start - day.end > _NEAR or not (self.hint or speaks_for(before) or speaks_for(after)):
                return ""
            return DEADLINE
        if not self.day_first and first.start - day.end > _NEAR:
            return ""
        return first.role if first.start - day.end <= _FAR else ""

    def _window(self, window: Window, before: list[Cue], after: list[Cue]) -> str:
        if before and before[-1].role == DEADLINE and self._word(before[-1]).startswith(LONGER):
            return EXTENDED
        if opposed := against(before, AGAINST):
            return opposed
        if speaks_for(before) or any(cue.role == "until" for cue in before):
            return WINDOW
        role = next((cue.role for cue in after if cue.role in AGAINST or cue.role in FOR), "")
        if role:
            return WINDOW if role in FOR else role
        labelled = self._labels()
        if labelled in AGAINST:
            return labelled
        return WINDOW if (labelled or self.hint or self.announces) and _days(window) >= _LONG else ""

    def _label(self, day: Day) -> str:
        if day.start > _LABELLED or any(cue.role not in CONTEXT for cue in self.cues):
            return ""
        role = self._labels()
        return DEADLINE if role in ("until", "stage") else role

    def _labels(self) -> str:
        for label in self.sentence.labels:
            said = [cue.role for cue in CUES.find(label) if cue.role != "projects"]
            opposed = next((role for role in said if role in AGAINST), "")
            role = opposed or next((role for role in said if role not in CONTEXT), "")
            if role:
                return role
        return ""

    def _past(self, low: int, high: int) -> bool:
        words = self.sentence.text[low:high].lower()
        return any(word in words for word in PAST)

    def _word(self, cue: Cue) -> str:
        return self.sentence.text[cue.start : cue.end].lower()


def _days(window: Window) -> int:
    first, last = window.first, window.last
    year = first.year or 2023
    start, end = first.on(year), last.on(last.year or year)
    if not start or not end:
        return 0
    days = (end - start).days
    return days if days >= 0 else days + 365
