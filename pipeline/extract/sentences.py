"""Cuts a text into lines and sentences, and says under which labels each stands. Pure."""

from __future__ import annotations

import re

import msgspec

from pipeline.extract.months import months

LONGEST = 700
"""Characters of one sentence; a longer one is cut. Keeps the work on one hostile line linear."""

_END = re.compile(r"(?<=[.!?;])[\"”»)]?\s+|(?<=\w\))\s+(?=[A-ZÅÄÖÉÎ][a-zåäö]+ (?:is|ist|est|är)\b)")
_SHORT = re.compile(
    r"(?:\b(?:kl|Mio|Mrd|Nr|ca|cca|approx|bl\.a|t\.ex|t\.o\.m|fr\.o\.m|min|max|Tel|Art|art|no|St|mill|mio"
    r"|pr|inkl|incl|maks|"
    r"jan|feb|febr|mar|apr|jun|jul|aug|sep|sept|okt|oct|nov|dec|dez|des|janv|févr|avr|juil|déc|Jan|Feb"
    r"|Mar|Apr|Jun|Jul|Aug|Sep|Sept|Oct|Nov|Dec|"
    r"Okt|Dez|[A-ZÅÄÖ]|p\.m|a\.m|z\.B|d\.h|bzw|ggf|insb|vs|etc|dvs|evtl|a\.c)|\.)\.$"
)
_ORDINAL = re.compile(r"(?:^|[\s(–-])\d{1,2}\.$")
_BULLET = re.compile(r"^(?:[•*·▪◦‣-]|\d{1,2}[.)]|[a-z]\))\s+(?!\d{1,2}[.\s])")
_HAS_DIGIT = re.compile(r"\d")
_HAS_DAY_OF_MONTH = re.compile(r"(?<!\d)\d{1,2}(?!\d)")
_LABEL_LENGTH = 80
_PROSE = 60


class Sentence(msgspec.Struct, frozen=True):
    """A piece of the text from `start` to `end`.

    `labels`: the lines above that name what follows, nearest first. `line`, `block`: numbers; a block ends at an
    empty line. `item`: it stands in a list, or has the form "label: value".
    """

    start: int
    end: int
    text: str
    line: int
    block: int
    labels: tuple[str, ...] = ()
    item: bool = False


def split(text: str) -> list[Sentence]:
    """All sentences of `text`, whose lines are separated by a line feed."""
    found: list[Sentence] = []
    labels: list[str] = []
    position, block, valued, prose = 0, 0, False, False
    for number, line in enumerate(text.split("\n")):
        if not line.strip():
            block += 1
            labels = [] if prose else labels
        elif _is_label(line):
            if valued and not line.endswith(":"):
                labels = labels[-1:] if labels and _BULLET.match(text[position - 1 :][:4]) else []
            labels, valued, prose = [line.strip(), *labels][:3], False, False
            found.append(Sentence(position, position + len(line), line, number, block))
        else:
            valued, prose = True, line.endswith(".") and len(line) > _PROSE
            found.extend(_sentences(line, position, number, block, tuple(labels)))
        position += len(line) + 1
    return found


def _is_label(line: str) -> bool:
    bare = line.strip()
    if bare.endswith(":") and len(bare) <= _LABEL_LENGTH and not _HAS_DAY_OF_MONTH.search(bare):
        return True
    return (
        len(bare) <= _LABEL_LENGTH
        and not _HAS_DIGIT.search(bare)
        and bare[-1] not in ".!;,"
        and bare.count(" ") < 10
    )


def _sentences(line: str, position: int, number: int, block: int, labels: tuple[str, ...]) -> list[Sentence]:
    item = bool(_BULLET.match(line)) or bool(re.match(r"[^.:!?]{2,60}\s?:\s", line))
    return [
        Sentence(position + start, position + end, line[start:end], number, block, labels, item)
        for start, end in _cuts(line)
    ]


def _cuts(line: str) -> list[tuple[int, int]]:
    cuts, start = [], 0
    for match in _END.finditer(line):
        if match.start() > start and not _goes_on(
            line[max(start, match.start() - 12) : match.start()], line[match.end() :][:14]
        ):
            cuts.append((start, match.start()))
            start = match.end()
    cuts.append((start, len(line)))
    return [
        (low, min(low + LONGEST, end)) for begin, end in cuts for low in range(begin, max(end, begin + 1), LONGEST)
    ]


def _goes_on(before: str, after: str) -> bool:
    """True when the full stop is no end: an abbreviation, an ordinal before a month, a small letter."""
    if before[-1:] != ".":
        return False
    if after[:1].islower() or _SHORT.search(before):
        return not (after[:1].isupper() and re.search(r"\d\s?h\.$", before))
    word = re.match(r"[^\W\d]+", after)
    return bool(_ORDINAL.search(before)) and (
        bool(word and word.group().lower() in months()) or after[:1].isdigit()
    )
