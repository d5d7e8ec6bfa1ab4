"""The first messages of a process are read by several threads at once."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

PROCESSES = 60
SCRIPT = f"""
import os, sys, threading
import alerts.deliver
from alerts.message import decode, encode
from tests.alerts.samples import message

payload, ends = encode(message()), []
for _ in range({PROCESSES}):
    if child := os.fork():
        ends.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        continue
    sys.setswitchinterval(1e-6)
    start = threading.Barrier(8)
    threads = [threading.Thread(target=lambda: (start.wait(), decode(payload))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    os._exit(0)
print(sorted(set(ends)))
"""
"""Each fork is a process that has not decoded anything yet."""


def test_they_do_not_crash_the_process() -> None:
    command = [sys.executable, "-c", SCRIPT]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "[0]\n"
