"""A fork server for commands that stay and start commands themselves: `callwatch run`, and workers of a cluster.

Each command is a fork of this process and the leader of a session of its own; what it would start as a child of
its own is forked here, too, and belongs to it. Asked over a Unix socket, a line of JSON a question:
{"start": {...}}, {"poll": PID}, {"living": true}. Ends, with all it has started, when standard input ends.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import selectors
import signal
import socket
import sys
from typing import Any

from tests.delivery import zygote as delivery
from tests.harvest import zygote
from tests.harvest.tampering import TAMPER
from tests.kills import children
from tests.operation import zygote as operation

RUNNING = ("apscheduler.schedulers.background", "callwatch.housekeeping", "callwatch.standing", "uuid")
CLUSTER = (
    "callwatch.cluster.app", "callwatch.cluster.consumer", "callwatch.cluster.sweeping",
    "callwatch.cluster.worker", "celery", "celery.app.amqp", "celery.apps.worker", "celery.concurrency.prefork",
    "celery.worker.consumer", "kombu.transport.pyamqp",
)  # fmt: skip


class Server:
    """All processes that were started, and how they ended."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.owners: dict[int, int] = {}
        self.codes: dict[int, int] = {}
        self.listening = socket.socket(socket.AF_UNIX)
        self.listening.bind(path)
        self.listening.listen(64)

    def serve(self) -> None:
        """Answer until standard input ends; then no child is left."""
        with selectors.DefaultSelector() as ready:
            ready.register(self.listening, selectors.EVENT_READ)
            ready.register(sys.stdin, selectors.EVENT_READ)
            while True:
                found = [key.fileobj for key, _ in ready.select()]
                if sys.stdin in found:
                    break
                self._one()
        for pid in self._living():
            os.killpg(pid, signal.SIGKILL)

    def _one(self) -> None:
        connection, _ = self.listening.accept()
        try:
            with connection, connection.makefile("rw") as talk:
                if line := talk.readline():
                    talk.write(json.dumps(self.answer(json.loads(line), connection)) + "\n")
        except (OSError, ValueError):
            return  # who asked was killed meanwhile, perhaps in the middle of its question

    def answer(self, asked: dict[str, Any], connection: socket.socket) -> Any:
        """The answer to one question."""
        if "start" in asked:
            return self._start(asked["start"], connection)
        if "poll" in asked:
            return self._poll(asked["poll"])
        return [[pid, self.owners[pid]] for pid in self._living()]

    def _living(self) -> list[int]:
        return [pid for pid in self.owners if self._poll(pid) is None]

    def _poll(self, pid: int) -> int | None:
        if pid not in self.codes:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                self.codes[pid] = os.waitstatus_to_exitcode(status)
        return self.codes.get(pid)

    def _start(self, given: dict[str, Any], connection: socket.socket) -> int:
        pid = os.fork()
        if pid:
            self.owners[pid] = given["owner"]
            return pid
        code = 70
        try:
            os.setsid()
            self.listening.close()
            connection.close()
            children.start_as(given, self.path)
            code = zygote.command(given)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)


def main() -> None:
    """Load everything, say so, and serve."""
    from callwatch.wiring import Wiring

    path, *more = sys.argv[1:]
    loaded = {*zygote.LOADED_ONCE, *delivery.LOADED_ONCE, *operation.LOADED_ONCE, *RUNNING}
    for module in sorted(loaded | (set(CLUSTER) if more else set())):
        importlib.import_module(module)
    read = Wiring()
    operation.SHIPPED.update({name: getattr(read, name) for name in ("profiles", "classifier", "programmes")})
    TAMPER.update({"shipped": operation.shipped, **children.TAMPER})
    gc.collect()
    gc.freeze()
    server = Server(path)
    os.write(1, b"ready\n")
    server.serve()


if __name__ == "__main__":
    main()
