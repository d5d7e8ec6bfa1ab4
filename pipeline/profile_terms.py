"""The words of a profile as its author writes them, and what is wrong with them when something is.

A term is a word or phrase, `*` at its end stands for any ending: "agricult*". Terms are listed by language and
weight: 3 decisive, 2 typical, 1 weak.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

Where = tuple[int | str, ...]


# Two letters, and words one space or sign apart: nothing is wrong with it.
_PLAIN = re.compile(r"[^\W_]{2,}(?:[ -][^\W_]+)*\*?")


def _term(value: str) -> str:
    """A word or phrase as it is written in a profile; `*` only at its end, after at least two letters."""
    if _PLAIN.fullmatch(value):
        return value
    stem = value.removesuffix("*")
    if "*" in stem:
        raise ValueError(f'the term "{value}" has a * that is not at its end.')
    if sum(c.isalnum() for c in stem) < 2:
        raise ValueError(f'the term "{value}" is too short: write at least two letters or digits.')
    return " ".join(value.split())


def _language(value: Any) -> str:
    if value is False:  # YAML 1.1 reads an unquoted `no`, Norwegian, as a truth value
        return "no"
    if not isinstance(value, str) or not re.fullmatch("[a-z]{2}", value):
        raise ValueError(f'"{value}" is not a language: write two small letters, for example en or sv.')
    return value


Term = Annotated[str, AfterValidator(_term)]
Language = Annotated[str, BeforeValidator(_language)]


def _weight(value: Any) -> int:
    if isinstance(value, bool) or value not in (1, 2, 3):
        raise ValueError(f"the weight {value!r} is not 3 (decisive), 2 (typical) or 1 (weak).")
    return int(value)


Weight = Annotated[int, BeforeValidator(_weight)]
Terms = dict[Language, dict[Weight, tuple[Term, ...]]]


def weighted(terms: Terms) -> Iterator[tuple[str, int, Where]]:
    """Each (term, weight, place in the file) of a section `terms`."""
    for language, by_weight in terms.items():
        for weight, words in by_weight.items():
            for position, word in enumerate(words):
                yield word, weight, (language, weight, position)


def problem_at(place: Where, text: str, value: object) -> InitErrorDetails:
    """A problem at `place` below the model that is being validated."""
    # A custom message is a template: braces in a term must not be read as its fields.
    problem = PydanticCustomError("profile", "{text}", {"text": text})
    return InitErrorDetails(type=problem, loc=place, input=value)


def refuse_twice(found: Iterator[tuple[str, Where]], title: str) -> None:
    """Raise a ValidationError at the place of each term that stands there a second time."""
    seen: dict[str, Where] = {}
    errors: list[InitErrorDetails] = []
    for word, place in found:
        first = seen.setdefault(word.casefold(), place)
        if first != place:
            text = f'the term "{word}" is already listed at {".".join(map(str, first))}: delete one of the two.'
            errors.append(problem_at(place, text, word))
    if errors:
        raise ValidationError.from_exception_data(title, errors)
