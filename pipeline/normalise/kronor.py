"""Money that a Swedish funder states in prose only: kronor for the whole call, and the most for one project."""

from __future__ import annotations

from decimal import Decimal

from pipeline import money
from pipeline.extract import Extraction, Money, extract
from pipeline.models import Budget
from pipeline.normalise.shared import Notes

KRONOR = "SEK"


def kronor(swedish: str, english: str, field: str, notes: Notes) -> Budget | None:
    """What the text says in one language or in both; two languages that differ are an Issue, and neither counts.

    Other currencies are not taken: they are the pot of a joint call with other countries. The words an amount
    rests on stay in the call's text.
    """
    said = [extract(text, spoken=spoken) for text, spoken in ((swedish, "sv"), (english, "en")) if text]
    total = _agreed("budget", said, field, notes)
    project = _agreed("project_max", said, field, notes)
    if total is not None and project is not None and project > total:
        project = None
    return Budget(KRONOR, total=total, project_max=project) if total or project else None


def _agreed(fact: str, said: list[Extraction], field: str, notes: Notes) -> Decimal | None:
    found: list[Money] = [amount for facts in said if (amount := getattr(facts, fact))]
    amounts = {
        amount for one in found if one.currency == KRONOR and (amount := money.amount(one.amount)) is not None
    }
    if len(amounts) > 1:
        name = {"budget": "of the call", "project_max": "for one project"}[fact]
        told = " and ".join(f"{amount:f}" for amount in sorted(amounts))
        notes.add(field, f"the money {name} is {told} SEK in Swedish and English; neither was taken")
        return None
    return next(iter(amounts), None)
