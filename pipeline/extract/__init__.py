"""Reads facts from announcements written as prose: values in, values out. Empty rather than wrong."""

from __future__ import annotations

from pipeline.extract.announcement import extract
from pipeline.extract.facts import Extraction, Moment, Money

__all__ = ["Extraction", "Moment", "Money", "extract"]
