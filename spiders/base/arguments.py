"""Arguments of a spider: text when they come from Scrapy's command line. All raise ConfigError with the remedy."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit, urlunsplit

from pipeline.errors import ConfigError


def checked_base_url(base_url: str) -> str:
    """`scheme://host:port` without a slash at the end, or empty. Raises ConfigError for anything more or less."""
    split = urlsplit(base_url.strip().rstrip("/"))
    try:
        usable = split.scheme in ("http", "https") and split.hostname and (split.port or True)
    except ValueError:
        usable = False
    if base_url and (not usable or split.path or split.query or "@" in split.netloc):
        raise ConfigError(
            f'base_url "{base_url}" is not of the form http://127.0.0.1:8899 (scheme, host and port).'
        )
    return urlunsplit(split)


def flag(name: str, value: bool | str) -> bool:
    """1 or 0, yes or no; empty is no."""
    known = {"": False, "0": False, "false": False, "no": False, "1": True, "true": True, "yes": True}
    try:
        return known[str(value).strip().lower()]
    except KeyError:
        raise ConfigError(f'{name}="{value}": write {name}=1, or leave it out.') from None


def day(name: str, value: str | date) -> date | None:
    """A day as 2026-12-31; None when empty."""
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        raise ConfigError(f'{name}="{value}" is no day; write it as 2026-12-31.') from None


def count(name: str, value: int | str) -> int:
    """A number, not negative."""
    text = str(value).strip()
    if not (text.isdecimal() and text.isascii()):
        raise ConfigError(f'{name}="{value}" is no number of calls; write {name}=20, or leave it out.')
    return int(text)
