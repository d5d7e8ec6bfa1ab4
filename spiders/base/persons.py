"""Takes out what is people's: e-mail addresses, in whatever way a page or a list writes them."""

from __future__ import annotations

import re

import msgspec

from spiders.base.entries import Entry

_ENTITY = re.compile(r"&#(?:x0*([0-9a-f]{2})|0*([0-9]{2,3}));|&commat;", re.IGNORECASE)
_LETTERS = re.compile(r"[\w.+@-]")
_TAGS = r"((?:<[^<>]{0,200}>){0,3})"
_HOST = re.compile(rf"{_TAGS}@{_TAGS}[\w-]{{1,63}}(?:\.[\w-]{{1,63}})+")
_NAME = re.compile(r"[\w.+-]{1,64}$")


def without_addresses(text: str) -> str:
    """`text` without e-mail addresses, which are people's, also where mark-up hides them.

    Half characters, which cannot be stored, become `?`.
    """
    if "@" in text or "&" in text:
        text = _ENTITY.sub(_letter, text)
        text = _without(text) if "@" in text else text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
    return text


def without_persons(entry: Entry) -> Entry:
    """An entry of a list without e-mail addresses."""
    fields = {name: without_addresses(text) for name, text in entry.fields.items()}
    return msgspec.structs.replace(entry, fields=fields)


def _without(text: str) -> str:
    """Looks back from each host, because a page without white space would be one long name."""
    kept, done = [], 0
    for host in _HOST.finditer(text):
        name = _NAME.search(text, max(done, host.start() - 64), host.start())
        if name:
            kept += [text[done : name.start()], host[1], host[2]]
            done = host.end()
    return "".join(kept) + text[done:]


def _letter(entity: re.Match[str]) -> str:
    """What a numeric entity stands for, if addresses are made of it; else as it is written."""
    if entity[0].lower() == "&commat;":
        return "@"
    letter = chr(int(entity[1], 16) if entity[1] else int(entity[2]))
    return letter if _LETTERS.fullmatch(letter) else entity[0]
