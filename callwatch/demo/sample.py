"""The shipped sample of the stand-in portal: about a hundred hand-written calls in the portal's raw shape.

Identifiers, programmes, dates and amounts of the topics are real; every text is ours. The dates lie around any day
one asks for (see sample_facts). `records` is what the portal's index would hold, dirt included; `truth` is what a
correct reading of it must find, taken from the same files but never through the raw shape.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from callwatch.demo import sample_dirt, sample_kinds, sample_places, sample_topics
from callwatch.demo.sample_facts import load
from callwatch.demo.sample_truth import cascade_truth, external_truth, topic_truth

__all__ = ["records", "truth"]


def records(today: date) -> list[dict[str, Any]]:
    """Every row of the index as an element of the portal's `results`, with dates around `today`.

    Calls, their Swedish and untranslated copies, news rows, frozen copies, stubs; each a new dict of plain JSON
    values. Two days of one week give the same dates; the next week gives all dates seven days later.
    """
    sample = load()
    items: list[dict[str, Any]] = []
    for topic in sample_places.topics(sample, today):
        items.extend(sample_topics.rows(topic))
    items.extend(sample_kinds.cascade(placed) for placed in sample_places.cascades(sample, today))
    items.extend(sample_kinds.external(placed, today) for placed in sample_places.external(sample, today))
    for ghost in sample.ghosts:
        items.extend(sample_dirt.ghosts(ghost, sample.actions[ghost.action], sample.programmes[ghost.programme]))
    items.extend(sample_dirt.stub(facts) for facts in sample.stubs)
    return items


def truth(today: date) -> list[dict[str, Any]]:
    """For each call of the sample the facts a test can compare with; keys as in sample_truth."""
    sample = load()
    return [
        *(topic_truth(topic, today) for topic in sample_places.topics(sample, today)),
        *(cascade_truth(placed, today) for placed in sample_places.cascades(sample, today)),
        *(external_truth(placed, today) for placed in sample_places.external(sample, today)),
    ]
