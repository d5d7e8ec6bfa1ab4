"""What other profiles would change in the labels of calls: gained and lost, with the words. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from pipeline.models import Because, Call, Classification

Relabelled = tuple[Call, Classification, Classification]
"""A call, its labels before and after."""


class Change(msgspec.Struct, frozen=True):
    """One label of one call. `kind`: ecosystem, primary or region; `name`: its id (primary: the new one, or none).

    `before` and `after` are scores (ecosystem: 0 to 1, region: 0 to 3; 0 = not given). `because`: why it is given,
    or, if it is lost, why it was.
    """

    kind: str
    name: str
    call_id: str
    identifier: str
    title: str
    before: float
    after: float
    because: tuple[Because, ...] = ()

    @property
    def gained(self) -> bool:
        """Whether there is more of it than before."""
        return self.after > self.before


class Balance(msgspec.Struct, frozen=True):
    """An ecosystem, primary class or region: calls that have it before and after, gained it and lost it."""

    kind: str
    name: str
    before: int
    after: int
    gained: int
    lost: int


def changes(calls: Iterable[Relabelled]) -> list[Change]:
    """Every label that is given only before or only after, every primary that is another, every S3 score that
    moved."""
    return [change for each in calls for change in _of(*each)]


def balance(calls: Sequence[Relabelled], found: Iterable[Change]) -> list[Balance]:
    """What is gained and lost by ecosystem and region, in the order ecosystems, primary, regions; by name."""
    before = [held for _, labels, _ in calls for held in _held(labels)]
    after = [held for _, _, labels in calls for held in _held(labels)]
    moved = [(change.kind, change.name, change.gained) for change in found]
    names = sorted({(kind, name) for kind, name, _ in moved}, key=lambda key: (_ORDER[key[0]], key[1]))
    return [
        Balance(*key, before.count(key), after.count(key), moved.count((*key, True)), moved.count((*key, False)))
        for key in names
    ]


_ORDER = {"ecosystem": 0, "primary": 1, "region": 2}


def _held(labels: Classification) -> Iterator[tuple[str, str]]:
    yield from (("ecosystem", label.id) for label in labels.ecosystems)
    yield from (("primary", label.id) for label in labels.ecosystems[:1])
    yield from (("region", label.region) for label in labels.s3 if label.score)


def _of(call: Call, before: Classification, after: Classification) -> Iterator[Change]:
    old, new = ({label.id: label for label in labels.ecosystems} for labels in (before, after))
    for name in dict.fromkeys((*old, *new)):
        if (name in old) != (name in new):
            label = new[name] if name in new else old[name]
            scores = (0.0, label.score) if name in new else (label.score, 0.0)
            yield _change(call, "ecosystem", name, scores, label.because)
    yield from _primary(call, before, after)
    was, now = ({label.region: label for label in labels.s3} for labels in (before, after))
    for region in dict.fromkeys((*was, *now)):
        first, second = (labels[region].score if region in labels else 0 for labels in (was, now))
        if first != second:
            label_of = now if second > first else was
            yield _change(call, "region", region, (first, second), label_of[region].because)


def _primary(call: Call, before: Classification, after: Classification) -> Iterator[Change]:
    old, new = (next(iter(labels.ecosystems), None) for labels in (before, after))
    if (old and old.id) != (new and new.id):
        if old:
            yield _change(call, "primary", old.id, (old.score, 0.0), old.because)
        if new:
            yield _change(call, "primary", new.id, (0.0, new.score), new.because)


def _change(call: Call, kind: str, name: str, scores: tuple[float, float], because: tuple[Because, ...]) -> Change:
    return Change(kind, name, call.id, call.identifier or call.reference, call.title, *scores, because)
