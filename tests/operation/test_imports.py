"""A tick with nothing to do pays for nothing that it does not use."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

HEAVY = (
    "scrapy", "twisted", "rich.traceback", "alembic", "jinja2", "css_inline", "rapidfuzz", "bs4", "lxml",
    "trafilatura", "pipeline.extract.announcement", "pipeline.run", "sqlalchemy.dialects.postgresql", "slack_sdk",
    "starlette", "prometheus_client", "callwatch.metrics", "apscheduler", "celery", "kombu",
)  # fmt: skip
SCRIPT = """
import sys
sys.argv = ["callwatch", "tick", "--tell-only"]
from callwatch.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print("\\n".join(sys.modules))
"""


def test_an_idle_tick_imports_only_what_it_uses(tmp_path: Path) -> None:
    (tmp_path / "config" / "portals").mkdir(parents=True)
    (tmp_path / "config" / "subscriptions.yml").write_text("contacts: {}\nsubscriptions: []\n")
    source = (ROOT / "config" / "portals" / "eu_funding_tenders.yml").read_text(encoding="utf-8")
    (tmp_path / "config" / "portals" / "eu_funding_tenders.yml").write_text(source, encoding="utf-8")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("CALLWATCH_")}
    clean |= {"CALLWATCH_CONFIG": str(tmp_path / "config"), "PYTHONPATH": str(ROOT)}
    for _ in range(2):  # the first one makes the database, and keeps house
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], cwd=tmp_path, env=clean, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert "callwatch.ticking" in loaded
    assert loaded.isdisjoint(HEAVY)
