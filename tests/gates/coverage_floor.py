"""Gate: branch coverage of the pure middle. Reads the .coverage file that `make coverage` has just written."""

from __future__ import annotations

import sys
from fnmatch import fnmatch
from pathlib import Path

import coverage

ROOT = Path(__file__).resolve().parents[2]
FLOOR = 95.0
PURE = (
    "pipeline/absence.py",
    "pipeline/changes.py",
    "pipeline/checks.py",
    "pipeline/classify/*.py",
    "pipeline/dates.py",
    "pipeline/evaluate/*.py",
    "pipeline/extract/*.py",
    "pipeline/languages.py",
    "pipeline/models.py",
    "pipeline/money.py",
    "pipeline/normalise/*.py",
    "pipeline/normalise/*/*.py",
    "pipeline/text.py",
    "alerts/digest.py",
    "alerts/match.py",
    "alerts/message.py",
    "alerts/plan.py",
    "spiders/base/scan.py",
)


def main() -> int:
    """Print the files of the pure middle below 100 % and the total; 1 if that is under the floor."""
    data = coverage.Coverage(data_file=str(ROOT / ".coverage"))
    data.load()
    covered = total = 0
    for path in sorted(data.get_data().measured_files()):
        name = Path(path).relative_to(ROOT).as_posix()
        if not any(fnmatch(name, pattern) for pattern in PURE):
            continue
        numbers = data._analyze(path).numbers
        hit = numbers.n_executed + numbers.n_executed_branches
        possible = numbers.n_statements + numbers.n_branches
        covered, total = covered + hit, total + possible
        if hit < possible:
            sys.stdout.write(f"{name}: {100 * hit / possible:.1f} %\n")
    rate = 100 * covered / total if total else 0.0
    sys.stdout.write(f"branch coverage of the pure middle: {rate:.1f} % (at least {FLOOR:.0f} %)\n")
    return 0 if rate >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
