"""The command line of callwatch in processes of its own, at any time of one's choice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from pipeline.store import Store
from tests.conftest import ROOT

PORTAL = "eu_funding_tenders"
BASE_URL = "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL"


@dataclass
class Done:
    """How a command ended. `code` is negative for a signal."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one document on stdout."""
        return json.loads(self.out)

    @property
    def report(self) -> dict[str, Any]:
        """The only run of `harvest --json`."""
        (run,) = self.json["runs"]
        return run

    @property
    def problems(self) -> str:
        """All issues of the only run, as one text to look into."""
        return "\n".join(f"{i['reference']} {i['field']}: {i['problem']}" for i in self.report["issues"])


class Zygote:
    """The process that is forked for each command."""

    def __init__(self) -> None:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("CALLWATCH_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.harvest.zygote"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**environment, "NO_PROXY": "127.0.0.1", "PYTHONUTF8": "1"},
        )

    def ask(self, **question: Any) -> Any:
        """One question, one answer."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def stop(self) -> None:
        """End it."""
        self._process.communicate(timeout=20)


@dataclass
class Running:
    """A command under way."""

    zygote: Zygote
    pid: int
    out: Path
    err: Path

    def kill(self) -> None:
        """As a power cut would."""
        os.kill(self.pid, signal.SIGKILL)

    def wait(self) -> Done:
        """Its end."""
        code = self.zygote.ask(wait=self.pid)["code"]
        return Done(code, self.out.read_text(), self.err.read_text())


@dataclass
class Callwatch:
    """Commands over one database in one folder."""

    zygote: Zygote
    folder: Path
    url: str = ""
    env: dict[str, str] = field(default_factory=dict)
    _numbers: Any = field(default_factory=count)

    def __post_init__(self) -> None:
        self.url = self.url or f"sqlite:///{self.folder / 'callwatch.db'}"

    def start(
        self,
        *arguments: str,
        at: datetime | None = None,
        tamper: dict[str, Any] | None = None,
        stdin: str = "",
        **env: str,
    ) -> Running:
        """Begin `callwatch ARGUMENTS` at the time `at`; `tamper` names functions of zygote.py with an argument."""
        number = next(self._numbers)
        given, out, err = (self.folder / f"{number}.{end}" for end in ("in", "out", "err"))
        for file, text in ((given, stdin), (out, ""), (err, "")):  # who is killed at once has said nothing
            file.write_text(text)
        question = {
            "arguments": arguments,
            "at": at.isoformat() if at else "",
            "env": {"CALLWATCH_DATABASE_URL": self.url, **self.env, **env},
            "folder": str(self.folder),
            "stdin": str(given),
            "stdout": str(out),
            "stderr": str(err),
            "tamper": tamper or {},
        }
        return Running(self.zygote, self.zygote.ask(start=question)["pid"], out, err)

    def __call__(self, *arguments: str, **given: Any) -> Done:
        """Run `callwatch ARGUMENTS` to its end."""
        return self.start(*arguments, **given).wait()

    def harvest(self, base_url: str, *arguments: str, **given: Any) -> Done:
        """`callwatch harvest eu_funding_tenders --json` of the portal at `base_url`."""
        return self("harvest", PORTAL, "--json", *arguments, **{BASE_URL: base_url}, **given)

    def store(self) -> Store:
        """The database; to be closed."""
        return Store.open(self.url)
