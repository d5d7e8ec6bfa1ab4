"""A collector on loopback that takes OTLP over HTTP, decodes the protobuf and keeps it; or is ill in some way."""

from __future__ import annotations

import gzip
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric
from opentelemetry.proto.trace.v1.trace_pb2 import Span

KINDS = {"/v1/traces": ExportTraceServiceRequest, "/v1/metrics": ExportMetricsServiceRequest}


class Collector:
    """What arrived. `silent`: it takes the request and never answers; `status` is its answer."""

    def __init__(self) -> None:
        self.silent, self.status, self.url, self.requests = False, 200, "", 0
        self.traces: list[ExportTraceServiceRequest] = []
        self.metrics: list[ExportMetricsServiceRequest] = []
        self.over = threading.Event()

    def take(self, path: str, body: bytes) -> None:
        """Raises DecodeError for what is no OTLP."""
        message = KINDS[path]()
        message.ParseFromString(body)
        (self.traces if path == "/v1/traces" else self.metrics).append(message)

    @property
    def spans(self) -> list[Span]:
        """All spans."""
        return [
            span
            for request in self.traces
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    @property
    def gauges(self) -> dict[str, Metric]:
        """The metrics of the last request, by name."""
        resources = self.metrics[-1].resource_metrics
        return {m.name: m for resource in resources for scope in resource.scope_metrics for m in scope.metrics}


@contextmanager
def collector() -> Iterator[Collector]:
    """One that ends with the block."""
    kept = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            kept.requests += 1
            if kept.silent:
                kept.over.wait(60)
                return
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            assert self.headers["Content-Type"] == "application/x-protobuf"
            kept.take(self.path, body)
            self.send_response(kept.status)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    kept.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield kept
    finally:
        kept.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def attributes(span: Span) -> dict[str, str | int | bool]:
    """Those of a span, as values."""
    return {
        pair.key: getattr(pair.value, pair.value.WhichOneof("value") or "string_value") for pair in span.attributes
    }
