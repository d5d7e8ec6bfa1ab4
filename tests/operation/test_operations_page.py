"""The commands of docs/operations.md, run as they stand there, by somebody who has only the wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from callwatch.demo.sample import records
from callwatch.demo.standin.server import StandIn
from tests.conftest import ROOT
from tests.harvest.days import TODAY
from tests.store.conftest import postgres

__all__ = ["postgres"]

PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")


class Block(NamedTuple):
    """Commands of one fenced block; `kind` says who runs it: root and install are not run with the others."""

    section: str
    kind: str
    commands: tuple[str, ...]


def blocks() -> list[Block]:
    found, section = [], ""
    for part in re.finditer(r"^## ([^\n]+)$|^```console *(\w*)\n(.*?)^```$", PAGE, re.M | re.S):
        if part[1]:
            section = part[1]
        else:
            lines = tuple(line.removeprefix("$ ") for line in part[3].splitlines())
            assert all(line.startswith("$ ") for line in part[3].splitlines()), part[3]
            found.append(Block(section, part[2], lines))
    return found


def run(script: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A bash that stops at the first fault, with nothing of this session's environment."""
    usual = {"HOME": str(folder), "LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"}
    command = ["bash", "-euo", "pipefail", "-c", script]
    env = {**usual, **environment}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel in an environment of its own, which borrows only the dependencies from this one."""
    folder = tmp_path_factory.mktemp("installed")
    quiet = {"cwd": ROOT, "check": True, "capture_output": True}
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], **quiet)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], **quiet)
    (wheel,) = folder.glob("*.whl")
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, str(wheel)], **quiet)
    (packages,) = (folder / "venv" / "lib").glob("python3*/site-packages")
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / "venv" / "bin"


@pytest.fixture
def portal() -> Iterator[StandIn]:
    with StandIn(records(TODAY)) as standing:
        yield standing


@pytest.mark.slow
def test_every_command_that_needs_no_root(installed: Path, portal: StandIn, postgres: str, tmp_path: Path) -> None:
    config = tmp_path / "config"
    (config / "portals").mkdir(parents=True)
    shutil.copy(ROOT / "config" / "portals" / "eu_funding_tenders.yml", config / "portals")
    own = {
        "PATH": f"{installed}:/usr/local/bin:/usr/bin:/bin",
        "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": portal.base_url,
        "CALLWATCH_CONFIG": str(config),
        "POSTGRES": postgres.replace("+psycopg", ""),
    }
    where = run("callwatch --version; python -c 'import pipeline; print(pipeline.__file__)'", tmp_path, **own)
    assert str(installed.parent) in where.stdout
    to_run = [block for block in blocks() if not block.kind]
    assert {block.section for block in to_run} >= {"Install", "Backup and restore", "Moving to PostgreSQL"}
    for block in to_run:
        for command in block.commands:
            done = run(command, tmp_path, **own)
            assert done.returncode == 0, f"{block.section}: {command}\n{done.stdout}\n{done.stderr}"


@pytest.mark.slow
def test_the_installation(tmp_path: Path) -> None:
    """For real, from the registry."""
    (block,) = (block for block in blocks() if block.kind == "install")
    for name in ("spiders", "pipeline", "alerts", "callwatch", "config"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", *(path.name for path in ROOT.glob("*.lock"))):
        shutil.copy(ROOT / name, tmp_path)
    registry = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    path = f"{Path(sys.base_prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin"
    done = run("\n".join(block.commands), tmp_path, **registry, PATH=path)
    assert done.returncode == 0, done.stderr
    assert re.fullmatch(r"callwatch \S+\n", done.stdout.splitlines(keepends=True)[-1])


@pytest.mark.parametrize("block", [block for block in blocks() if block.kind == "root"], ids=lambda b: b.section)
def test_what_needs_root_is_well_formed_and_names_files_that_exist(block: Block) -> None:
    for command in block.commands:
        subprocess.run(["bash", "-n", "-c", command], check=True)
        for name in re.findall(r"(?:docs/deploy|config)/[\w.-]+\w", command):
            assert (ROOT / name).exists(), command


def test_each_kind_of_block_is_known() -> None:
    assert {block.kind for block in blocks()} == {"", "root", "install"}
