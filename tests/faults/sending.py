"""Messages in the outbox of a real database, sent by real processes to servers that fail as they are told."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

import msgspec

from alerts.message import encode
from pipeline.outbox import MessageState, NewMessage, OutboxMessage, SubscriptionState
from pipeline.store import Outbox
from pipeline.store.outbox_rows import Outcome
from tests.alerts.samples import message
from tests.alerts.slack_server import SlackServer
from tests.delivery import world
from tests.delivery.processes import TOKEN, Forks, Played
from tests.delivery.smtp_server import MailServer
from tests.harvest.commands import Callwatch, Done

OPS = "ops@callwatch.example"


class Sending:
    """`put` writes messages, `deliver` sends what is due at a time that is played."""

    def __init__(self, forks: Forks, folder: Path, url: str, mails: MailServer, slack: SlackServer) -> None:
        self.mails, self.slack = mails, slack
        book = world.subscribers(1, 1)
        book["contacts"]["ops"]["vouched"] = True
        env = {
            "CALLWATCH_CONFIG": str(world.configure(folder / "config", book)),
            "CALLWATCH_SMTP_URL": mails.url,
            "CALLWATCH_SLACK_BASE_URL": slack.url,
            "CALLWATCH_SLACK_TOKEN": TOKEN,
            "CALLWATCH_MAIL_FROM": "callwatch <alerts@callwatch.example>",
        }
        self.play = Played(Callwatch(forks, folder, url, env))
        self.ids: list[str] = []
        self._numbers = count()

    def put(self, *targets: str) -> None:
        """A message of one call to each of them, due now, in this order."""
        body = encode(msgspec.structs.replace(message(), at=self.play.now))
        new = [self._message(target, body) for target in targets]
        self.ids += [each.id for each in new]
        with self.play.callwatch.store() as store:
            Outbox(store).commit_plan("faults", new, SubscriptionState(self.play.now, self.play.now))

    def _message(self, target: str, body: bytes) -> NewMessage:
        number = next(self._numbers)
        return NewMessage(
            id=f"00000000-0000-5000-8000-{number:012}",
            contact=f"c{number}",
            subscription="faults",
            channel="email" if "@" in target else "slack",
            target=target,
            kind="alert",
            payload=body,
            created_at=self.play.now,
            not_before=self.play.now,
        )

    def deliver(self, tamper: Mapping[str, Any] | None = None, **later: float) -> Done:
        """One `callwatch deliver`, so many `minutes` later."""
        if later:
            self.play.later(**later)
        return self.play.start("deliver", tamper).wait()

    def at_once(self) -> float:
        """One delivery, with no time in between, and nothing waits any more; the seconds it took."""
        begun = time.monotonic()
        assert self.deliver().code == 0
        assert not self.waiting
        return time.monotonic() - begun

    def until_rest(self, minutes: float = 2.0) -> float:
        """As often as anything waits; the seconds it took."""
        begun = time.monotonic()
        for _ in range(30):
            assert self.deliver().code in (0, 3)
            if not self.waiting:
                return time.monotonic() - begun
            self.play.later(minutes)
        raise AssertionError("the outbox does not come to rest")

    @property
    def waiting(self) -> int:
        """Messages that have not come to their end."""
        with self.play.callwatch.store() as store:
            counts = Outbox(store).counts()
        return counts["pending"] + counts["leased"]

    @property
    def entries(self) -> list[OutboxMessage]:
        """Our own messages: operators hear of troubles, too."""
        with self.play.callwatch.store() as store:
            return [entry for entry in Outbox(store).messages() if entry.message.id in self.ids]

    @property
    def states(self) -> Counter[str]:
        """How many of ours are in which state."""
        return Counter(entry.state.value for entry in self.entries)

    def unknown(self) -> list[str]:
        """Messages with an attempt of which nobody recorded the end."""
        with self.play.callwatch.store() as store:
            outbox = Outbox(store)
            return [i for i in self.ids if any(d.outcome is Outcome.UNKNOWN for d in outbox.deliveries(i))]

    def came(self) -> list[str]:
        """Ids of our messages in the order in which they arrived."""
        mails = [mail.message_id.strip("<>").partition("@")[0] for mail in self.mails.mails if mail.to != OPS]
        posts = [post["metadata"]["event_payload"]["message_id"] for post in self.slack.posts]
        return [*mails, *posts]

    def check(self, failed: int = 0) -> dict[str, int]:
        """All but so many have arrived and are recorded as sent. How many are lost, and how many came again: by
        mail, where that can happen, and by Slack."""
        assert self.states == Counter({MessageState.SENT.value: len(self.ids) - failed}) + Counter(
            {MessageState.FAILED.value: failed}
        )
        times = Counter(self.came())
        assert set(times) <= set(self.ids)
        assert not self.mails.complaints
        assert not [text for text in self.slack.complaints if "mailto:" not in text]
        by_mail = {entry.message.id for entry in self.entries if entry.message.channel == "email"}
        return {
            "lost": len(self.ids) - failed - len(times),
            "doubled": sum(n - 1 for i, n in times.items() if i not in by_mail),
            "ambiguous": sum(n - 1 for i, n in times.items() if i in by_mail),
        }


def readers(number: int, channel: str = "email") -> list[str]:
    """So many addresses."""
    return [f"r{n}@reader.example" if channel == "email" else f"C{n:08}" for n in range(number)]
