"""Ends a crawl that takes too much memory: Scrapy's own guard, with the memory of this process alone.

Scrapy asks for the peak that the system accounts to a process. On Linux that begins with the peak of the process
which started it, so that a crawl started by a large one would end before its first request.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

from scrapy.extensions import memusage

_STATUS = Path("/proc/self/status")


class MemoryUsage(memusage.MemoryUsage):
    """Reads MEMUSAGE_LIMIT_MB and the other settings of Scrapy's."""

    def get_virtual_size(self) -> int:
        """Bytes that this process holds in memory now; where that cannot be read, its peak."""
        with suppress(OSError, ValueError, StopIteration):
            lines = _STATUS.read_text(encoding="ascii").splitlines()
            held = next(line for line in lines if line.startswith("VmRSS:"))
            return int(held.split()[1]) << 10
        return super().get_virtual_size()
