"""Ten thousand messages and four deliverers at once: `python -m tests.delivery.flood` prints how many came, how
often, and how many a second."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from alerts.message import encode
from pipeline.outbox import NewMessage, SubscriptionState
from pipeline.store import Outbox, Store
from tests.alerts.samples import message
from tests.delivery import world
from tests.delivery.oracle import Figures, figures
from tests.delivery.processes import Forks, Played, servers
from tests.harvest.commands import Callwatch

CONTACTS = 500
SLACK = 5
"""One message of so many goes to Slack, the others by mail."""

LIFE = 1800
"""Seconds after which a deliverer hangs; machines that others use, too, are slow."""


def written(number: int, play: Played) -> Iterator[NewMessage]:
    """So many messages of one call each, to five hundred contacts in turn."""
    body = encode(msgspec.structs.replace(message(), at=play.now))
    for n in range(number):
        by_slack = n % SLACK == 0
        yield NewMessage(
            id=f"00000000-0000-5000-8000-{n:012}",
            contact=f"c{n % CONTACTS}",
            subscription="flood",
            channel="slack" if by_slack else "email",
            target=f"C{n % CONTACTS:08}" if by_slack else f"c{n % CONTACTS}@reader.example",
            kind="alert",
            payload=body,
            created_at=play.now,
            not_before=play.now,
        )


def flood(forks: Forks, folder: Path, url: str, number: int, deliverers: int) -> tuple[Figures, float]:
    """Send so many messages; what came of it, and the seconds it took."""
    config = world.configure(folder / "config", world.subscribers(1, 0))
    with servers(folder) as env:
        play = Played(Callwatch(forks, folder, url, {**env, "CALLWATCH_CONFIG": str(config)}))
        with play.callwatch.store() as store:
            state = SubscriptionState(play.now, play.now)
            Outbox(store).commit_plan("flood", list(written(number, play)), state)
        play.later(1)
        begun = time.monotonic()
        running = [play.start("deliver", {"life": LIFE}) for _ in range(deliverers)]
        ends = [each.wait() for each in running]
        seconds = time.monotonic() - begun
        assert [end.code for end in ends] == [0] * deliverers, [end.err[-2000:] for end in ends]
    with Store.open(url) as store:
        return figures(store, folder), seconds


def main() -> int:
    """0 if each came once."""
    from tests.delivery.postgres import database, postgresql

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=10_000)
    given, forks = parser.parse_args(), Forks()
    good = True
    with tempfile.TemporaryDirectory(prefix="cw-flood-") as name, postgresql() as server:
        for deliverers in (1, 4):
            folder = Path(name) / str(deliverers)
            folder.mkdir()
            with database(server, f"flood{deliverers}") as url:
                found, seconds = flood(forks, folder, url, given.messages, deliverers)
            rate = f"{given.messages / seconds:.0f} messages/s"
            print(f"PostgreSQL, {deliverers} deliverers: {found.received} of {found.planned} posts received,")  # noqa: T201
            print(f"  {found.lost} lost, {found.mail_repeats + found.slack_repeats} doubled; {rate}")  # noqa: T201
            good = good and found.is_exact and found.received == found.planned
    forks.stop()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
