"""Items no portal should send, and answers of a shape no client expects; all of them were seen somewhere."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import orjson

# U+0000, the bidi overrides that turn a text round, and a zero-width space.
_INVISIBLE = "\x00\u202e\u2066\u200b"
_MARKUP = "<!channel> <script>alert(1)</script> <https://example.invalid|open> {{7*7}} =HYPERLINK(1) "
_DEEP = 300
_TOO_DEEP = 100_000


def _changed(item: Any, **fields: Any) -> bytes:
    changed = copy.deepcopy(item)
    changed["metadata"].update(fields)
    return orjson.dumps(changed)


def _in_title(item: Any, text: str) -> bytes:
    title = text + "".join(item["metadata"].get("title", [])[:1])
    changed = {**item, "summary": title, "content": title}
    return _changed(changed, title=[title], callTitle=[title], descriptionByte=[f"<p>{title}</p>"])


def _nested(item: Any, depth: int) -> bytes:
    """`metadata.deep` holds lists within lists; beyond about 1,000 no JSON reader accepts the page."""
    return _changed(item, deep="@").replace(b'"@"', b"[" * depth + b"]" * depth, 1)


def _types(item: Any) -> bytes:
    """Every field there, each of a kind it never is."""
    wrong: dict[str, Any] = {
        "title": {"en": 1},
        "identifier": [17],
        "language": [["en"]],
        "descriptionByte": [True],
    }
    dates: dict[str, Any] = {"deadlineDate": "soon", "startDate": [None], "status": None}
    return _changed(item, **wrong, **dates, budgetOverview=["{not json"], actions=[17, "[}"])


def _top_level(item: Any) -> bytes:
    """No metadata object, its fields beside the others."""
    return orjson.dumps({**item["metadata"], **{k: v for k, v in item.items() if k != "metadata"}})


ITEMS: dict[str, Callable[[Any], bytes]] = {
    "nul": lambda item: _in_title(item, _INVISIBLE),
    "markup": lambda item: _in_title(item, _MARKUP),
    "huge_title": lambda item: _in_title(item, "Long " * 200_000),
    "deep": lambda item: _nested(item, _DEEP),
    "too_deep": lambda item: _nested(item, _TOO_DEEP),
    "types": _types,
    "metadata_null": lambda item: orjson.dumps({**item, "metadata": None}),
    "metadata_text": lambda item: orjson.dumps({**item, "metadata": "see above"}),
    "no_metadata": _top_level,
    "not_an_object": lambda item: b'null,17,"text",[[]]',
    "surrogate": lambda item: _in_title(item, "@@").replace(b"@@", b"\\ud800"),
    "bad_utf8": lambda item: _in_title(item, "@@").replace(b"@@", b"\xff\xfe"),
    "nan": lambda item: _changed(item, budget="@@").replace(b'"@@"', b"NaN"),
}
"""The first item of the page is spoiled; its neighbours are good. surrogate, bad_utf8, nan and too_deep make the
whole page unreadable for a strict JSON reader; not_an_object puts four values in the place of one."""

ANSWERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "results_object": lambda envelope: {**envelope, "results": {"0": {}}},
    "results_null": lambda envelope: {**envelope, "results": None},
    "results_missing": lambda envelope: {k: v for k, v in envelope.items() if k != "results"},
    "answer_list": lambda envelope: [envelope],
    "answer_null": lambda envelope: None,
    "total_text": lambda envelope: {**envelope, "totalResults": "many"},
    "total_negative": lambda envelope: {**envelope, "totalResults": -1},
}
"""The answer itself has a shape no client expects; the items are left out."""

KINDS = (*ITEMS, *ANSWERS)


def spoil_first(kind: str, item: Any) -> bytes:
    """The bytes that stand in the place of `item`; an item without a metadata object is odd enough as it is."""
    if not isinstance(item, dict) or not isinstance(item.get("metadata"), dict):
        return orjson.dumps(item)
    return ITEMS[kind](item)


def spoil_answer(kind: str, envelope: dict[str, Any]) -> bytes:
    """The bytes of an answer that keeps its form but for `kind`; `envelope` has no items."""
    return orjson.dumps(ANSWERS[kind](envelope))
