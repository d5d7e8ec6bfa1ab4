"""Whether the announcement itself says that the call is over. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date

from pipeline.extract.facts import Moment
from pipeline.extract.role_names import DEADLINE, WINDOW, Dated
from pipeline.extract.sentences import Sentence

_BY_A_DAY = re.compile(
    r"\b(?:stängd|stängt|stängde|closed|sulkeutui|päättyi|stengt|stengte|lukket|lukkede|geschlossen"
    r"|endete|clos|clôturée?s?|cerrad[oa]|cerró|chius[oa]|închis[ă]?)\b",
    re.I,
)
_OF_A_CALL = re.compile(
    r"\b(?:utlysningen (?:är|har) (?:nu )?stäng\w*|the call (?:is|has) (?:now )?closed|call closed"
    r"|haku on (?:nyt )?(?:sulkeutunut|päättynyt)|utlysningen er (?:nå )?stengt|puljen er lukket|"
    r"der aufruf ist (?:bereits )?(?:geschlossen|beendet)|l'appel est (?:désormais )?(?:clos|clôturé)"
    r"|(?:la )?convocatoria (?:está )?cerrada|(?:il )?bando (?:è )?(?:scaduto|chiuso)"
    r"|apel(?:ul)? (?:este )?închis)\b",
    re.I,
)


def is_closed(
    pieces: Sequence[Sentence], days: Sequence[Dated], deadlines: Sequence[Moment], published: date | None
) -> tuple[bool, str]:
    """(said to be over, the words). Also true when the page is younger than the last deadline it names."""
    for piece in pieces:
        if match := _OF_A_CALL.search(piece.text):
            return True, match.group()
    for dated in days:
        words = dated.sentence.text[dated.low : dated.high]
        if dated.role in (DEADLINE, WINDOW) and len(deadlines) == 1 and (match := _BY_A_DAY.search(words)):
            return True, match.group()
    over = bool(published and deadlines and max(moment.at.date() for moment in deadlines) < published)
    return over, ""
