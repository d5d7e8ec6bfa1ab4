"""Regional offices in Brussels and the like: posts that announce calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pipeline.harvest import Issue
from pipeline.models import Call
from pipeline.normalise import Document, Identity, Programmes, announcements

PORTAL, LANGUAGE = "regional_news", "sv"


def identify(item: Mapping[str, Any], /) -> Identity | Issue:
    """Place a post by its site and slug; one that announces no call is a ghost."""
    return announcements.identify(item, LANGUAGE)


def assemble(documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
    """The announcement of a post, and what was odd about it; never raises."""
    return announcements.assemble(PORTAL, LANGUAGE, documents, codes)
