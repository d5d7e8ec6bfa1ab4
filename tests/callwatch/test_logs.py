"""Log lines: one form, one run id, never a secret, never a page of portal data."""

from __future__ import annotations

import json
import logging

import pytest
import structlog

from callwatch.logs import configure, redact


@pytest.fixture(autouse=True)
def _restored():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level
    structlog.contextvars.clear_contextvars()
    structlog.reset_defaults()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("token xoxb-12-ab refused", "token [secret] refused"),
        ("xapp-1-A-2-b", "[secret]"),
        ("POST https://hooks.slack.com/services/T0/B0/xyz failed", "POST https://[secret] failed"),
        ("smtp://robot:hunter2@mail:587", "smtp://[secret]@mail:587"),
        ("postgresql+psycopg://u:p@db/x", "postgresql+psycopg://[secret]@db/x"),
        ("https://example.org/a:b", "https://example.org/a:b"),
    ],
)
def test_secrets_are_struck_out(text, shown):
    assert redact(text) == shown


def test_json_lines_carry_the_run_and_no_secret(capsys):
    configure("json", verbose=True)
    structlog.contextvars.bind_contextvars(run="20261123-1")
    structlog.get_logger().info("sent", to="smtp://a:b@c")
    logging.getLogger("scrapy.core").info("Spider %s", "opened")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["event"] for line in lines] == ["sent", "Spider opened"]
    assert {line["run"] for line in lines} == {"20261123-1"}
    assert lines[0]["to"] == "smtp://[secret]@c"


def test_scrapys_debug_lines_with_whole_pages_never_show(capsys):
    configure("text", verbose=True)
    logging.getLogger("scrapy").setLevel(logging.DEBUG)
    logging.getLogger("scrapy.core.scraper").debug("Scraped a whole page")
    configure("text", verbose=False)
    logging.getLogger("scrapy.core.engine").info("Spider opened")
    assert capsys.readouterr().err == ""
