"""A copy of the checkout, for commands that write into it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT
from tests.portals.made_up import MadeUp

FOLDERS = ("spiders", "pipeline", "alerts", "callwatch", "config", "tests", "docs")
FILES = ("*.toml", "*.md", "*.lock", "LICENSE", "Makefile")


class Checkout:
    """A copy of the checkout, and commands in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for name in FOLDERS:
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", "*.db"))
        for path in (path for name in FILES for path in ROOT.glob(name)):
            shutil.copy(path, root)

    def run(self, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
        """`python -m ARGUMENTS`."""
        database = f"sqlite:///{self.root.parent / 'copy.db'}"
        environment = {key: value for key, value in os.environ.items() if not key.startswith("CALLWATCH_")}
        environment |= {"NO_PROXY": "127.0.0.1", "PYTHONPATH": str(self.root), "CALLWATCH_DATABASE_URL": database}
        command = [sys.executable, "-m", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=environment | env, capture_output=True, text=True, timeout=300, check=False
        )

    def new(self, name: str, made: MadeUp, base: str, base_url: str) -> subprocess.CompletedProcess[str]:
        """`callwatch portals new`."""
        env = {f"CALLWATCH_{name.upper()}_BASE_URL": base_url}
        return self.run("callwatch", "portals", "new", name, made.url, "--like", base, **env)

    def state(self) -> dict[str, bytes]:
        """Every file but compiled ones."""
        paths = (path for path in self.root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
        return {str(path.relative_to(self.root)): path.read_bytes() for path in paths}
