"""Only the command that is asked for is made ready, and nobody can tell."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.main import get_command

from callwatch.cli import app, for_words
from tests.conftest import ROOT


def names(asked: list[str]) -> list[str]:
    found = get_command(for_words(asked))
    return list(getattr(found, "commands", {}))


def test_each_command_is_found_by_its_name() -> None:
    everything = names([])
    assert {"tick", "harvest", "db", "portals"} <= set(everything)
    assert [names([name, "more"]) for name in everything] == [[name] for name in everything]
    assert names([]) == everything, "what was asked for before leaves no trace"


@pytest.mark.parametrize("asked", [[], ["-h"], ["tikc"], ["--verbose", "tick"], [""]])
def test_without_a_command_in_front_there_are_all(asked: list[str]) -> None:
    assert for_words(asked) is app


def test_help_of_one_command_names_the_program() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "callwatch", "tick", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "Usage: callwatch tick [OPTIONS]" in " ".join(done.stdout.split()).replace("python -m ", "")
