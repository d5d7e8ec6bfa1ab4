"""What readers could read in their mails and in Slack, as the servers noted it."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from tests.delivery.processes import lines
from tests.faults.changing import EARLIER, LATER, NEW, Told, reference

_WHAT = "|".join(what.replace(" ", r"\s+") for what in (NEW, LATER, EARLIER))
_SAID = re.compile(rf"({_WHAT})\*?\s+·\s.*?TRIAL-\s*(\d+)", re.IGNORECASE | re.DOTALL)
"""A change, and the first call that is named behind it: on a card its page, on a line its identifier."""
Post = tuple[str, int]
"""Id of a message, and number of the post."""


class Came(NamedTuple):
    """One thing that was said to one destination, in which post, and when (Unix seconds)."""

    told: Told
    post: Post
    at: float


def came(folder: Path) -> list[Came]:
    """Everything that was said of a change, as often as it arrived."""
    return [*_mails(folder / "mails.jsonl"), *_posts(folder / "posts.jsonl")]


def _mails(log: Path) -> Iterator[Came]:
    for mail in lines(log):
        number = mail["id"].removeprefix("<").partition("@")[0]
        for told in _said(mail["to"], mail["text"]):
            yield Came(told, (number, 1), mail["at"])


def _posts(log: Path) -> Iterator[Came]:
    for post in lines(log):
        mark = post["metadata"]["event_payload"]
        for told in _said(post["channel"], json.dumps(post["blocks"], ensure_ascii=False)):
            yield Came(told, (mark["message_id"], mark["post"]), post["at"])


def _said(target: str, text: str) -> Iterator[Told]:
    for what, number in _SAID.findall(text):
        yield Told(target, reference(int(number)), " ".join(what.lower().split()))


class Difference(msgspec.Struct, kw_only=True):
    """`duplicates`: said in two posts, or twice in Slack, which can be asked. `ambiguous`: a mail that came again
    under its own Message-ID. `strange`: said, and never happened."""

    expected: int
    lost: int
    duplicates: int
    ambiguous: int
    strange: int
    examples: list[str] = []

    @property
    def is_exact(self) -> bool:
        """Whether all of it was said, and nothing twice that need not be."""
        return not (self.lost or self.duplicates or self.strange)


def difference(expected: set[Told], found: Iterable[Came]) -> Difference:
    """What had to come against what came."""
    times: dict[Told, Counter[Post]] = defaultdict(Counter)
    for one in found:
        times[one.told][one.post] += 1
    lost, strange = expected - times.keys(), times.keys() - expected
    again = {told: len(posts) - 1 for told, posts in times.items()}
    repeats = {told: sum(posts.values()) - len(posts) for told, posts in times.items()}
    by_mail = sum(n for told, n in repeats.items() if "@" in told.target)
    doubled = [told for told in times if again[told] or ("@" not in told.target and repeats[told])]
    return Difference(
        expected=len(expected),
        lost=len(lost),
        duplicates=sum(again.values()) + sum(repeats.values()) - by_mail,
        ambiguous=by_mail,
        strange=len(strange),
        examples=[f"{name} {told}" for name, all_of in _named(lost, strange, doubled) for told in all_of[:5]],
    )


def _named(*found: Iterable[Told]) -> Iterator[tuple[str, list[Told]]]:
    return zip(("lost", "strange", "doubled"), map(sorted, found), strict=True)
