"""What a command costs that has nothing to do: `--help`, and `tick` with nothing due."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from callwatch.due import slot_of
from callwatch.keys import with_key
from callwatch.wiring import Wiring
from pipeline.store import Store, slots
from tests.bench.databases import OnSqlite
from tests.bench.figure import Figure
from tests.bench.measure import LEAST
from tests.conftest import ROOT
from tests.delivery import world

COMMAND = """
import resource, sys
sys.argv = ["callwatch", *sys.argv[1:]]
from callwatch.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""
BARE = "import resource"
OPENED = """
import resource, sqlite3, sys
with sqlite3.connect(sys.argv[1]) as connection:
    connection.execute("SELECT * FROM slots").fetchall()
"""
TOLD = """
import json
used = resource.getrusage(resource.RUSAGE_SELF)
with open("/proc/self/status") as status:
    peak = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
print("\\n" + json.dumps([used.ru_utime + used.ru_stime, peak]))
"""


def starting(number: int) -> list[Figure]:
    """Both commands, in turns with a Python that does the least."""
    with tempfile.TemporaryDirectory(prefix="cw-bench-") as folder:
        file, env = idle(Path(folder))
        return [
            started("help", "callwatch --help", (COMMAND, "--help"), (BARE,), {}, number),
            started(
                "tick",
                "callwatch tick, nothing due",
                (COMMAND, "tick"),
                (OPENED, str(file)),
                env,
                number,
            ),
        ]


def idle(home: Path) -> tuple[Path, dict[str, str]]:
    """A database in which all that is due now has been done, housekeeping as well, and the settings of a watch
    with all portals that need no key and twenty subscriptions."""
    file = Path(OnSqlite(home).new().removeprefix("sqlite:///"))
    config = world.configure(home / "config", world.subscribers(20, 0))
    env = {"CALLWATCH_DATABASE_URL": f"sqlite:///{file}", "CALLWATCH_CONFIG": str(config)}
    wiring, now = Wiring(), datetime.now(UTC)
    with Store.open(f"sqlite:///{file}") as store, store.begin() as conn:
        for name in with_key(wiring.portals.values(), quiet=True):
            # Tomorrow's: none comes due while this is measured.
            slot = slot_of(wiring.portal(name).schedule, now + timedelta(days=1), watched=False)
            slots.begin(conn, slots.harvest_job(name), slot, now)
            slots.end(conn, slots.harvest_job(name), slot.key, now, done=True)
    run((COMMAND, "tick"), env)
    return file, env


def started(
    key: str, what: str, ours: tuple[str, ...], least: tuple[str, ...], env: Mapping[str, str], number: int
) -> Figure:
    """Processes in turns."""
    rows = [(several(least, env), run(ours, env)) for _ in range(2 * number)]
    spent = tuple(row[1][0] for row in rows)
    goal = {"help": 0.3, "tick": 0.6}[key]
    return Figure(
        key=key,
        what=what,
        values=spent,
        limits=tuple(row[0] for row in rows),
        least="a Python that starts" + (" and reads the slots by sqlite3" if key == "tick" else ""),
        clock=min(LEAST, *spent),
        memory=median(row[1][1] for row in rows),
        whole=True,
        goal=f"{goal} s",
        reached=median(spent) <= goal,
    )


def several(command: tuple[str, ...], env: Mapping[str, str]) -> float:
    """CPU seconds of one that is too quick to be timed once."""
    spent: list[float] = []
    while sum(spent) < LEAST:
        spent.append(run(command, env)[0])
    return sum(spent) / len(spent)


def run(command: tuple[str, ...], env: Mapping[str, str]) -> tuple[float, float]:
    """CPU seconds and peak of memory in MB of a Python of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CALLWATCH_")}
    done = subprocess.run(
        [sys.executable, "-c", command[0] + TOLD, *command[1:]],
        env={**clean, **env},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"it failed:\n{done.stderr[-2000:]}")
    spent, peak = json.loads(done.stdout.splitlines()[-1])
    return spent, peak
