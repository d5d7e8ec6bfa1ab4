"""The shipped sample of the stand-in portal: about a hundred hand-written calls in the portal's raw shape.

Identifiers, programmes, dates and amounts of the topics are real; every text is ours. The dates lie around any day
one asks for (see facts). `records` is what the portal's index would hold, dirt included; `truth` is what a
correct reading of it must find, taken from the same files but never through the raw shape.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from callwatch.demo.sample import dirt, kinds, places, topics
from callwatch.demo.sample.expected import cascade_truth, external_truth, topic_truth
from callwatch.demo.sample.facts import load

__all__ = ["records", "truth"]


def records(today: date) -> list[dict[str, Any]]:
    """Every row of the index as an element of the portal's `results`, with dates around `today`.

    Calls, their Swedish and untranslated copies, news rows, frozen copies, stubs; each a new dict of plain JSON
    values. Two days of one week give the same dates; the next week gives all dates seven days later.
    """
    sample = load()
    items: list[dict[str, Any]] = []
    for topic in places.topics(sample, today):
        items.extend(topics.rows(topic))
    items.extend(kinds.cascade(placed) for placed in places.cascades(sample, today))
    items.extend(kinds.external(placed, today) for placed in places.external(sample, today))
    for ghost in sample.ghosts:
        items.extend(dirt.ghosts(ghost, sample.actions[ghost.action], sample.programmes[ghost.programme]))
    items.extend(dirt.stub(facts) for facts in sample.stubs)
    return items


def truth(today: date) -> list[dict[str, Any]]:
    """For each call of the sample the facts a test can compare with; keys as in expected."""
    sample = load()
    return [
        *(topic_truth(topic, today) for topic in places.topics(sample, today)),
        *(cascade_truth(placed, today) for placed in places.cascades(sample, today)),
        *(external_truth(placed, today) for placed in places.external(sample, today)),
    ]
