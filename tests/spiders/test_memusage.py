"""The limit of memory holds for the crawl itself, whoever started it."""

from __future__ import annotations

import subprocess
import sys

from tests.conftest import ROOT

CHILD = """
import resource
from scrapy.utils.test import get_crawler
from spiders.memusage import MemoryUsage
guard = MemoryUsage(get_crawler(settings_dict={"MEMUSAGE_ENABLED": True}))
before = guard.get_virtual_size()
more = bytearray(b"x" * (64 << 20))
print(before >> 20, guard.get_virtual_size() >> 20, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10)
"""
PARENT = f"""
import subprocess, sys
large = bytearray(b"x" * (400 << 20))
sys.exit(subprocess.run([sys.executable, "-c", {CHILD!r}]).returncode)
"""


def test_the_memory_of_who_started_it_does_not_count() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PARENT], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    before, after, peak = map(int, done.stdout.split())
    assert peak >= 400, "what the system accounts to it, and Scrapy goes by"
    assert before < 300
    assert 50 <= after - before <= 100
