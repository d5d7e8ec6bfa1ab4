"""callwatch as many real processes over one database, and one who kills any of them at any time."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.conftest import ROOT

_SUBREAPER = 36
"""Linux: orphans of ours become our children, so that they can be seen, killed and buried."""


class Kill(NamedTuple):
    """One process that was killed: when, when it had begun (Unix seconds), and what it was doing."""

    at: float
    began: float
    what: str


class Crowd:
    """Processes with one environment in one folder. `daemons` are begun again when they have ended."""

    def __init__(self, folder: Path, env: dict[str, str], daemons: int, every: float) -> None:
        ctypes.CDLL(None).prctl(_SUBREAPER, 1, 0, 0, 0)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CALLWATCH_")}
        paths = {"PYTHONPATH": str(ROOT), "NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1"}
        self._env, self._folder = {**clean, **paths, **env}, folder
        self._wanted, self._every = daemons, every
        self._log = (folder / "processes.log").open("ab")
        self._ours: dict[int, subprocess.Popen[bytes]] = {}
        self._daemons: list[subprocess.Popen[bytes]] = []
        self.kills: list[Kill] = []

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Begin `callwatch ARGUMENTS`."""
        process = subprocess.Popen(
            [sys.executable, "-m", "callwatch", *arguments],
            env=self._env,
            cwd=self._folder,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=self._log,
        )
        self._ours[process.pid] = process
        return process

    def wait(self, *arguments: str) -> int:
        """Run `callwatch ARGUMENTS` to its end; its exit code."""
        return self.start(*arguments).wait(300)

    def keep(self) -> None:
        """As many daemons as there should be; and bury the dead."""
        self._bury()
        self._daemons = [each for each in self._daemons if each.poll() is None]
        while len(self._daemons) < self._wanted:
            self._daemons.append(self.start("run", "--every", str(self._every)))

    def kill(self, chance: Random) -> None:
        """SIGKILL to one of all that run now: any of a kind, and each kind as likely as the others."""
        kinds: dict[str, list[int]] = {}
        for pid in sorted(self.living()):
            kinds.setdefault(_words(pid), []).append(pid)
        if not kinds:
            return
        pid = chance.choice(kinds[chance.choice(sorted(kinds))])
        what, began = _words(pid), _began(pid)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        if what:
            self.kills.append(Kill(time.time(), began, what))

    def living(self) -> Iterator[int]:
        """All processes of callwatch below this one, whoever started them."""
        yield from (pid for pid in _below(os.getpid()) if _words(pid))

    def stop(self, seconds: float = 60.0) -> None:
        """Ask all to end as a machine that is shut down does; what does not is killed, and that is an error."""
        self._wanted = 0
        for pid in list(self.living()):
            _signal(pid, signal.SIGTERM)
        until = time.monotonic() + seconds
        while time.monotonic() < until and list(self.living()):
            time.sleep(0.2)
            self._bury()
        late = [(pid, _words(pid)) for pid in self.living()]
        for pid, _ in late:
            _signal(pid, signal.SIGKILL)
        time.sleep(0.2)
        self._bury()
        assert not late, f"did not end within {seconds:.0f} s of SIGTERM: {late}"

    def close(self) -> None:
        """No process of ours is left."""
        for pid in list(self.living()):
            _signal(pid, signal.SIGKILL)
        time.sleep(0.1)
        self._bury()
        self._log.close()

    def _bury(self) -> None:
        for pid, process in list(self._ours.items()):
            if process.poll() is not None:
                del self._ours[pid]
        for pid in _children(os.getpid()):
            if pid not in self._ours and _state(pid) == "Z":
                _reap(pid)


def _reap(pid: int) -> None:
    """An orphan that has ended; of all others somebody has a handle."""
    try:
        os.waitpid(pid, os.WNOHANG)
    except ChildProcessError:
        return


def _signal(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _children(pid: int) -> list[int]:
    found = []
    for of in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(n) for n in of.read_text().split()]
        except OSError:
            continue
    return found


def _below(pid: int) -> Iterator[int]:
    for child in _children(pid):
        yield child
        yield from _below(child)


def _words(pid: int) -> str:
    """What this process of callwatch does; empty for any other, and for a dead one."""
    try:
        words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    except OSError:
        return ""
    return " ".join(words[3:]).strip() if words[1:3] == ["-m", "callwatch"] else ""


def _stat(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _state(pid: int) -> str:
    return (_stat(pid) or [""])[0]


def _began(pid: int) -> float:
    """Unix seconds."""
    fields = _stat(pid)
    if not fields:
        return time.time()
    up = float(Path("/proc/uptime").read_text().split()[0])
    return time.time() - up + int(fields[19]) / os.sysconf("SC_CLK_TCK")
