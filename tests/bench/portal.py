"""The stand-in portal in a process of its own, so that its work is not counted as ours.

python -m tests.bench.portal CALLS COPIES: prints its address, and ends with its standard input.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from callwatch.demo.standin.server import StandIn
from tests.bench import data


@contextmanager
def serving(calls: int, *, copies: bool = False) -> Iterator[str]:
    """Address of a stand-in that serves `calls` calls."""
    command = [sys.executable, "-m", "tests.bench.portal", str(calls), str(int(copies))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            address = process.stdout.readline().strip()
            if not address:
                raise RuntimeError("the stand-in portal did not start")
            yield address
        finally:
            process.communicate()


def main(calls: int, copies: bool) -> None:
    with StandIn(data.calls(calls, copies=copies)) as portal:
        sys.stdout.write(f"{portal.base_url}\n")
        sys.stdout.flush()
        sys.stdin.read()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2] == "1")
