"""`callwatch serve` and `callwatch listen` as the operator runs them: processes of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from alerts.links import Action, Bearer, Purpose, Tokens
from pipeline.people import Choice
from pipeline.store import Store, people
from tests.conftest import ROOT
from tests.web.conftest import SECRET, TRUCKS
from tests.web.socket_server import TOKEN, socket_server
from tests.web.test_slack_buttons import payload

BEARER = Bearer("university", "university-research")


def environment(folder: Path, **settings: str) -> dict[str, str]:
    plain = {k: v for k, v in os.environ.items() if not k.startswith("CALLWATCH_")}
    return {
        **plain,
        "CALLWATCH_DATABASE_URL": f"sqlite:///{folder}/callwatch.db",
        "NO_PROXY": "127.0.0.1",
        **settings,
    }


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "callwatch", *words]


@contextmanager
def running(folder: Path, *words: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command(*words), cwd=ROOT, env=environment(folder, **settings), stderr=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def get(url: str, method: str = "GET") -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as answer:
        return answer.read().decode()


def patiently(url: str) -> Any:
    for _ in range(200):
        try:
            return get(url)
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError(f"{url} does not answer")


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def test_serve_answers_links_and_ends_when_it_is_told_to(filled: Path, tmp_path: Path, port: int) -> None:
    shutil.copy(filled, tmp_path)
    key, base = SECRET.get_secret_value(), f"http://127.0.0.1:{port}"
    with running(tmp_path, "serve", "--port", str(port), CALLWATCH_SECRET_KEY=key) as process:
        assert json.loads(patiently(f"{base}/healthz")) == {"status": "ok"}
        tokens = Tokens(SECRET)
        page = get(f"{base}/subscription/{tokens.make(Purpose.ACT, BEARER)}")
        assert "Research calls for the North" in page
        stop = f"{base}/stop/{tokens.make(Purpose.STOP, BEARER)}"
        assert "The subscription is stopped" in get(stop, "POST")
        assert "You get the messages" in get(f"{stop}/undo", "POST")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
    assert process.returncode in (0, -signal.SIGTERM)
    assert tokens.make(Purpose.STOP, BEARER).split(".")[0] not in err
    assert "Traceback" not in err


@pytest.mark.slow
@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM])
def test_listen_hears_slack_and_ends_when_it_is_told_to(
    filled: Path, tmp_path: Path, told: signal.Signals
) -> None:
    shutil.copy(filled, tmp_path)
    with socket_server() as slack:
        settings = {"CALLWATCH_SLACK_APP_TOKEN": TOKEN, "CALLWATCH_SLACK_BASE_URL": f"{slack.base}/api/"}
        with running(tmp_path, "listen", **settings) as process:
            slack.send(payload(Action.FOLLOW, BEARER, response_url=f"{slack.base}/actions/1"))
            slack.wait(lambda: slack.answers, 30)
            process.send_signal(told)
            _, err = process.communicate(timeout=20)
        assert slack.complaints == []
    assert "Traceback" not in err
    with Store.open(f"sqlite:///{tmp_path}/callwatch.db") as store, store.read() as conn:
        assert people.choices_of(conn, ["university"]) == {"university": {TRUCKS: Choice.FOLLOWED}}


@pytest.mark.parametrize(
    ("words", "missing"), [("serve", "CALLWATCH_SECRET_KEY"), ("listen", "CALLWATCH_SLACK_APP_TOKEN")]
)
def test_a_setting_that_is_missing_is_named(tmp_path: Path, words: str, missing: str) -> None:
    done = subprocess.run(
        command(words),
        cwd=ROOT,
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert f"{missing} is not set" in done.stderr


def test_help_pays_for_no_server() -> None:
    code = (
        "import sys, callwatch.cli; print({'uvicorn', 'starlette', 'icalendar', 'slack_sdk'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
