"""What directories list beside calls: events, courses, results. Told by the title alone. Pure."""

from __future__ import annotations

import re

_EVENT = (
    r"info(?:rmation)?[ -]?(?:day|session)s?|webinars?|match[ -]?making|brokerage|b2b meetings?|workshops?"
    r"|conferences?|summits?|meet[ -]?ups?|networking|study visits?|trade fairs?|open days?"
)
_COURSE = (
    r"courses?|accelerat(?:or|ion) (?:programme|program|cohort|batch)s?|accelerators?|summer schools?"
    r"|winter schools?|boot[ -]?camps?|trainings?|mentoring|hackathons?|master'?s|phd school|fellowships?"
)
_OVER = (
    r"results?|winners?|beneficiaries|awardees|selected (?:projects|smes|companies|applicants)"
    r"|success stor(?:y|ies)|newsletters?|interviews?|press releases?|job offers?|vacanc(?:y|ies)"
    r"|calls? for (?:evaluators|experts)"
)
_CALL = re.compile(
    r"\b(?:open calls?|calls? for (?:proposals|applications|projects|smes|start-?ups)|vouchers?|grants?)\b", re.I
)
_OTHER = re.compile(rf"\b(?:{_EVENT}|{_COURSE}|{_OVER})\b", re.I)
_FIRST = re.compile(
    rf"^(?:\W|(?:register|join|save the date|invitation|online|the|an?|our|to|for|now|meet|us|at)\b)*"
    rf"(?:[\w-]+ ){{0,2}}(?:{_EVENT}|{_OVER})\b",
    re.I,
)


def is_other(title: str) -> bool:
    """Whether a title is that of an event, a course or a result, and not of a call.

    "Voucher for a trade fair" is a call; "Info day on the open call" is none.
    """
    return bool(_FIRST.search(title) or (_OTHER.search(title) and not _CALL.search(title)))
