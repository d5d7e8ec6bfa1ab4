"""Writes the files of a new portal: all of them or none, and never over one that is there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from callwatch.paths import PACKAGE
from pipeline.errors import ConfigError

ROOT = PACKAGE.parent


def checkout() -> Path:
    """The checkout callwatch runs from. Raises ConfigError in an installed wheel."""
    if not (ROOT / "pyproject.toml").is_file() or not (ROOT / "tests" / "portals").is_dir():
        raise ConfigError(
            f"{ROOT} is no checkout of callwatch: portals are made in one, where their tests are "
            "(docs/how-to/add-a-portal.md)."
        )
    return ROOT


def write_new(root: Path, new: Mapping[str, bytes], changed: Mapping[str, bytes]) -> None:
    """Write files by their place in the checkout; on any error everything is as it was. Raises ConfigError."""
    there = [name for name in new if (root / name).exists()]
    if there:
        raise ConfigError(f"{root / there[0]}: is there already, and nothing was written. Choose another name.")
    before = {name: (root / name).read_bytes() for name in changed}
    made: list[Path] = []
    try:
        for name, content in new.items():
            made += _folders(root / name)
            with (root / name).open("xb") as file:
                made.append(root / name)
                file.write(content)
        for name, content in changed.items():
            (root / name).write_bytes(content)
    except BaseException as error:
        for name, content in before.items():
            (root / name).write_bytes(content)
        for path in reversed(made):
            path.rmdir() if path.is_dir() else path.unlink()
        if isinstance(error, OSError):
            raise ConfigError(f"{error.filename}: cannot be written ({error.strerror}); nothing was.") from error
        raise


def _folders(path: Path) -> list[Path]:
    """Make the folders above `path`; those that were not there, the outermost first."""
    missing = [parent for parent in path.parents if not parent.exists()]
    for folder in reversed(missing):
        folder.mkdir()
    return missing[::-1]
