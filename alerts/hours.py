"""What a star behind an hour means: the portal names only the day, so the hour was filled in by a rule. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from alerts.wording import STAR, Wording
from pipeline.dates import RULE_17
from pipeline.models import Deadline, Precision


def notes(deadlines: Iterable[Deadline], words: Wording) -> Iterator[str]:
    """One line for each rule among deadlines without an hour of their own."""
    days = {deadline.rule == RULE_17 for deadline in deadlines if deadline.precision is Precision.DATE}
    if True in days:
        yield STAR + " " + words.t("The portal names only the day; 17:00 in Brussels is its general rule.")
    if False in days:
        yield (
            STAR + " " + words.t("The portal names only the day; the hour can be earlier. Check with the portal.")
        )
