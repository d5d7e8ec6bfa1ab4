"""Servers that outlive those who are killed, and the fork server from which planners and deliverers come."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.harvest.commands import Callwatch, Done, Running, Zygote

TOKEN = "xoxb-secret"  # the only one the Slack on loopback knows


class Forks(Zygote):
    """The process that is forked for each planning and each delivery."""

    def __init__(self) -> None:
        self._process = _process("tests.delivery.zygote", stdin=subprocess.PIPE)


def _process(
    module: str, *arguments: str, stdin: int = subprocess.DEVNULL, stderr: int | None = None
) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("CALLWATCH_")}
    environment |= {"NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1"}
    command = [sys.executable, "-m", module, *arguments]
    pipes = {"stdin": stdin, "stdout": subprocess.PIPE, "stderr": stderr}
    return subprocess.Popen(command, cwd=ROOT, env=environment, text=True, **pipes)


@contextmanager
def server(module: str, log: Path, *arguments: str) -> Iterator[str]:
    """The address of a server in a process of its own that notes in `log` what it took."""
    # What half a request of somebody killed makes them say is of no interest.
    process = _process(module, "--log", str(log), *arguments, stderr=subprocess.DEVNULL)
    assert process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


@contextmanager
def servers(folder: Path) -> Iterator[dict[str, str]]:
    """A mail server and a Slack, as settings of callwatch; their logs are mails.jsonl and posts.jsonl."""
    with (
        server("tests.delivery.smtp_server", folder / "mails.jsonl") as smtp,
        server("tests.alerts.slack_server", folder / "posts.jsonl") as slack,
    ):
        yield {
            "CALLWATCH_SMTP_URL": smtp,
            "CALLWATCH_SLACK_BASE_URL": slack,
            "CALLWATCH_SLACK_TOKEN": TOKEN,
            "CALLWATCH_MAIL_FROM": "callwatch <alerts@callwatch.example>",
            "CALLWATCH_STORM_LIMIT": "100000",
        }


def lines(log: Path) -> list[dict[str, Any]]:
    """What a server has noted."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()] if log.exists() else []


@dataclass
class Played:
    """callwatch at a time that is played: forty days ago, and later by a step whenever one likes.

    Forty days, so that what is written then is never newer than what Slack notes now.
    """

    callwatch: Callwatch
    shift: timedelta = timedelta(days=-40)
    seed: random.Random = field(default_factory=lambda: random.Random(20261126))

    @property
    def now(self) -> datetime:
        """The present moment of the play."""
        return datetime.now(UTC) + self.shift

    def later(self, minutes: float = 11) -> None:
        """As long as it takes for every lease to run out."""
        self.shift += timedelta(minutes=minutes)

    def start(self, what: str, tamper: Mapping[str, Any] | None = None, arguments: Sequence[str] = ()) -> Running:
        """`callwatch plan`, `callwatch deliver` or another command in a process of its own."""
        chosen: dict[str, Any] = {"played": self.shift.total_seconds(), "plan_parts": 6}
        chosen["channels"] = {"slack_pause": 0.0, "timeout": 20.0}
        running = self.callwatch.start(what, *arguments, tamper={**chosen, **(tamper or {})})
        for file in (running.out, running.err):
            file.touch()  # it may die before it makes them
        return running

    def __call__(self, what: str) -> Done:
        """The same, to its end, which has to be a good one."""
        done = self.start(what).wait()
        assert done.code == 0, f"{what} ended with {done.code}: {done.err[-2000:]}{done.out[-500:]}"
        return done


def kill_after(running: Running, seconds: float) -> None:
    """SIGKILL after a while."""
    time.sleep(seconds)
    running.kill()


def was_killed(done: Done) -> bool:
    """Whether it died of SIGKILL, not of anything else; one that ended before is no kill."""
    assert done.code in (0, 3, 4, -signal.SIGKILL), f"ended with {done.code}: {done.err[:6000]}"
    return done.code == -signal.SIGKILL
