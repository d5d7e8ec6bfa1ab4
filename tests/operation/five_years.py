"""Five years at 1,000 changes a day, at a small scale and at half of it, which shows that sizes are in proportion.

python -m tests.operation.five_years [SCALE]: a tenth is 10 (default 40). Prints a table; 1 if it comes to 2 GB.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tests.operation.years import Size, World

YEAR, MONTH = 365, 30
LIMIT = 2e9
TABLES = ("calls", "raw_records", "sightings", "versions", "events", "matches", "messages", "runs", "issues")


def played(scale: int, *, years: int = 5, step: int = 1, keeps_house: bool = True, **kept: int) -> list[Size]:
    """Of each year the day on which the database was largest, of those looked at once a month."""
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(prefix="years-", dir=memory) as folder:
        world = World(Path(folder), scale, step=step, keeps_house=keeps_house, **kept)
        try:
            sizes = world.live(years * YEAR, MONTH)
        finally:
            world.store.close()
    return [max((s for s in sizes if (s.day - 1) // YEAR == year), key=lambda s: s.bytes) for year in range(years)]


def main() -> int:
    """Play both scales and compare."""
    scale = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    began = time.monotonic()
    whole, half = played(scale), played(2 * scale)
    say = sys.stdout.write
    heads = (f"1/{scale}, MB", f"times {scale}, MB", f"1/{2 * scale} times {2 * scale}, MB")
    say(f"| year | {' | '.join((*heads, *TABLES))} |\n")
    say("|---" * (4 + len(TABLES)) + "|\n")
    for year, (one, other) in enumerate(zip(whole, half, strict=True), 1):
        rows = " | ".join(f"{one.rows[name] * scale:,}" for name in TABLES)
        sizes = one.bytes / 1e6, one.bytes * scale / 1e6, other.bytes * 2 * scale / 1e6
        say(f"| {year} | {sizes[0]:.1f} | {sizes[1]:,.0f} | {sizes[2]:,.0f} | {rows} |\n")
    say(f"{time.monotonic() - began:.0f} seconds.\n")
    return int(whole[-1].bytes * scale >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
