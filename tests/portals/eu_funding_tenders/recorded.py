"""What the recorded answers become, as facts: long texts by length, hash and first characters only.

`python -m tests.portals.eu_funding_tenders.recorded FOLDER` writes expected/*.json anew from FOLDER (the recorded
answers, ft/raw). Compare every changed field with the raw answer by eye before keeping it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import orjson

from pipeline.harvest import Issue
from pipeline.normalise import Document
from pipeline.normalise.eu_funding_tenders import assemble, identify
from pipeline.source import load_programmes

EXPECTED = Path(__file__).parent / "expected"
CONFIG = Path(__file__).parents[3] / "config"
LONG = {"text", "html", "conditions", "conditions_html", "applicants", "texts", "latest"}


def facts(answer: Path) -> dict[str, Any]:
    """Every row's identity and every call of one recorded answer."""
    rows = json.loads(answer.read_text(encoding="utf-8"))["results"]
    identities = [identify(row) for row in rows]
    groups: dict[str, list[Document]] = {}
    for row, identity in zip(rows, identities, strict=True):
        if not isinstance(identity, Issue):
            document = Document(
                identity.role, identity.language, orjson.dumps(row), datetime(2026, 1, 1, tzinfo=UTC)
            )
            groups.setdefault(identity.call_reference, []).append(document)
    programmes = load_programmes(CONFIG)
    calls = {reference: assemble(documents, programmes) for reference, documents in groups.items()}
    return {
        "rows": msgspec.to_builtins(identities),
        "calls": {
            reference: {"call": _shortened(msgspec.to_builtins(call)), "issues": msgspec.to_builtins(issues)}
            for reference, (call, issues) in calls.items()
        },
    }


def _shortened(call: dict[str, Any] | None) -> dict[str, Any] | None:
    """`call` without any long text: what is copied here are facts."""
    return call and {name: _digest(value) if name in LONG else value for name, value in call.items()}


def _digest(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _digest(inner) if key != "at" else inner for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_digest(inner) for inner in value]
    if not isinstance(value, str) or not value:
        return value
    digest = hashlib.sha256(value.encode()).hexdigest()
    return {"length": len(value), "sha256": digest, "first": value[:40]}


if __name__ == "__main__":
    for answer in sorted(Path(sys.argv[1]).glob("*.json")):
        written = json.dumps(facts(answer), ensure_ascii=False, indent=1)
        (EXPECTED / answer.name).write_text(written + "\n", encoding="utf-8")
