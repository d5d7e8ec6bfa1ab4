"""What an answer of a portal that publishes lists becomes, as plain values.

`python -m tests.portals.facts NAME...` writes tests/portals/NAME/expected.json anew from answer.json beside it,
and config/shapes/NAME.json. Compare every changed field with the answer by eye before keeping it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import orjson

from pipeline.harvest import Issue, Role
from pipeline.models import Call
from pipeline.normalise import Document, normaliser
from pipeline.source import load_programmes

HERE = Path(__file__).parent
CONFIG = HERE.parents[1] / "config"
LISTS = sorted(path.parent.name for path in HERE.glob("*/answer.json"))
AT = datetime(2026, 11, 26, tzinfo=UTC)


def answer(portal: str) -> list[dict[str, Any]]:
    """The hand-written answer of a portal."""
    rows: list[dict[str, Any]] = json.loads((HERE / portal / "answer.json").read_text(encoding="utf-8"))
    return rows


def one(portal: str, row: Mapping[str, Any]) -> tuple[Call | None, list[Issue]]:
    """The call of one record; a record that cannot be placed gives its Issue, a hidden one or a ghost nothing."""
    found = normaliser(portal).identify(row)
    if isinstance(found, Issue):
        return None, [found]
    if found.role in (Role.GHOST, Role.HIDDEN):
        return None, []
    document = Document(found.role, found.language, orjson.dumps(row), AT)
    return normaliser(portal).assemble([document], load_programmes(CONFIG))


def facts(portal: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Identity, call (what is not set left out) and issues of every record."""
    found = []
    for row in rows:
        call, issues = one(portal, row)
        values = msgspec.to_builtins(call) if call else {}
        found.append(
            {
                "identity": msgspec.to_builtins(normaliser(portal).identify(row)),
                "call": {name: value for name, value in values.items() if value not in ("", None, (), {}, [])},
                "issues": msgspec.to_builtins(issues),
            }
        )
    return found


if __name__ == "__main__":
    from tests.portals import shapes  # which serves these answers

    for name in sys.argv[1:]:
        written = json.dumps(facts(name, answer(name)), ensure_ascii=False, indent=1, default=list)
        (HERE / name / "expected.json").write_text(written + "\n", encoding="utf-8")
        sys.stdout.write(f"{name}: {len(answer(name))} records\n")
        shapes.write(name)
