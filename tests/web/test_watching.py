"""/healthz says when nobody is at work; /metrics tells those who may know, and nobody else."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from pydantic import SecretStr

from callwatch.telling import PLANNED_AT
from callwatch.web.app import make_app
from callwatch.web.slack import Interactions
from callwatch.web.watching import Metrics
from pipeline.errors import ConfigError
from pipeline.store import marks
from tests.alerts.samples import NOW
from tests.web.conftest import SIGNING, Running, Served


def text(now: datetime) -> bytes:
    return f"callwatch_up {now:%Y}\n".encode()


def missing(now: datetime) -> bytes:
    raise ConfigError("/metrics needs its library")


@pytest.mark.parametrize(("ago", "status"), [(None, "stale"), (100, "ok"), (3700, "stale"), (-60, "ok")], ids=str)
def test_nobody_at_work(served: Served, ago: int | None, status: str) -> None:
    if ago is not None:
        with served.store.begin() as conn:
            marks.note_time(conn, PLANNED_AT, NOW - timedelta(seconds=ago))
    answer = served("GET", "/healthz?within=3600")
    assert (answer.status, answer.text) == (200 if status == "ok" else 503, f'{{"status":"{status}"}}')
    assert served("GET", "/healthz").status == 200
    assert [served("GET", f"/healthz?within={wrong}").status for wrong in ("x", "-1", "9" * 12)] == [400] * 3


@pytest.mark.parametrize(
    ("token", "headers", "status"),
    [
        (None, {}, 200),
        (None, {"X_Forwarded_For": "127.0.0.1"}, 403),
        (None, {"Forwarded": "for=192.0.2.1"}, 403),
        ("s3cret-s3cret-s3", {}, 403),
        ("s3cret-s3cret-s3", {"Authorization": "Bearer s3cret-s3cret-s4"}, 403),
        ("s3cret-s3cret-s3", {"Authorization": "Bearer s3cret-s3cret-s3"}, 200),
        ("s3cret-s3cret-s3", {"Authorization": "Bearer s3cret-s3cret-s3", "X_Forwarded_For": "192.0.2.1"}, 200),
    ],
)
def test_who_may_read_metrics(
    served: Served, running: Running, token: str | None, headers: dict[str, str], status: int
) -> None:
    metrics = Metrics(text, SecretStr(token) if token else None)
    running.app = make_app(served.site, Interactions(None, SIGNING), metrics=metrics)
    answer = served("GET", "/metrics", **headers)
    assert answer.status == status
    assert ("callwatch_up" in answer.text) is (status == 200)
    assert "s3cret" not in answer.text


def test_without_the_library(served: Served, running: Running) -> None:
    running.app = make_app(served.site, Interactions(None, SIGNING), metrics=Metrics(missing))
    answer = served("GET", "/metrics")
    assert (answer.status, answer.text) == (501, "/metrics needs its library\n")


def test_without_metrics(served: Served) -> None:
    assert served("GET", "/metrics").status == 403
