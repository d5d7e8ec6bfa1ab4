"""Digests of 50 calls as mails and as posts of Slack."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import msgspec

from alerts.links import Links
from alerts.message import Message, decode, encode
from alerts.slack_blocks import SlackPart, slack
from tests.bench import mails
from tests.bench.figure import Figure
from tests.bench.measure import Step, always, figure, in_turns


def rendering(number: int) -> list[Figure]:
    """Both."""
    return [*mails.as_mails(number), *as_posts(number)]


def as_posts(number: int) -> Iterator[Figure]:
    """Digests of the same 400 calls, and of calls that nobody else gets."""
    shared = [mails.fifty(n, step=7) for n in range(mails.FEW)]
    ready = [part for message in shared for part in parts(message)]
    told = [encode(message) for message in shared]
    least = always(lambda: [encoded(part) for part in ready])
    what = "the same blocks, ready made, as JSON by the standard library"
    turns = in_turns(always(lambda: post_all(told)), least, number)
    name = f"{mails.FEW} digests of 50 of 400 calls as Slack posts"
    yield figure("slack shared", name, turns, what, count=mails.FEW)
    turns = in_turns(strangers, least, number)
    name = f"{mails.FEW} digests of calls nobody else gets, as Slack posts"
    yield figure("slack alone", name, turns, what, count=mails.FEW)


def strangers(number: int) -> Step:
    """Digests of calls that were never shown before."""
    first = mails.POOL + number * mails.FEW * mails.CALLS
    messages = [encode(mails.fifty(first + i * mails.CALLS)) for i in range(mails.FEW)]
    return lambda: post_all(messages)


def post_all(messages: Sequence[bytes]) -> None:
    """Each from the outbox to a channel of its own, whole."""
    for number, message in enumerate(map(decode, messages)):
        name = f"reader-{number}"
        own = msgspec.structs.replace(message, contact=name, contact_key=name, subscription=f"s-{number}")
        found = parts(own)
        shown = {call for part in found for call in part.call_ids}
        if len(shown) != mails.CALLS or not all(map(encoded, found)):
            raise RuntimeError(f"{len(shown)} calls in posts: this would measure something else")


def parts(message: Message) -> Sequence[SlackPart]:
    return slack(message, mails.AT, Links("https://callwatch.example", "t" * 80, "t" * 80, "t" * 80, ""))


def encoded(part: SlackPart) -> bytes:
    return json.dumps({"text": part.text, "blocks": part.blocks}).encode()
