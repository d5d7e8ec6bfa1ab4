"""A week played by cron, by the daemon, and by both at once: the same messages, each once."""

from __future__ import annotations

from pathlib import Path

import pytest

from callwatch.demo.standin.server import StandIn
from tests.delivery.smtp_server import mail_server
from tests.operation.week import Week, forks

WAYS = {"tick": (True, False), "run": (False, True), "both": (True, True)}


@pytest.mark.slow
def test_the_same_messages_whoever_keeps_the_watch(tmp_path: Path) -> None:
    told = {}
    with forks() as server:
        for way, (tick, run) in WAYS.items():
            with StandIn([]) as portal, mail_server() as mails:
                (tmp_path / way).mkdir()
                week = Week(tmp_path / way, server, portal, mails.url)
                week.play(tick=tick, run=run)
                told[way] = week.told()
                assert len(mails.mails) == len({mail.message_id for mail in mails.mails}) >= len(told[way])
                assert not mails.complaints
                assert week.harvests() == (15, 15)
                assert set(week.codes) <= {0, 4}
                assert (week.codes[4] > 0) is (way == "both")
    assert told["tick"] == told["run"] == told["both"]
    kinds = [(subscription, period) for subscription, kind, period, _ in told["tick"] if kind == "digest"]
    assert [period for key, period in kinds if key == "daily"] == [f"2026-11-{day}" for day in range(16, 24)]
    assert [period for key, period in kinds if key == "weekly"] == ["2026-W47"]
    assert sum(key == "now" for key, *_ in told["tick"]) >= 2
