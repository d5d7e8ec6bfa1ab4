"""Records from files, and the stand-in as a program."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import orjson
import pytest

from callwatch.demo.__main__ import main
from callwatch.demo.files import read_records
from callwatch.demo.standin.server import StandIn
from pipeline.errors import ConfigError
from tests.conftest import ROOT
from tests.demo.standin_client import STABLE, of_type, search
from tests.demo.standin_items import topics

ITEMS = topics(3)
FORMS = {
    "list": orjson.dumps(ITEMS),
    "saved answer": orjson.dumps({"apiVersion": "2.1", "totalResults": 3, "results": ITEMS}),
    "JSON Lines": b"\n".join(orjson.dumps(item) for item in ITEMS) + b"\n\n",
    "indented list": orjson.dumps(ITEMS, option=orjson.OPT_INDENT_2),
}


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("data", FORMS.values(), ids=FORMS)
def test_reads_every_form_of_file(tmp_path: Path, data: bytes, packed: bool) -> None:
    file = tmp_path / "records"
    file.write_bytes(gzip.compress(data) if packed else data)
    assert read_records(file) == ITEMS


def test_one_item_alone_is_a_list_of_one(tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    file.write_bytes(orjson.dumps(ITEMS[0]))
    assert read_records(file) == ITEMS[:1]


BROKEN = {
    "text": (b"hello", "line 1: neither JSON nor JSON Lines"),
    "cut list": (b'[{"a": 1},', "line 1: neither JSON"),
    "cut line": (b'{"a": 1}\n{"b"', "line 2: neither JSON"),
    "number": (b"17", "holds int; expected a list"),
    "results of a wrong kind": (b'{"results": 1}', "holds int"),
    "item of a wrong kind": (b'[{"a": 1}, 17]', "item 2 is int, not an object"),
    "cut gzip": (gzip.compress(b"[]" * 100)[:20], "cannot be read"),
    "broken gzip": (b"\x1f\x8b" + b"x" * 30, "cannot be read"),
}


@pytest.mark.parametrize(("data", "problem"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_named_with_its_fault(tmp_path: Path, data: bytes, problem: str) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(data)
    with pytest.raises(ConfigError, match=problem) as fault:
        read_records(file)
    assert str(file) in str(fault.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.json: cannot be read"):
        read_records(tmp_path / "absent.json")


def test_the_program_serves_until_it_is_told_to_end(tmp_path: Path) -> None:
    file = tmp_path / "records.json.gz"
    file.write_bytes(gzip.compress(orjson.dumps(topics(10))))
    command = [sys.executable, "-m", "callwatch.demo", "--records", str(file), "--grow", "150", "--next-day"]
    command += ["--today", "2026-11-23"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment, text=True)
    try:
        assert process.stdout is not None
        base_url = process.stdout.readline().strip()
        answer = search(base_url, of_type("1"), sort=STABLE, page=2)
        assert answer.total == 150  # one withdrawn, one new
        assert len(answer.identifiers) == 50
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=10)
    assert process.returncode == 0
    assert out == ""
    assert err == "The stand-in portal serves 151 items. Ctrl-C ends it.\n"


def test_the_built_in_sample_is_served_without_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    stopped = threading.Event()
    stopped.set()
    handler = signal.getsignal(signal.SIGTERM)
    assert main(["--today", "2026-11-23"], stopped) == 0
    captured = capsys.readouterr()
    assert captured.out.startswith("http://127.0.0.1:")
    assert int(captured.err.split()[4]) > 10
    assert signal.getsignal(signal.SIGTERM) == handler


def test_a_taken_port_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "empty.json"
    file.write_bytes(b"[]")
    with StandIn([]) as portal:
        port = portal.base_url.rpartition(":")[2]
        assert main(["--records", str(file), "--port", port]) == 2
    assert "in use" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--records", "absent.json"], ["--records", "{empty}", "--grow", "3"]])
def test_the_program_says_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    empty = tmp_path / "empty.json"
    empty.write_bytes(b"[]")
    assert main([argument.format(empty=empty) for argument in arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
