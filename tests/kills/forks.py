"""Commands as forks of tests/kills/zygote.py, and the ways to kill them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from tests.conftest import ROOT
from tests.kills.children import ask

PATIENCE = 600.0
"""Seconds after which something counts as hanging; a busy machine is slow, not wrong."""
EXPECTED = (0, 3, 4, -signal.SIGKILL)


class Forks:
    """The fork server, with everything that a cluster needs or without."""

    def __init__(self, folder: Path, *, cluster: bool = False) -> None:
        self._path = str(folder / "forks")
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("CALLWATCH_", "CELERY_"))}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kills.zygote", self._path, *(["cluster"] if cluster else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env={**environment, "NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1", "TMPDIR": str(folder)},
        )
        assert self._process.stdout
        assert self._process.stdout.readline() == b"ready\n"

    def ask(self, **question: Any) -> Any:
        """One question, one answer."""
        return ask(self._path, question)

    def living(self, owner: int | None = None) -> list[int]:
        """Processes under way; those that one command has started, or all."""
        return [pid for pid, of in self.ask(living=True) if owner in (None, of)]

    def stop(self) -> None:
        """End it, and all that it has started."""
        self._process.communicate(timeout=60)


@dataclass
class Command:
    """A command under way, the leader of its session."""

    forks: Forks
    words: tuple[str, ...]
    pid: int
    err: Path

    @property
    def code(self) -> int | None:
        """How it ended; None while it runs."""
        code: int | None = self.forks.ask(poll=self.pid)
        return code

    def wait(self, seconds: float = PATIENCE) -> int:
        """How it ends. Raises AssertionError when that takes too long, or is none of the ways commands end."""
        assert eventually(lambda: self.code is not None, seconds, 0.02), f"{self.words} hangs: {self.said()}"
        code = self.code
        assert code in EXPECTED, f"{self.words} ended with {code}: {self.said()}"
        return int(code or 0)

    def said(self) -> str:
        """The last of what it and its children wrote."""
        return self.err.read_text(errors="replace")[-4000:] if self.err.exists() else ""

    def hears(self) -> bool:
        """Whether a daemon has said that it runs."""
        return self.err.exists() and b"(stop with Ctrl-C)" in self.err.read_bytes()

    def children(self) -> list[int]:
        """Commands that it has started and that are under way."""
        return self.forks.living(self.pid)

    def terminate(self) -> None:
        """Ask a daemon to end, once it says that it runs: before, a signal is none that it hears."""
        if self.words[0] == "run":
            assert eventually(lambda: self.hears() or self.code is not None)
        if self.code is None:
            os.kill(self.pid, signal.SIGTERM)

    def kill(self) -> None:
        """It alone; what it has started goes on."""
        slay(self.pid)

    def kill_all(self) -> None:
        """It and all it has started, as a power cut would."""
        self.kill()
        for pid in self.children():
            slay(pid)


@dataclass
class Commands:
    """Commands over one database in one folder."""

    forks: Forks
    folder: Path
    env: Mapping[str, str]
    tamper: Mapping[str, Any]
    _numbers: Any = field(default_factory=count)

    def start(self, *words: str) -> Command:
        """Begin `callwatch WORDS`."""
        number = next(self._numbers)
        out, err = (str(self.folder / f"{number}.{end}") for end in ("out", "err"))
        given: dict[str, Any] = {
            "arguments": words,
            "env": dict(self.env),
            "folder": str(self.folder),
            "stdin": os.devnull,
        }
        given |= {"stdout": out, "stderr": err, "at": "", "tamper": dict(self.tamper), "owner": 0}
        return Command(self.forks, words, self.forks.ask(start=given), Path(err))


def slay(pid: int) -> None:
    """SIGKILL to a whole session, or to the process that has not made one yet."""
    for kill in (os.killpg, os.kill):
        try:
            kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        return


def slay_one(pid: int) -> None:
    """SIGKILL to one process that may have ended."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def eventually(happened: Callable[[], bool], seconds: float = PATIENCE, pause: float = 0.1) -> bool:
    """Wait until it has; False if it has not in time."""
    until = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True
