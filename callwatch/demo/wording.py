"""Invented texts of a realistic length for grown records; what they say is nobody's call."""

from __future__ import annotations

from math import log
from random import Random

# 629 open topics of August 2026: median 4,648 characters of description, a tenth below 1,070, a tenth above 8,440.
_MEDIAN, _SPREAD, _SHORTEST, _LONGEST = 4_650, 0.48, 600, 14_000

_WHO = (
    "regional authorities",
    "small and medium-sized enterprises",
    "universities of applied sciences",
    "clusters",
    "hospitals",
    "municipalities",
    "forest owners",
    "operators of critical infrastructure",
    "museums and archives",
    "manufacturers",
    "shipyards",
    "farmers and their advisers",
    "energy communities",
    "testing facilities",
)
_DOES = (
    "demonstrate",
    "validate in real conditions",
    "compare across borders",
    "bring closer to the market",
    "make available as open tools",
    "document",
    "scale up",
    "assess together with users",
    "train staff for",
)
_WHAT = (
    "fossil-free processes for steel and other base metals",
    "digital twins of production lines",
    "recycling of batteries and rare materials",
    "timber construction with a low carbon footprint",
    "sensor networks for cold and remote places",
    "telemedicine for sparsely populated regions",
    "circular business models in textiles",
    "secure data spaces for mobility",
    "smart grids with much wind power",
    "plant-based proteins and short food chains",
    "earth observation services",
    "cultural heritage in 3D",
    "hydrogen storage and transport",
    "robots that work beside people",
    "sustainable tourism in small towns",
    "quantum sensors outside the laboratory",
    "supply chains for defence components",
    "retail logistics",
)
_WHY = (
    "so that results can be used after the project ends",
    "with measurable targets agreed at the start",
    "taking account of the needs of women and men alike",
    "in at least three member states",
    "building on earlier projects instead of repeating them",
    "with a clear plan for who pays afterwards",
    "while keeping the cost for users low",
    "in close contact with regional strategies",
)
_FORMS = (
    "Proposals should {does} {what}, {why}.",
    "Together with {who}, projects are expected to {does} {what}.",
    "It matters that {who} can {does} {what}, {why}.",
    "Activities may include work with {who} on {what}.",
    "The partners explain how they {does} {what} and how {who} take part, {why}.",
)
_RULES = (
    "Part {n} of the application is limited to {pages} pages.",
    "At least {n} independent legal entities from different eligible countries take part.",
    "Costs are reimbursed at a rate of {pages} per cent, as laid down in the model grant agreement.",
    "Applicants show financial and operational capacity as described in annex {n}.",
    "Proposals are scored against {n} award criteria; the threshold for each is {pages} points.",
    "The indicative time to the evaluation result is {n} months from the final date.",
)


def sentence(chance: Random) -> str:
    """One sentence; about 130 characters."""
    return chance.choice(_FORMS).format(
        who=chance.choice(_WHO), does=chance.choice(_DOES), what=chance.choice(_WHAT), why=chance.choice(_WHY)
    )


def focus(chance: Random) -> str:
    """A few words that tell one grown title from another."""
    return f"{chance.choice(_WHAT)} for {chance.choice(_WHO)}"


def _average(source: list[str]) -> float:
    """Characters that a sentence takes in a paragraph: itself, a blank and a third of the mark-up."""
    sample = source[:200]
    return sum(map(len, sample)) / len(sample) + 3


class Phrases:
    """Sentences and rules made once: composing 12,000 records from them takes seconds, not minutes."""

    def __init__(self, chance: Random) -> None:
        self._sentences = [sentence(chance) for _ in range(2_000)]
        self._rules = [
            chance.choice(_RULES).format(n=chance.randint(2, 9), pages=chance.randint(30, 100)) for _ in range(400)
        ]

    def description(self, chance: Random, start: str = "") -> str:
        """A description in the portal's form, after `start`, about 4,650 characters in the median."""
        wanted = min(max(chance.lognormvariate(log(_MEDIAN), _SPREAD), _SHORTEST), _LONGEST)
        size = round(wanted) - len(start)
        outcome = self._paragraphs(chance, self._sentences, size // 3)
        scope = self._paragraphs(chance, self._sentences, size - len(outcome))
        return (
            f'{start}<p class="topicdescriptionkind">Expected Outcome:</p>{outcome}'
            f'<p class="topicdescriptionkind">Scope:</p>{scope}'
        )

    def conditions(self, chance: Random) -> str:
        """3 to 8 KB of conditions, with the mark-up error the portal's begin with."""
        return f'<div class="eui-u-mt-l>"><h4>General conditions</h4>{self._rules_of(chance, 3_000, 8_000)}</div>'

    def support(self, chance: Random) -> str:
        """About 1 KB that is much the same everywhere."""
        return self._rules_of(chance, 600, 1_200)

    def destination(self, chance: Random) -> str:
        """1 to 2 KB about the part of the work programme."""
        return self._paragraphs(chance, self._sentences, chance.randint(800, 2_000))

    def _rules_of(self, chance: Random, least: int, most: int) -> str:
        return self._paragraphs(chance, self._rules, chance.randint(least, most))

    @staticmethod
    def _paragraphs(chance: Random, source: list[str], size: int) -> str:
        """Paragraphs of three sentences, about `size` characters."""
        chosen = chance.choices(source, k=max(1, round(size / _average(source))))
        return "".join(f"<p>{' '.join(chosen[i : i + 3])}</p>" for i in range(0, len(chosen), 3))
