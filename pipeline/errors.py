"""Every error callwatch raises on purpose, and who has to act on it.

    CallwatchError
    ├── ConfigError        an operator wrote something callwatch cannot use (exit 2)
    ├── StoreError         the database cannot be used as it is (exit 2)
    │   └── StoreTooNew    it was written by a newer callwatch
    ├── Busy               another run holds the lock (exit 4)
    ├── PortalDrift        a portal answered something we do not understand (the run fails, exit 3)
    └── SendError          a message did not leave
        ├── Temporary      worth another try later
        └── Permanent      never worth another try; the reason is shown to the operator

A record that cannot be read is not an error but an `Issue` (pipeline.harvest): it is counted and reported,
and its neighbours go on.
"""

from __future__ import annotations

__all__ = [
    "Busy",
    "CallwatchError",
    "ConfigError",
    "Permanent",
    "PortalDrift",
    "SendError",
    "StoreError",
    "StoreTooNew",
    "Temporary",
]


class CallwatchError(Exception):
    """Base of all; its text is meant to be read by a person."""

    exit_code = 1


class ConfigError(CallwatchError):
    """A configuration file, setting or argument is wrong; the text names file, line and remedy."""

    exit_code = 2


class StoreError(CallwatchError):
    """The database cannot be used as it is."""

    exit_code = 2


class StoreTooNew(StoreError):
    """The database was written by a newer callwatch than this one."""


class Busy(CallwatchError):
    """Another process holds the lock for the same work."""

    exit_code = 4


class PortalDrift(CallwatchError):
    """A portal's answer breaks an assumption that all its data rests on."""

    exit_code = 3


class SendError(CallwatchError):
    """A channel could not hand a message over."""


class Temporary(SendError):
    """Worth another try; `retry_after` is the wait in seconds that the other side asked for, if it did."""

    def __init__(self, message: str, *, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Permanent(SendError):
    """Never worth another try: unknown address, revoked token, archived channel."""
