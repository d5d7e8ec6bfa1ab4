"""The configuration of a process that stays: a copy, which changes only when it is told to."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection
from pathlib import Path

from pipeline.errors import CallwatchError, ConfigError


class Snapshot:
    """The configuration as it was when it could last be read: a copy in a folder of its own."""

    def __init__(self, source: Callable[[], Path], check: Callable[[Path], None]) -> None:
        """`source` is the folder as it is now; `check` raises CallwatchError for one that cannot be used."""
        self._source, self._check = source, check
        self._home = Path(tempfile.mkdtemp(prefix="callwatch-config-"))
        self._number = 0
        self._old: list[Path] = []
        try:
            self.folder = self._copy()
            check(self.folder)
        except CallwatchError as error:
            self.close()
            raise ConfigError(str(error).replace(str(self._home / "1"), str(source()))) from error

    def renew(self) -> str:
        """Take the configuration anew; why the old one stays, or nothing."""
        try:
            fresh = self._copy()
        except ConfigError as error:
            return str(error)
        try:
            self._check(fresh)
        except CallwatchError as error:
            shutil.rmtree(fresh)
            return str(error).replace(str(fresh), str(self._source()))
        old, self.folder = self.folder, fresh
        self._old.append(old)
        return ""

    def tidy(self, used: Collection[Path]) -> None:
        """Remove the copies of before, but for those that somebody may still read."""
        for folder in self._old[:]:
            if folder not in used:
                self._old.remove(folder)
                shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        """Remove the copies."""
        shutil.rmtree(self._home, ignore_errors=True)

    def _copy(self) -> Path:
        self._number += 1
        source, copy = self._source(), self._home / str(self._number)
        try:
            return shutil.copytree(source, copy)
        except (OSError, shutil.Error) as error:
            shutil.rmtree(copy, ignore_errors=True)
            raise ConfigError(f"{source}: cannot be copied ({error}).") from error
