"""`callwatch run` among others, killed, stopped, reconfigured, without its database: one harvest per slot."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from callwatch.child import Child, Limits
from callwatch.daemon import Daemon
from callwatch.demo.standin.knobs import Knobs
from callwatch.snapshot import Snapshot
from pipeline.outbox import MessageState
from pipeline.store import slots
from tests.delivery.smtp_server import MailServer
from tests.operation.machine import BOOK, PATIENCE, PORTAL, Machine, the_child, until

pytestmark = pytest.mark.slow

RUN = ("run", "--every", "0.5")
SLOW = Knobs(delay=2.0)


def done(machine: Machine) -> bool:
    return [taken.state for taken in machine.slots()] == [slots.DONE]


def harvesting(machine: Machine) -> bool:
    """Whether a harvest is under way, so that the portal is being asked."""
    return [taken.state for taken in machine.slots()] == [slots.RUNNING]


def test_two_daemons_a_tick_and_a_hand_at_the_same_second(machine: Machine) -> None:
    machine.portal.knobs = Knobs(delay=1.0)
    daemons = [machine.start(*RUN), machine.start(*RUN)]
    tick, hand = machine.start("tick"), machine.start("harvest", PORTAL)
    until(lambda: done(machine))
    for command in (tick, hand):
        assert command.wait(PATIENCE) in (0, 4)
        said = [line for line in machine.said(command).splitlines() if line.startswith("callwatch: ")]
        assert len({line.split(": ")[1] for line in said}) == len(said) <= 2  # a line for each job that is held
        if command.returncode == 4:
            assert re.fullmatch(r"callwatch: \S+: (process \d+ on \S+ holds .*|harvested for .* already)", said[0])
    until(lambda: Counter(e.state for e in machine.messages())[MessageState.SENT] == 1)
    for daemon in daemons:
        assert machine.stop(daemon) == 0
    (taken,) = machine.slots()
    assert (taken.attempts, taken.outcome) == (1, "complete")
    by_hand = hand.returncode == 0
    assert len(machine.runs()) == 1 + by_hand
    assert sum(run.report.new for run in machine.runs() if run.report) == machine.runs()[0].report.stored


def test_a_killed_harvest_is_taken_over_by_the_same_daemon(machine: Machine) -> None:
    machine.portal.knobs = SLOW
    daemon = machine.start(*RUN)
    until(lambda: harvesting(machine))
    os.kill(until(lambda: the_child(daemon, "--scheduled")), signal.SIGKILL)
    machine.portal.knobs = Knobs()
    until(lambda: done(machine))
    assert machine.stop(daemon) == 0
    assert [run.state for run in machine.runs()] == ["abandoned", "done"]
    assert [taken.attempts for taken in machine.slots()] == [2]
    said = machine.told_ops()
    assert said[0] == f"harvest {PORTAL}: ended badly (signal 9); see the log"
    assert len(said) <= 2
    assert all(line.startswith("Over: ") for line in said[1:])


@pytest.mark.parametrize("both", [True, False])
def test_a_killed_daemon_is_followed_by_another(machine: Machine, both: bool) -> None:
    machine.portal.knobs = SLOW
    daemon = machine.start(*RUN)
    until(lambda: harvesting(machine))
    child = until(lambda: the_child(daemon, "--scheduled"))
    daemon.kill()
    if both:
        os.kill(child, signal.SIGKILL)
    machine.portal.knobs = Knobs()
    other = machine.start(*RUN)
    until(lambda: "callwatch runs" in machine.said(other))
    until(lambda: done(machine))
    assert machine.stop(other) == 0
    assert [taken.attempts for taken in machine.slots()] == [2 if both else 1]
    assert [run.state for run in machine.runs()] == (["abandoned", "done"] if both else ["done"])


@pytest.mark.parametrize(
    ("limits", "told"), [(("3", "1536"), "took longer than 3 s and was ended"), (("60", "24"), "ended badly")]
)
def test_a_harvest_beyond_its_bounds_is_ended_and_told(
    machine: Machine, limits: tuple[str, str], told: str
) -> None:
    machine.portal.knobs = Knobs(delay=60.0)
    daemon = machine.start(*limits, module="tests.operation.strict")
    until(lambda: machine.database.exists() and machine.told_ops())
    assert f"harvest {PORTAL}: {told}" in machine.told_ops()[0]
    assert machine.stop(daemon) == 0
    assert told in machine.said(daemon)


def test_sigterm_hands_back_what_is_under_way(machine: Machine, mails: MailServer) -> None:
    assert machine.start("harvest", PORTAL).wait(PATIENCE) == 0
    mails.faults["end"] = ["hang"]
    machine.portal.knobs = Knobs(delay=5.0)
    daemon = machine.start(*RUN)
    until(lambda: harvesting(machine))
    until(lambda: not mails.faults["end"])  # the content of the mail is out, and not yet taken
    assert [entry.state for entry in machine.messages()] == [MessageState.LEASED]
    threading.Timer(2.0, mails.release.set).start()
    begun = time.monotonic()
    assert machine.stop(daemon) == 0
    assert time.monotonic() - begun < 30
    assert len(mails.mails) == 1
    assert {entry.state for entry in machine.messages()} == {MessageState.SENT}
    (taken,) = machine.slots()
    assert (taken.state, taken.attempts) == (slots.RUNNING, 1)
    machine.portal.knobs = Knobs()
    assert machine.start("tick").wait(PATIENCE) == 0
    assert [(taken.state, taken.outcome) for taken in machine.slots()] == [(slots.DONE, "complete")]
    assert len(mails.mails) == 1


def test_sighup_takes_only_a_configuration_that_can_be_used(machine: Machine) -> None:
    daemon = machine.start(*RUN)
    until(lambda: done(machine))
    machine.subscribe(BOOK | {"subscriptions": [{"key": "x", "contact": "nobody", "channel": "email"}]})
    daemon.send_signal(signal.SIGHUP)
    until(lambda: len(machine.told_ops()) == 1)
    assert "the old one stays" in machine.said(daemon)
    (line,) = machine.told_ops()
    assert line.startswith("configuration: the new one cannot be used, the old one stays: ")
    assert f"{machine.config}/subscriptions.yml:" in line
    daemon.send_signal(signal.SIGHUP)
    time.sleep(2)
    assert len(machine.told_ops()) == 1
    machine.subscribe(BOOK)
    daemon.send_signal(signal.SIGHUP)
    until(lambda: len(machine.told_ops()) == 2)
    assert machine.told_ops()[1].startswith("Over: configuration, since ")
    assert machine.stop(daemon) == 0


def test_a_child_keeps_the_configuration_it_began_with(tmp_path: Path) -> None:
    (tmp_path / "subscriptions.yml").write_text("contacts: {}", encoding="utf-8")
    snapshot = Snapshot(lambda: tmp_path, lambda folder: None)
    begun: list[tuple[Child, Path]] = []

    def spawn(name: str, arguments: list[str], limits: Limits, environment: dict[str, str]) -> Child:
        child = Child(name, ["--version"], limits, environment)
        begun.append((child, Path(environment["CALLWATCH_CONFIG"])))
        return child

    daemon = Daemon(list, snapshot, spawn=spawn)
    daemon.look()
    (child, folder), *_ = begun
    assert snapshot.renew() == ""
    assert snapshot.folder != folder
    assert folder.is_dir(), "it may not have read it yet"
    child.process.wait(60)
    daemon.look()
    assert not folder.exists()
    assert snapshot.folder.is_dir()
    begun[-1][0].process.wait(60)
    snapshot.close()


def test_a_broken_configuration_at_the_start_is_an_error(machine: Machine) -> None:
    machine.subscribe({"contacts": {"a": {"nam": "A"}}})
    daemon = machine.start(*RUN)
    assert daemon.wait(PATIENCE) == 2
    assert f"{machine.config}/subscriptions.yml:" in machine.said(daemon)


def test_a_database_that_is_away_is_waited_for(machine: Machine) -> None:
    machine.database.parent.rmdir()
    daemon = machine.start(*RUN)
    until(lambda: "it cannot be seen what is due" in machine.said(daemon))
    time.sleep(2)
    assert machine.said(daemon).count("it cannot be seen what is due") == 1
    machine.database.parent.mkdir()
    until(lambda: done(machine))
    assert "what is due can be seen again" in machine.said(daemon)
    assert machine.stop(daemon) == 0


def test_a_file_that_is_gone_is_not_made_anew(machine: Machine) -> None:
    daemon = machine.start(*RUN)
    until(lambda: done(machine))
    until(lambda: Counter(e.state for e in machine.messages())[MessageState.SENT] == 1)
    aside = machine.database.with_name("aside.db")
    machine.database.rename(aside)
    until(lambda: f"{machine.database} is gone" in machine.said(daemon))
    time.sleep(2)
    assert not machine.database.exists()
    aside.rename(machine.database)
    until(lambda: "what is due can be seen again" in machine.said(daemon))
    assert machine.stop(daemon) == 0
    assert len(machine.messages()) == 1
