"""Traces and metrics arrive at a collector, name nobody, and cost little where it is away."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import structlog

from callwatch import tracing
from callwatch.metrics import Gauge, without_people
from callwatch.tracing import flush, send_metrics, traced
from tests.conftest import ROOT
from tests.delivery.smtp_server import MailServer
from tests.operation.collector import Collector, attributes, collector
from tests.operation.machine import PORTAL, Machine


@pytest.fixture
def collecting(monkeypatch: pytest.MonkeyPatch) -> Iterator[Collector]:
    """A collector that this process knows of."""
    with collector() as kept:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", kept.url)
        monkeypatch.setattr(tracing, "_state", tracing._State())
        yield kept


@pytest.mark.slow
def test_a_tick_is_told_stage_by_stage_and_names_nobody(machine: Machine):
    with collector() as kept:
        machine.environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": kept.url, "OTEL_SERVICE_NAME": "calls"}
        process = machine.start("tick")
        assert process.wait(120) == 0, machine.said(process)
    roots = {span.name: span for span in kept.spans if not span.parent_span_id}
    assert set(roots) == {"callwatch.harvest", "callwatch.plan", "callwatch.deliver"}
    harvest, plan, deliver = (attributes(roots[f"callwatch.{name}"]) for name in ("harvest", "plan", "deliver"))
    assert (harvest["portal"], harvest["verdict"]) == (PORTAL, "complete")
    assert harvest["seen"] == harvest["expected"] > 10
    assert plan["messages"] == deliver["sent"] == 1
    stages = {name: [] for name in roots}
    for span in kept.spans:
        for name, root in roots.items():
            if span.parent_span_id == root.span_id:
                assert root.start_time_unix_nano <= span.start_time_unix_nano <= span.end_time_unix_nano
                stages[name].append(span.name)
    assert stages == {
        "callwatch.harvest": ["fetch", "judge", "settle", "link", "conclude"],
        "callwatch.plan": ["look at calls", "match and write"],
        "callwatch.deliver": ["send", "look over"],
    }
    seen = kept.gauges["callwatch.portal_items"].gauge.data_points
    assert [(point.attributes[0].value.string_value, point.as_double) for point in seen] == [
        (PORTAL, float(harvest["seen"]))
    ]
    whole = b"".join(request.SerializeToString() for request in (*kept.traces, *kept.metrics))
    assert b"calls" in whole
    assert not [word for word in (b"reader.example", b"Timber", b"cascades", b"sme") if word in whole]


@pytest.mark.slow
@pytest.mark.parametrize("how", ["away", "silent", "refusing"])
def test_a_collector_that_is_ill_costs_one_attempt_and_one_line(machine: Machine, mails: MailServer, how: str):
    with collector() as kept:
        kept.silent, kept.status = how == "silent", 400 if how == "refusing" else 200
        url = "http://127.0.0.1:1" if how == "away" else kept.url
        machine.environment |= {"OTEL_EXPORTER_OTLP_ENDPOINT": url}
        process = machine.start("tick")
        assert process.wait(120) == 0, machine.said(process)
        assert kept.requests == (0 if how == "away" else 1)
    assert machine.said(process).count("telemetry was not taken") == 1
    assert "Traceback" not in machine.said(process)
    assert len(mails.mails) == 1


def test_what_fails_is_marked_and_keeps_its_words_to_itself(collecting: Collector):
    with pytest.raises(ZeroDivisionError, match="asa@"), traced("plan", slice=3) as trace, trace.stage("look"):
        raise ZeroDivisionError("asa@cluster.example")
    flush()
    root = next(span for span in collecting.spans if span.name == "callwatch.plan")
    assert root.status.code == 2
    assert attributes(root) == {"slice": 3}
    assert b"asa@" not in b"".join(request.SerializeToString() for request in collecting.traces)
    flush()
    assert collecting.requests == 1  # once


def test_after_a_failure_nothing_is_tried_for_a_while(collecting: Collector):
    collecting.status = 400
    with structlog.testing.capture_logs() as said:
        for _ in range(3):
            with traced("deliver"):
                pass
            flush()
            send_metrics([])
    assert collecting.requests == 1
    assert [line["event"] for line in said] == ["telemetry was not taken; nothing is sent for a minute"]


def test_no_more_is_kept_than_fits(collecting: Collector, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(tracing, "MOST", 5)
    for _ in range(9):
        with traced("plan"):
            pass
    flush()
    assert len(collecting.spans) == 5


def test_conditions_do_not_name_contacts():
    wrong, other = Gauge("condition_since_seconds", "", "condition"), Gauge("messages", "", "state")
    wrong.samples = [
        (["email to asa"], 5.0),
        (["email to bo"], 3.0),
        (["held 0b1d"], 7.0),
        (["portal vinnova"], 1.0),
    ]
    hidden, same = without_people([wrong, other])
    assert hidden.samples == [(["email to a contact"], 3.0), (["held"], 7.0), (["portal vinnova"], 1.0)]
    assert same is other


CODE = """
import sys
from callwatch.tracing import traced, flush, send_metrics, wants
with traced("plan") as trace, trace.stage("x"):
    trace.begin("y")()
flush(); send_metrics([])
assert not wants("traces")
found = [name for name in sys.modules if name.startswith(("opentelemetry", "google.protobuf"))]
assert not found, found
"""


@pytest.mark.parametrize(
    ("given", "before", "line"),
    [
        ({}, "", ""),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"}, "", ""),
        (
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
            "from callwatch import tracing\ntracing.find_spec = lambda name: None",
            "pip install 'callwatch[otel]'",
        ),
    ],
    ids=["not configured", "switched off", "without the extra"],
)
def test_nothing_is_imported_where_nothing_is_wanted(given: dict[str, str], before: str, line: str):
    done = subprocess.run(
        [sys.executable, "-c", f"{before}\n{CODE}"],
        env={"PYTHONPATH": str(ROOT), **given},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (line in done.stdout + done.stderr) if line else not done.stderr
