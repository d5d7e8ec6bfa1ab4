"""The processes of a cluster, each in a session of its own, so that one can be killed with all it has."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from pipeline.store import Outbox, Store
from tests.conftest import ROOT

PATIENCE = 300.0
"""Seconds after which a test gives up waiting; a busy machine is slow, not wrong, and a broker that was killed can
take two minutes until its queues have a leader again."""


class Cluster:
    """Sweeper and workers over one database and one broker."""

    def __init__(self, folder: Path, database: str, broker: str, env: dict[str, str]) -> None:
        self.folder, self.database = folder, database
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("CALLWATCH_", "CELERY_"))}
        self.environment = clean | {
            "CALLWATCH_DATABASE_URL": database,
            "CALLWATCH_BROKER_URL": broker,
            "NO_PROXY": "127.0.0.1",
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            **env,
        }
        self.started: list[subprocess.Popen[bytes]] = []
        self.kills = 0

    def start(self, *arguments: str, module: str = "tests.cluster.hasty") -> subprocess.Popen[bytes]:
        """Begin a command; what it says goes to `said`."""
        with (self.folder / f"{len(self.started)}.err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=self.environment,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=err,
                stderr=err,
                start_new_session=True,
            )
        self.started.append(process)
        return process

    def worker(self, queues: str = "plan,deliver", at_once: int = 2) -> subprocess.Popen[bytes]:
        """One more worker."""
        return self.start("worker", "--queues", queues, "--at-once", str(at_once))

    def sweeper(self, every: float = 2.0) -> subprocess.Popen[bytes]:
        """`callwatch run`, hastier than each minute."""
        return self.start("run", "--every", str(every))

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """As a power cut would: the worker and all its processes."""
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.kills += 1

    def said(self) -> str:
        """What all of them wrote."""
        return "\n".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.err")))

    def end(self) -> list[int]:
        """No process of ours is left; how those that still ran ended when they were asked to."""
        running = [process for process in self.started if process.poll() is None]
        for process in running:
            process.terminate()
        until = time.monotonic() + 40
        codes = []
        for process in running:
            try:
                codes.append(process.wait(max(0.1, until - time.monotonic())))
            except subprocess.TimeoutExpired:
                codes.append(-9)
        for process in running:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        for process in running:
            process.wait()
        return codes


def at_work(worker: subprocess.Popen[bytes]) -> bool:
    """Whether a worker has begun its processes: from then on it hears signals."""
    return bool(Path(f"/proc/{worker.pid}/task/{worker.pid}/children").read_text().strip())


def eventually(happened: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Wait until it has; False if it has not in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if happened():
            return True
        time.sleep(0.25)
    return False


def at_rest(store: Store) -> bool:
    """Whether nothing waits and nothing is being sent."""
    counts = Outbox(store).counts()
    return counts["pending"] + counts["leased"] == 0
