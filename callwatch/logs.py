"""Logging: human lines on a terminal, JSON with --log-format json; one run id in all lines; never a secret."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

from callwatch.lean import without

# Tracebacks in colours, and Twisted's own log: nobody calls them, and everybody would wait for them.
with without("rich", "twisted"):
    import structlog

SECRETS = re.compile(
    r"xox[a-z]-[A-Za-z0-9-]+|xapp-[A-Za-z0-9-]+"  # Slack tokens
    r"|hooks\.slack\.com/services/\S+"  # incoming webhooks are bearer secrets
    r"|(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"  # user:password in any URL
)


def redact(text: str) -> str:
    """`text` without tokens, webhook addresses and passwords."""
    return SECRETS.sub("[secret]", text)


def _no_secrets(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = redact(value)
    return event


def configure(log_format: str, verbose: bool) -> None:
    """Send every log line, Scrapy's included, to stderr in one form. `log_format` is text or json."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _no_secrets,
    ]
    final: structlog.typing.Processor
    if log_format == "json":
        final = structlog.processors.JSONRenderer()
    else:
        final = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    level = logging.INFO if verbose else logging.WARNING
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(level)  # not only the root's: Scrapy sets its own logger to DEBUG, which prints whole pages
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.ExtraAdder(), *shared],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
