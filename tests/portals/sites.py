"""What the site in a portal's test folder becomes when the real command harvests it, as plain values.

`python -m tests.portals.sites NAME...` writes tests/portals/NAME/expected.json and config/shapes/NAME.json anew.
Compare every changed field with the pages by eye before keeping it.
"""

from __future__ import annotations

import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import yaml

from tests.harvest.commands import Callwatch, Done, Zygote
from tests.harvest.state import stored_calls
from tests.portals import shapes
from tests.portals.site_server import HERE, SiteServer, site, site_server

NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
SITES = sorted(path.parent.name for path in HERE.glob("*/site.yml"))
CONFIG = HERE.parents[1] / "config" / "portals"


def hosts(portal: str) -> int:
    """How many hosts a portal has."""
    return len(yaml.safe_load((CONFIG / f"{portal}.yml").read_text(encoding="utf-8"))["requests"]["hosts"])


def harvest(callwatch: Callwatch, portal: str, server: SiteServer, at: datetime = NOW, **more: Any) -> Done:
    """The real command against the site."""
    env = {f"CALLWATCH_{portal.upper()}_BASE_URL": server.base_url}
    return callwatch("harvest", portal, "--json", at=at, **env, **more)


def outcome(callwatch: Callwatch, done: Done) -> dict[str, Any]:
    """Verdict, issues, and every call (what is not set left out)."""
    calls = [msgspec.to_builtins(stored.call) for _, stored in sorted(stored_calls(callwatch).items())]
    empty: tuple[Any, ...] = ("", None, (), {}, [])
    return {
        "verdict": done.report["verdict"],
        "issues": done.report["issues"],
        "calls": [{name: value for name, value in call.items() if value not in empty} for call in calls],
    }


def write(portal: str, zygote: Zygote) -> None:
    """Write expected.json and the shape, and say what came."""
    with tempfile.TemporaryDirectory() as folder, site_server(site(portal), hosts=hosts(portal)) as server:
        callwatch = Callwatch(zygote, Path(folder))
        found = outcome(callwatch, harvest(callwatch, portal, server))
    text = json.dumps(found, ensure_ascii=False, indent=1, default=list)
    (HERE / portal / "expected.json").write_text(text + "\n", encoding="utf-8")
    sys.stdout.write(f"{portal}: {found['verdict']}, {len(found['calls'])} calls, {len(found['issues'])} issues\n")
    if not found["calls"]:
        sys.exit(f"{portal}: no calls from its test site; mend the YAML or the normaliser (issues: expected.json)")
    shapes.write(portal)


if __name__ == "__main__":
    process = Zygote()
    for name in sys.argv[1:]:
        write(name, process)
    process.stop()
