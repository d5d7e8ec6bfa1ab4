"""Where configuration lies: $CALLWATCH_CONFIG, else the checkout's config/, else the copy inside the package."""

from __future__ import annotations

from pathlib import Path

from pipeline.errors import ConfigError

PACKAGE = Path(__file__).resolve().parent


def config_dir(chosen: Path | None) -> Path:
    """The configuration folder to use; raises ConfigError when a chosen one is not there."""
    if chosen is not None:
        if not chosen.is_dir():
            raise ConfigError(f"CALLWATCH_CONFIG: {chosen} is not a folder. Create it, or unset the variable.")
        return chosen
    checkout = PACKAGE.parent / "config"
    return checkout if (checkout / "portals").is_dir() else PACKAGE / "_config"


def config_file(chosen: Path | None, name: str) -> Path:
    """One configuration file: from the chosen folder if it is there, else the shipped one.

    So an operator's folder may hold nothing but the files that differ.
    """
    folder = config_dir(chosen)
    return folder / name if (folder / name).exists() else config_dir(None) / name
