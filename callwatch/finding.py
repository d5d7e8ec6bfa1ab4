"""What the doctor says."""

from __future__ import annotations

import msgspec


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. `remedy` is empty where all is well."""

    what: str
    state: str
    remedy: str = ""
