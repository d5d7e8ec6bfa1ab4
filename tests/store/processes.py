"""Starting the store's test processes, and ending them as a power cut would."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.conftest import ROOT


def start(what: str, url: str, argument: str = "") -> subprocess.Popen[str]:
    """A process of tests/store/worker.py."""
    command = [sys.executable, "-m", "tests.store.worker", what, url, argument]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finished(*processes: subprocess.Popen[str]) -> list[str]:
    """What each wrote, once all have ended well."""
    outputs = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0] * len(processes), [err for _, err in outputs]
    return [out for out, _ in outputs]


@contextmanager
def ready(what: str, url: str, argument: str = "") -> Iterator[subprocess.Popen[str]]:
    """A process that has said it is ready; killed with SIGKILL at the end if not before."""
    with start(what, url, argument) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()
