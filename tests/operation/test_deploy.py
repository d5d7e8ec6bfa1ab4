"""The files of docs/deploy: what systemd, cron, a container and compose are told to do, they can do."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from typer.testing import CliRunner

from callwatch.cli import app
from callwatch.settings import Settings
from pipeline.schedule import parse
from tests.conftest import ROOT

DEPLOY = ROOT / "docs" / "deploy"
COMMAND = "/opt/callwatch/bin/callwatch"
UNITS = ("callwatch.service", "callwatch-serve.service", "callwatch-tick.service")
WORST = 1.5
"""Exposure that `systemd-analyze security` may find, of 10."""

needs_systemd = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed (Debian: systemd)"
)


def read(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


def exists(arguments: list[str]) -> None:
    """The command and its options are there."""
    done = CliRunner().invoke(app, [*arguments, "--help"])
    assert done.exit_code == 0, done.output


def directives(unit: str) -> list[str]:
    return [line for line in read(unit).splitlines() if re.match(r"[A-Z]\w+=", line)]


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_runs_a_command_that_exists(unit: str) -> None:
    (line,) = (line for line in directives(unit) if line.startswith("ExecStart="))
    command, *arguments = shlex.split(line.removeprefix("ExecStart="))
    assert command == COMMAND
    exists(arguments)


def test_all_units_are_shut_in_alike() -> None:
    shut_in = [read(unit).partition("# What it may touch")[2].partition("[Install]")[0].strip() for unit in UNITS]
    assert len(shut_in[0].splitlines()) > 25
    assert len(set(shut_in)) == 1


@needs_systemd
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    names = [path.name for path in DEPLOY.iterdir() if path.suffix in (".service", ".timer")]
    assert set(names) == {*UNITS, "callwatch-tick.timer"}
    for name in names:
        (tmp_path / name).write_text(read(name).replace(COMMAND, sys.executable))
    files = [str(tmp_path / name) for name in names]
    done = subprocess.run(["systemd-analyze", "verify", *files], capture_output=True, text=True, check=False)
    ours = [line for line in done.stderr.splitlines() if "callwatch" in line]
    assert (done.returncode, ours) == (0, [])


@needs_systemd
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_finds_little_to_attack(unit: str) -> None:
    command = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(DEPLOY / unit)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    assert found is not None, done.stderr
    assert float(found[1]) <= WORST


def test_the_crontab_is_one() -> None:
    jobs = [line for line in read("crontab").splitlines() if re.match(r"[\d*]", line)]
    assert len(jobs) == 4
    for job in jobs:
        fields, command = job.split()[:5], job.split(maxsplit=5)[5]
        parse(" ".join(fields))
        assert "%" not in command.replace("\\%", "")  # cron ends a line there
        command = command.replace("\\%", "%")
        subprocess.run(["bash", "-n", "-c", command], check=True)
        if command.startswith(COMMAND):
            words = shlex.split(command.partition(">")[0])
            exists([word for word in words[1:] if not word.startswith("backups/")])


def test_the_sample_of_settings_knows_each() -> None:
    named = re.findall(r"^#?(CALLWATCH_\w+)=\"", read("callwatch.env"), re.M)
    assert set(named) <= {f"CALLWATCH_{name.upper()}" for name in Settings.model_fields}
    lines = [line for line in read("callwatch.env").splitlines() if not line.startswith("#")]
    script = f'set -eua; . {DEPLOY / "callwatch.env"}; echo "$CALLWATCH_MAIL_FROM"'
    said = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert said.stdout == "callwatch <calls@example.org>\n"
    assert all(re.fullmatch(r'\w+="[^"]*"', line) for line in lines)


class Step(NamedTuple):
    """One instruction of a Containerfile, in its stage."""

    stage: int
    name: str
    text: str


def steps() -> list[Step]:
    text = re.sub(r"^#.*\n", "", read("Containerfile"), flags=re.M).replace("\\\n", " ")
    found, stage = [], -1
    for line in filter(None, map(str.strip, text.splitlines())):
        name, _, rest = line.partition(" ")
        stage += name == "FROM"
        found.append(Step(stage, name, " ".join(rest.split())))
    return found


def test_the_image_is_locked_and_runs_as_nobody_special() -> None:
    found = steps()
    last = [step for step in found if step.stage == found[-1].stage]
    (user,) = (step.text for step in last if step.name == "USER")
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", user)
    (command,) = (step.text for step in last if step.name == "CMD")
    exists(yaml.safe_load(command))
    for step in found:
        for part in step.text.split("&&") if step.name == "RUN" else ():
            if " install " in part and "pip" in part:
                assert "--require-hashes -r requirements" in part or "--no-index" in part, part
        if step.name == "COPY" and "--from" not in step.text:
            assert all((ROOT / source).exists() for source in step.text.split()[:-1]), step.text
    if linter := shutil.which("hadolint"):
        subprocess.run([linter, str(DEPLOY / "Containerfile")], check=True)


@pytest.mark.slow
def test_the_steps_of_the_image_can_be_run(tmp_path: Path) -> None:
    """Its first stage, here: the environment that it makes holds a callwatch that works."""
    source, places = tmp_path / "src", {"/opt/": f"{tmp_path}/opt/", "python -m venv": f"{sys.executable} -m venv"}
    source.mkdir()
    for step in steps():
        if step.stage == 0 and step.name == "COPY":
            *names, target = step.text.split()
            for name in names:
                copy: Any = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
                copy(ROOT / name, source / target)
        elif step.stage == 0 and step.name == "RUN":
            line = step.text
            for there, here in places.items():
                line = line.replace(there, here)
            done = subprocess.run(["sh", "-ec", line], cwd=source, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    shutil.rmtree(source)
    command = tmp_path / "opt" / "callwatch" / "bin" / "callwatch"
    done = subprocess.run([command, "portals", "list"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "eu_funding_tenders" in done.stdout


def test_compose_shuts_in_what_it_starts() -> None:
    compose = yaml.safe_load(read("compose.yaml"))
    services = compose["services"]
    assert set(services) == {"db", "run", "serve"}
    assert (DEPLOY / services["run"]["build"]["context"] / services["run"]["build"]["dockerfile"]).is_file()
    for name in ("run", "serve"):
        service = services[name]
        exists(service["command"])
        assert (service["read_only"], service["cap_drop"], service["init"]) == (True, ["ALL"], True)
        assert service["depends_on"] == {"db": {"condition": "service_healthy"}}
    for service in services.values():
        assert "no-new-privileges:true" in service["security_opt"]
        assert {"mem_limit", "restart"} <= set(service)
        for volume in service["volumes"]:
            source = volume.partition(":")[0]
            assert source.startswith("./") or source in compose["volumes"]
    published = [port for service in services.values() for port in service.get("ports", [])]
    assert all(port.startswith("127.0.0.1:") for port in published)
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:
        command = [docker, "compose", "-f", str(DEPLOY / "compose.yaml"), "config", "--quiet"]
        subprocess.run(command, env={"POSTGRES_PASSWORD": "x", "PATH": "/usr/bin:/bin"}, check=True)
