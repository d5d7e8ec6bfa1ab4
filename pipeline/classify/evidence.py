"""What the automaton found in one call: which terms, how often, and where."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from operator import itemgetter

from pipeline.classify.automaton import Automaton, Folded, Hit, fold, words_at
from pipeline.classify.conditions import Conditions, Places
from pipeline.models import Because

# The objective and the expected outcome open a text; its tail names partners, examples and conditions.
LEAD_BYTES = 1500
LEAD_FACTOR = 1.5
MAX_WORDS = 6
_START = itemgetter(1)


class Spelled(dict[Hit, str]):
    """The words of hits as they stand in the text, each cut out once: regions share many words."""

    def __init__(self, folded: Folded) -> None:
        super().__init__()
        self._folded = folded

    def __missing__(self, hit: Hit) -> str:
        word = self[hit] = words_at(self._folded, hit)
        return word


@dataclass(frozen=True, slots=True)
class Evidence:
    """Terms of one call by number.

    `title`: hits in the title; `rest`: how much a term stands in text and keywords, a hit in the lead counting
    `LEAD_FACTOR`; `first`: the first hit of each term.
    """

    title: dict[int, Hit]
    rest: dict[int, float]
    first: dict[int, Hit]
    text_end: int
    spelled: Spelled

    def because(self, rule: str, terms: Collection[int], *, in_title: bool) -> Because | None:
        """The words of `terms` as they stand, at most six, all from one place; None if there are none."""
        if not terms:
            return None
        found = self.title if in_title else self.first
        hits = [found[term] for term in terms]
        if len(hits) > 1:
            hits.sort(key=_START)
        where = "title" if in_title else "text"
        if not in_title and hits[-1][1] >= self.text_end:
            in_text = [hit for hit in hits if hit[1] < self.text_end]
            where = "text" if in_text else "keywords"
            hits = in_text or hits
        words = tuple(dict.fromkeys([self.spelled[hit] for hit in hits]))
        return Because(rule, words[:MAX_WORDS], where)


def gather(
    automaton: Automaton, conditions: Conditions, title: str, text: str, keywords: Iterable[str] = ()
) -> Evidence:
    """Look for all terms in a call's title, text and keywords at once."""
    # Two separators: a phrase, whose words are one space apart, never spans two fields.
    head, tail = f"{title}\n\n", " ;; ".join(keywords)
    folded = fold(f"{head}{text}\n\n{tail}")
    title_end = len(head.encode("utf-8", "replace"))
    text_end = len(folded.raw) - len(tail.encode("utf-8", "replace"))
    in_title: dict[int, Hit] = {}
    first: dict[int, Hit] = {}
    rest: dict[int, float] = {}
    lead_end = min(title_end + LEAD_BYTES, text_end)
    for hit in conditions.kept(automaton.find(folded), Places(title_end, lead_end)):
        term, start, _ = hit
        if start >= lead_end:
            if term in rest:
                rest[term] += 1.0
            else:
                first[term] = hit
                rest[term] = 1.0
        elif start < title_end:
            in_title[term] = hit
        elif term in rest:
            rest[term] += LEAD_FACTOR
        else:
            first[term] = hit
            rest[term] = LEAD_FACTOR
    return Evidence(in_title, rest, first, text_end, Spelled(folded))
