"""Fault 21: answers without end cost their own portal its proof, and nothing else: no memory, no other portal."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from pipeline.store import Store, runs
from tests.conftest import ROOT
from tests.faults.conftest import Note
from tests.harvest.commands import BASE_URL, PORTAL
from tests.portals.facts import answer
from tests.portals.list_server import list_server

pytestmark = [pytest.mark.slow, pytest.mark.played]

MIB = 1 << 20
MOST = 200
"""Mebibytes that a harvest may ever hold."""
Answer = Callable[[BaseHTTPRequestHandler], None]


@cache
def packed() -> bytes:
    """Two gibibytes of zeros in two mebibytes: one packed mebibyte again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    head = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH)
    return head + 2048 * (packer.compress(bytes(MIB)) + packer.flush(zlib.Z_FULL_FLUSH))


def bomb(asked: BaseHTTPRequestHandler) -> None:
    """Much in little."""
    _head(asked, "Content-Encoding: gzip", f"Content-Length: {len(packed())}")
    asked.wfile.write(packed())


def endless(asked: BaseHTTPRequestHandler) -> None:
    """White space for ever."""
    _head(asked, "Transfer-Encoding: chunked")
    while True:
        asked.wfile.write(b"10000\r\n" + b" " * 65536 + b"\r\n")


def two_gibibytes(asked: BaseHTTPRequestHandler) -> None:
    """So much is said to come, and does."""
    _head(asked, f"Content-Length: {2048 * MIB}")
    for _ in range(2048):
        asked.wfile.write(b" " * MIB)


def unsaid(asked: BaseHTTPRequestHandler) -> None:
    """As much, without a word of how much it will be."""
    _head(asked, "Connection: close")
    for _ in range(2048):
        asked.wfile.write(b" " * MIB)


def _head(asked: BaseHTTPRequestHandler, *headers: str) -> None:
    lines = ["HTTP/1.1 200 OK", "Content-Type: application/json", *headers, "", ""]
    asked.wfile.write("\r\n".join(lines).encode())


@contextlib.contextmanager
def answering(how: Answer) -> Iterator[str]:
    """Address of a server that answers everything but robots.txt like this."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.close_connection = True
            with contextlib.suppress(OSError):  # who asked has hung up, as it should
                how(self)

        def log_message(self, *_: object) -> None:
            """Silent."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def peak(process: subprocess.Popen[str]) -> int:
    """Mebibytes that it held at most, seen until it ends."""
    most = 0
    while process.poll() is None:
        with contextlib.suppress(OSError):
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    most = max(most, int(line.split()[1]) >> 10)
        time.sleep(0.05)
    return most


@pytest.mark.parametrize("how", [bomb, endless, two_gibibytes, unsaid])
def test_an_answer_without_end(tmp_path: Path, note: Note, how: Answer) -> None:
    config = tmp_path / "config"
    (config / "portals").mkdir(parents=True)
    for name in (PORTAL, "vinnova"):
        source = yaml.safe_load((ROOT / "config" / "portals" / f"{name}.yml").read_text(encoding="utf-8"))
        source["requests"]["retry"]["times"] = 0
        (config / "portals" / f"{name}.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
    address = f"sqlite:///{tmp_path / 'callwatch.db'}"
    rows = list_server("/api/ansokningsomgangar", answer("vinnova"), dated=True)
    with answering(how) as ill, rows as vinnova:
        env = {k: v for k, v in os.environ.items() if not k.startswith("CALLWATCH_")} | {
            "CALLWATCH_DATABASE_URL": address,
            "CALLWATCH_CONFIG": str(config),
            "CALLWATCH_VINNOVA_BASE_URL": vinnova.base_url,
            BASE_URL: ill,
            "NO_PROXY": "127.0.0.1",
            "PYTHONPATH": str(ROOT),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "callwatch", "harvest", PORTAL, "vinnova"],
            env=env, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        most = peak(process)
        said = process.communicate()[0]
    assert process.returncode == 3, said
    with Store.open(address) as store, store.read() as conn:
        verdicts = {run.portal: run.verdict.value for run in runs.latest(conn) if run.verdict}
    assert verdicts == {PORTAL: "failed", "vinnova": "complete"}, said
    note(lost=0)
    assert 20 < most < MOST
