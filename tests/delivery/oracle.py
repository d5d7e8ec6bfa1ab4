"""What was planned against what was received: nothing is lost, and nothing comes twice but for a death between
sending and recording."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from pydantic import SecretStr

from alerts.channels import ChannelSettings, Envelope, open_channel
from alerts.message import decode
from pipeline.outbox import MessageState, OutboxMessage
from pipeline.store import Outbox, Store
from pipeline.store.outbox_rows import Outcome
from tests.delivery.processes import lines

Key = tuple[str, str, str, int]
"""Channel, target, id of the message, number of the post."""


class Figures(msgspec.Struct, kw_only=True):
    """`repeats` are posts that came more often than once, `outside` those of them that no lost attempt explains,
    `strange` what came without being planned, `unsent` what the outbox does not call sent."""

    planned: int = 0
    received: int = 0
    lost: int = 0
    mail_repeats: int = 0
    slack_repeats: int = 0
    outside: int = 0
    strange: int = 0
    unsent: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether all of it came, and nothing else."""
        return not (self.lost or self.slack_repeats or self.outside or self.strange or self.unsent)


def figures(store: Store, folder: Path) -> Figures:
    """Both sides counted, the outbox of `store` and the servers' logs in `folder`."""
    entries = Outbox(store).messages()
    came = received(folder)
    expected = Counter(planned(entries))
    lost_attempts = {e.message.id: _unknown(store, e) for e in entries if e.attempts > 1}
    found = Figures(planned=len(expected), received=sum(came.values()))
    found.lost = len(expected - came)
    found.strange = sum(n for key, n in came.items() if key not in expected)
    found.unsent = sum(entry.state is not MessageState.SENT for entry in entries)
    found.mail_repeats, found.slack_repeats, found.outside = _repeats(came, expected, lost_attempts)
    return found


def _repeats(
    came: Mapping[Key, int], expected: Mapping[Key, int], lost_attempts: Mapping[str, int]
) -> tuple[int, int, int]:
    """Of mail, of Slack, and of both those beyond the attempts whose end was never recorded."""
    more = {key: n - 1 for key, n in came.items() if key in expected and n > 1}
    mail = sum(n for key, n in more.items() if key[0] == "email")
    outside = sum(max(0, n - lost_attempts.get(key[2], 0)) for key, n in more.items())
    return mail, sum(more.values()) - mail, outside


def _unknown(store: Store, entry: OutboxMessage) -> int:
    attempts = Outbox(store).deliveries(entry.message.id)
    return sum(attempt.outcome is Outcome.UNKNOWN for attempt in attempts)


def received(folder: Path) -> Counter[Key]:
    """How often each post was taken by the servers."""
    came: Counter[Key] = Counter()
    for mail in lines(folder / "mails.jsonl"):
        message_id = mail["id"].removeprefix("<").partition("@")[0]
        came["email", mail["to"], message_id, 1] += 1
    for post in lines(folder / "posts.jsonl"):
        mark = post["metadata"]["event_payload"]
        came["slack", post["channel"], mark["message_id"], mark["post"]] += 1
    return came


def planned(entries: list[OutboxMessage]) -> Iterator[Key]:
    """Every post of every message, as the channels themselves divide them."""
    settings = ChannelSettings(
        smtp_url=SecretStr("smtp://127.0.0.1:1"),
        mail_from="callwatch <alerts@callwatch.example>",
        slack_token=SecretStr("xoxb-none"),
    )
    channels = {name: open_channel(name, settings) for name in ("email", "slack")}
    for entry in entries:
        message = entry.message
        envelope = Envelope(message_id=message.id, target=message.target, now=datetime.now(UTC))
        for post in channels[message.channel].posts(decode(message.payload), envelope):
            yield message.channel, message.target, message.id, post.number
