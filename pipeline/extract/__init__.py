"""Reads facts from announcements written as prose: values in, values out. Empty rather than wrong.

What is named here is imported when it is asked for: whoever needs one small module of it does not pay for all.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.extract.announcement import extract
    from pipeline.extract.facts import Extraction, Moment, Money

__all__ = ["Extraction", "Moment", "Money", "extract"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "announcement" if name == "extract" else "facts"
    return getattr(import_module(f"{__name__}.{module}"), name)
