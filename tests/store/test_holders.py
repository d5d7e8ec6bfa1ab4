"""Whether the holder of a lease is gone: certain of it, or patient."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest

from pipeline.store import Outbox, holders
from tests.builders import NOW
from tests.store.samples import message, planned

CODE = "from pipeline.store import holders; print(holders.token(), flush=True); input()"


@pytest.fixture
def other() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A process, and a token of its own."""
    process = subprocess.Popen(
        [sys.executable, "-c", CODE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout
    yield process, process.stdout.readline().strip()
    process.kill()
    process.communicate()


def test_who_lives_is_not_gone(other: tuple[subprocess.Popen[str], str]) -> None:
    assert not holders.is_gone(holders.token())
    assert not holders.is_gone(other[1])


def test_who_was_killed_is_gone_before_and_after_the_burial(other: tuple[subprocess.Popen[str], str]) -> None:
    process, token = other
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # dead, and still in the list of processes
    assert holders.is_gone(token)
    process.wait()
    assert holders.is_gone(token)


def test_a_number_that_was_given_to_another_process(other: tuple[subprocess.Popen[str], str]) -> None:
    machine, pid, began, rest = other[1].split("/")
    assert holders.is_gone(f"{machine}/{pid}/{int(began) - 1}/{rest}")


@pytest.mark.parametrize("change", ["machine", "words", "old"])
def test_nothing_is_known_of_other_machines(change: str) -> None:
    machine, _, _, rest = holders.token().split("/")
    nobody = 2**22 + 1  # beyond the largest number of a process
    assert holders.is_gone(f"{machine}/{nobody}/1/{rest}")
    tokens = {"machine": f"x{machine}/{nobody}/1/{rest}", "words": f"{machine}/nobody/1/{rest}", "old": rest}
    assert not holders.is_gone(tokens[change])


def test_somebody_elses_process_is_there() -> None:
    """The first one of the system may not be signalled by everybody; it lives all the same."""
    machine, _, _, rest = holders.token().split("/")
    assert not holders.is_gone(f"{machine}/1/{holders._began(1)}/{rest}")


def test_tokens_are_never_the_same() -> None:
    assert len({holders.token() for _ in range(100)}) == 100


def test_only_leases_of_the_dead_end(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    outbox.commit_plan("s", [message("m1"), message("m2", target="#sea")], planned())
    (mine,) = outbox.claim(NOW, 1, timedelta(minutes=10))
    machine, _, _, rest = mine.token.split("/")
    monkeypatch.setattr(holders, "token", lambda: f"{machine}/{2**22 + 1}/1/{rest}")
    (theirs,) = outbox.claim(NOW, 1, timedelta(minutes=10))
    assert outbox.take_over(NOW) == 1
    assert outbox.take_over(NOW) in (0, 1)
    (taken,) = outbox.claim(NOW, 9, timedelta(minutes=10))
    assert (taken.message.id, taken.attempts, taken.unsure) == (theirs.message.id, 2, True)
    assert taken.message.id != mine.message.id
