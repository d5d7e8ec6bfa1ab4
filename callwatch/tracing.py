"""Traces and metrics over OTLP/HTTP, where an address for them is set and the extra `otel` is installed.

One span for each run (a harvest, a planning, a round of delivery), with a child for each of its stages. Spans are
kept until `flush`, which sends them once and waits a few seconds at most: a collector that is away or slow costs
that, and nothing else. No span says who is told of what.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import structlog

from callwatch import __version__

if TYPE_CHECKING:
    from callwatch.metrics import Gauge

log = structlog.get_logger()

SECONDS = 2.0
"""So long one attempt to send may take; half as much again, and it is left to itself."""
PAUSE = 60.0
"""After an attempt that failed nothing is sent for so long by this process."""
MOST = 2048
"""Spans that are kept at most; more are dropped."""
_KINDS = {"traces": "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "metrics": "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"}


class _State:
    """What this process has found out; a forked one begins anew."""

    def __init__(self) -> None:
        self.pid, self.ended, self.provider, self.silent_until = os.getpid(), [], None, 0.0

    pid: int
    ended: list[Any]
    provider: Any
    silent_until: float


_state = _State()


class Trace:
    """The span of one run; nothing at all where no traces are wanted."""

    def __init__(self, name: str, attributes: dict[str, str | int | bool]) -> None:
        tracer = _tracer()
        self._tracer, self._span = tracer, tracer and tracer.start_span(f"callwatch.{name}", attributes=attributes)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """The with-block is a stage of the run."""
        done = self.begin(name)
        try:
            yield
        finally:
            done()

    def begin(self, name: str) -> Callable[[], None]:
        """A stage begins; to be called when it is over."""
        if self._span is None:
            return lambda: None
        from opentelemetry.trace import set_span_in_context

        span = self._tracer.start_span(name, context=set_span_in_context(self._span))
        ended: Callable[[], None] = span.end
        return ended

    def end(self, *, failed: bool = False, **attributes: str | int | bool) -> None:
        """The run is over; only numbers and words of ours belong into `attributes`."""
        if self._span is None:
            return
        from opentelemetry.trace import StatusCode

        self._span.set_attributes(attributes)
        if failed:
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


@contextmanager
def traced(name: str, **attributes: str | int | bool) -> Iterator[Trace]:
    """A run that ends with the with-block, as failed if it raises; `Trace.end` inside says more of it."""
    trace = Trace(name, attributes)
    try:
        yield trace
    except BaseException:
        trace.end(failed=True)
        raise
    trace.end()


def wants(kind: str) -> bool:
    """Whether an address for traces or metrics is set, and the extra installed; said once if it is not."""
    given = os.environ.get("OTEL_EXPORTER_OTLP_ENDPOINT") or os.environ.get(_KINDS[kind])
    if not given or os.environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return False
    if not _installed() and _mine().silent_until == 0.0:
        log.warning("telemetry needs its extra: pip install 'callwatch[otel]'")
        _state.silent_until = time.monotonic()
    return _installed()


@cache
def _installed() -> bool:
    try:
        return find_spec("opentelemetry.exporter.otlp.proto.http") is not None
    except ModuleNotFoundError:
        return False


def flush() -> None:
    """Send the spans of what is over."""
    state = _mine()
    spans, state.ended[:] = list(state.ended), []
    if spans and time.monotonic() >= state.silent_until:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        _bounded(lambda: OTLPSpanExporter(timeout=SECONDS).export(spans).name)


def send_metrics(gauges: Iterable[Gauge]) -> None:
    """Send these values, as they are now."""
    if not wants("metrics") or time.monotonic() < _mine().silent_until:
        return
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter

    data = _metrics(list(gauges), time.time_ns())
    _bounded(lambda: OTLPMetricExporter(timeout=SECONDS).export(data).name)


def _metrics(gauges: Sequence[Gauge], now: int) -> Any:
    from opentelemetry.sdk.metrics import export as m
    from opentelemetry.sdk.util.instrumentation import InstrumentationScope

    def points(one: Gauge) -> list[Any]:
        labelled = [(dict(zip(one.labels, values, strict=True)), number) for values, number in one.samples]
        return [m.NumberDataPoint(labels, now, now, float(number)) for labels, number in labelled]

    found = [
        m.Metric(f"callwatch.{one.name}", one.what, "", m.Gauge(points(one))) for one in gauges if one.samples
    ]
    scope = m.ScopeMetrics(InstrumentationScope("callwatch", __version__), found, "")
    return m.MetricsData([m.ResourceMetrics(_resource(), [scope], "")])


def _tracer() -> Any:
    """The tracer of this process; None where no traces are wanted, or none can be sent for the moment."""
    if not wants("traces") or time.monotonic() < _mine().silent_until:
        return None
    if _state.provider is None:
        from opentelemetry.sdk.trace import SpanProcessor, TracerProvider

        class Keeping(SpanProcessor):
            """Keeps what is over, until it is sent."""

            def on_end(self, span: Any) -> None:
                if len(_state.ended) < MOST:
                    _state.ended.append(span)

        _state.provider = TracerProvider(resource=_resource(), shutdown_on_exit=False)
        _state.provider.add_span_processor(Keeping())
    return _state.provider.get_tracer("callwatch", __version__)


def _resource() -> Any:
    from opentelemetry.sdk.resources import Resource

    name = os.environ.get("OTEL_SERVICE_NAME") or "callwatch"
    return Resource.create({"service.name": name, "service.version": __version__})


def _mine() -> _State:
    global _state
    if _state.pid != os.getpid():
        _state = _State()
    return _state


def _bounded(send: Callable[[], str]) -> None:
    """Send in a thread that nobody waits for longer than a few seconds; whatever goes wrong is one line."""
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)  # one line, and it is ours
    said = ["no answer in time"]

    def attempt() -> None:
        try:
            said[0] = send()
        except Exception as error:  # noqa: BLE001 - whatever a collector does, the run was good
            said[0] = type(error).__name__

    thread = threading.Thread(target=attempt, daemon=True, name="telemetry")
    thread.start()
    thread.join(SECONDS * 1.5)
    if said[0] != "SUCCESS":
        _state.silent_until = time.monotonic() + PAUSE
        log.warning("telemetry was not taken; nothing is sent for a minute", reason=said[0])
