"""Runs the scans of all parts of a harvest side by side: answers in, questions out. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.harvest import Issue, PartReport
from spiders.base.asks import Answer, Ask, Limits, Outcome, Part
from spiders.base.scan import Scan


class _Running:
    """One part under way: its steps, the wave it waits for, and how many answers are due."""

    def __init__(self, part: Part, limits: Limits) -> None:
        self.part = part
        self.steps = Scan(part, limits).run()
        self.wave: list[Ask] = next(self.steps)
        self.answers: list[Answer | None] = [None] * len(self.wave)
        self.outcome: Outcome | None = None

    def take(self, ask: Ask, answer: Answer) -> list[Ask]:
        """Note an answer; once the wave is complete, the next one. What was not asked is ignored."""
        for i, asked in enumerate(self.wave):
            if asked is ask and self.answers[i] is None:
                self.answers[i] = answer
                break
        given = [a for a in self.answers if a is not None]
        if self.outcome or len(given) < len(self.wave):
            return []
        try:
            self.wave = self.steps.send(given)
        except StopIteration as end:
            self.wave, self.outcome = [], end.value
        self.answers = [None] * len(self.wave)
        return list(self.wave)

    def abandon(self, problem: str) -> None:
        """No more questions; what was seen until now is not proven."""
        if not self.outcome:
            self.steps.close()
            self.wave, self.answers = [], []
            self.outcome = Outcome(0, frozenset(), False, problem=problem)


class Plan:
    """The parts of a harvest, `abreast` of them at a time, in their order."""

    def __init__(self, parts: Sequence[Part], limits: Limits, *, abreast: int = 1) -> None:
        self._limits, self._abreast = limits, abreast
        self._waiting = list(parts)
        self._started: list[_Running] = []

    @property
    def done(self) -> bool:
        """True when nothing more will be asked."""
        return not self._waiting and all(r.outcome for r in self._started)

    def begin(self) -> list[Ask]:
        """The first questions."""
        return self._start_more()

    def answer(self, ask: Ask, answer: Answer) -> list[Ask]:
        """Take the answer to `ask`, and say what to ask next; [] while other answers are due."""
        asks = [
            following
            for running in self._started
            if running.part is ask.part
            for following in running.take(ask, answer)
        ]
        return asks + self._start_more()

    def abandon(self, part: Part, problem: str) -> list[Ask]:
        """Give `part` up; its late answers are ignored. Says what to ask next."""
        for running in self._started:
            if running.part is part:
                running.abandon(problem)
        return self._start_more()

    def stop(self, problem: str) -> None:
        """Give up everything that is not finished."""
        for running in self._started:
            running.abandon(problem)
        self._waiting.clear()

    def wants(self, part: Part) -> bool:
        """Whether `part` is under way, so that its documents count."""
        return any(r.part is part and not r.outcome for r in self._started)

    def reports(self) -> tuple[PartReport, ...]:
        """One report for each part that was begun; unfinished ones count as unproven."""
        return tuple(
            PartReport(r.part.name, o.expected - o.twice, len(o.keys), o.proven, r.part.role)
            for r in self._started
            for o in [r.outcome or Outcome(0, frozenset(), False)]
        )

    def issues(self) -> list[Issue]:
        """Why parts are not proven, and documents the index holds twice."""
        return [issue for r in self._started if r.outcome for issue in _issues(r.part, r.outcome)]

    def _start_more(self) -> list[Ask]:
        asks: list[Ask] = []
        while self._waiting and sum(not r.outcome for r in self._started) < self._abreast:
            running = _Running(self._waiting.pop(0), self._limits)
            self._started.append(running)
            asks += running.wave
        return asks


def _issues(part: Part, outcome: Outcome) -> list[Issue]:
    if outcome.twice:
        return [Issue("", part.name, f"{outcome.twice} documents stand twice in the portal's index")]
    if outcome.proven:
        return []
    missing = outcome.expected - len(outcome.keys)
    counted = f"{missing} of {outcome.expected} documents were not seen" if missing > 0 else "not proven complete"
    return [Issue("", part.name, f"{counted}: {outcome.problem}")]
