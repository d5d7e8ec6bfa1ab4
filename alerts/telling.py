"""What happened to a call, and why it is told, in words of the reader's language. Every channel says the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from alerts.fold import instant, stage
from alerts.message import Change, Item, Reason
from alerts.wording import STAR, Wording
from pipeline.models import Budget, EventKind, Kind, Precision
from pipeline.money import CURRENCIES
from pipeline.text import clean

BADGES = {
    EventKind.DEADLINE_BROUGHT_FORWARD: "Deadline brought forward",
    EventKind.WITHDRAWN: "Withdrawn",
    EventKind.DEADLINE_REMOVED: "Deadline removed",
    EventKind.DEADLINE_EXTENDED: "Deadline extended",
    EventKind.DEADLINE_ADDED: "Deadline added",
    EventKind.OPENED: "Now open",
    EventKind.NEW: "New call",
    EventKind.CLOSING_SOON: "Closing soon",
    EventKind.BUDGET_CHANGED: "Budget changed",
    EventKind.TEXT_CHANGED: "Text changed",
}
KINDS = {
    Kind.TOPIC: "call for proposals",
    Kind.CASCADE: "cascade call (funding for third parties)",
    Kind.EXTERNAL_ACTION: "EU external action",
    Kind.ANNOUNCEMENT: "announcement of a call",
    Kind.TENDER: "call for tenders (procurement)",
}
HINTS = {"uncertain": "uncertain", "provisional": "provisional priority"}
SCORES = {1: "enabling", 2: "clear", 3: "direct"}
PROSE = {
    "title": "Title from “{before}” to “{after}”",
    "identifier": "Identifier from {before} to {after}",
    "type_of_action": "Type of action from {before} to {after}",
}
MANY, MOST = 5, 12
"""Words shown of a list that can be long, and reasons."""


def doubt(item: Item, words: Wording) -> str:
    """What the source of a call is worth, where nobody knows yet; else empty."""
    if not item.unproven:
        return ""
    return words.t("First readings of this source: check dates and conditions with the portal")


def change(what: Change, words: Wording) -> str:
    """One sentence about one change; empty where its badge says all there is to say."""
    if what.kind is EventKind.WITHDRAWN:
        since = instant(what.before)
        text = words.t("The portal has not listed this call since {day}.", day=words.day(since or what.at))
        return text + " " + words.t("Check with the portal before you go on.")
    if what.kind is EventKind.OPENED:
        return _opened(what, words)
    if what.kind is EventKind.BUDGET_CHANGED:
        return words.t(
            "Budget from {before} to {after}", before=_sums(what.before, words), after=_sums(what.after, words)
        )
    if what.kind is EventKind.TEXT_CHANGED:
        return ". ".join(_prose(what, words))
    return _deadline(what, words)


def _opened(what: Change, words: Wording) -> str:
    gone = what.before.get("gone") if isinstance(what.before, dict) else None
    back = instant(gone)
    return words.t("Listed again; it had vanished from the portal on {day}.", day=words.day(back)) if back else ""


def _deadline(what: Change, words: Wording) -> str:
    before, after = instant(what.before), instant(what.after)
    name = words.stage(clean(stage(what.after) or stage(what.before), 60))
    prefix = f"{name}: " if name else ""
    if what.kind is EventKind.DEADLINE_ADDED and after:
        return prefix + words.t("new deadline {after}", after=_moment(what.after, after, words))
    if what.kind is EventKind.DEADLINE_REMOVED and before:
        return prefix + words.t("{before} is no longer a deadline", before=_moment(what.before, before, words))
    if before is None or after is None or what.kind is EventKind.CLOSING_SOON:
        return ""
    new = _moment(what.after, after, words)
    text = prefix + words.t("from {before} to {after}", before=_short(before, after, words), after=new)
    shift = words.shift(before, after)
    return f"{text} – {shift}" if shift else text


def _moment(value: Any, at: datetime, words: Wording) -> str:
    """The instant of a deadline as the event has it, marked where the portal gave no hour."""
    day_only = isinstance(value, dict) and value.get("precision") == Precision.DATE
    return words.moment(at, star=STAR if day_only else "")


def _short(before: datetime, after: datetime, words: Wording) -> str:
    """The old deadline without its hour where that stays the same."""
    return words.day(before) if words.hour(before) == words.hour(after) else words.moment(before)


def _sums(value: Any, words: Wording) -> str:
    """The amounts in the `before` or `after` of a budget's event."""
    if not isinstance(value, dict):
        single = amount(value)
        return words.money(single, "EUR") if single is not None else words.t("not stated")
    grants = amount(value.get("grants"))
    budget = Budget(
        currency=str(value.get("currency", "EUR")),
        total=amount(value.get("total")),
        project_min=amount(value.get("project_min")),
        project_max=amount(value.get("project_max")),
        grants=int(grants) if grants is not None else None,
    )
    return money(budget, words) or words.t("not stated")


def money(budget: Budget | None, words: Wording) -> str:
    """Total, per project, number of grants; empty when nothing is stated."""
    if budget is None:
        return ""
    parts = []
    if budget.total is not None:
        parts.append(
            words.t("{amount} in total", amount=words.money(budget.total, budget.currency))
            + _shared(budget, words)
        )
    project = _project(budget, words)
    if project:
        parts.append(words.t("{amount} per project", amount=project))
    if budget.grants:
        parts.append(words.n("about {count} grant", "about {count} grants", budget.grants))
    return ", ".join(parts)


def _shared(budget: Budget, words: Wording) -> str:
    count = budget.shared_with
    text = words.n("shared with {count} other topic", "shared with {count} other topics", count)
    return f" ({text})" if count else ""


def _project(budget: Budget, words: Wording) -> str:
    low, high = budget.project_min, budget.project_max
    if low is not None and high is not None and low != high:
        return _range(low, high, budget.currency, words)
    if high is not None:
        exact = low is not None
        text = words.money(high, budget.currency)
        return text if exact else words.t("at most {amount}", amount=text)
    return words.t("at least {amount}", amount=words.money(low, budget.currency)) if low is not None else ""


def _range(low: Decimal, high: Decimal, currency: str, words: Wording) -> str:
    """Both amounts, with the currency once, at the end where the language puts it."""
    first, last = words.money(low, currency), words.money(high, currency)
    if first.startswith(currency):
        last = last.removeprefix(currency).strip()
    else:
        first = first.removesuffix(currency).strip()
    return words.t("{low} to {high}", low=first, high=last)


def _prose(what: Change, words: Wording) -> Iterator[str]:
    before = what.before if isinstance(what.before, dict) else {}
    after = what.after if isinstance(what.after, dict) else {}
    fields = [str(f) for f in after.get("fields", ())] or ["text"]
    for name in fields:
        old, new = clean(str(before.get(name) or ""), 150), clean(str(after.get(name) or ""), 150)
        if name in PROSE and (old or new):
            yield words.t(PROSE[name], before=old or "–", after=new or "–")
        elif name == "opens_at":
            yield words.t(
                "Opening from {before} to {after}", before=_opening(old, words), after=_opening(new, words)
            )
        elif name == "conditions":
            yield words.t("The conditions have new wording")
        elif name == "text":
            yield words.t("The description has new wording")


def _opening(value: str, words: Wording) -> str:
    at = instant(value)
    return words.day(at) if at else words.t("not stated")


def reasons(item: Item, words: Wording) -> Iterator[str]:
    """Why the reader gets this call, one phrase for each filter that held."""
    if item.followed:
        yield words.t("you follow this call")
    for reason in item.reasons[:MOST]:
        yield _reason(reason, item, words)


def _reason(reason: Reason, item: Item, words: Wording) -> str:
    label = clean(reason.label or reason.value, 100)
    if reason.about == "ecosystem":
        found = [_quoted(reason.words, words)] if reason.words else []
        found += [words.t(HINTS[reason.hint])] if reason.hint in HINTS else []
        return f"{label} ({'; '.join(found)})" if found else label
    if reason.about == "region":
        return region(label, reason.score, reason.note, words, reason.hint)
    if reason.about == "programme":
        return words.t("programme {name}", name=label)
    if reason.about == "kind":
        return words.t(KINDS[item.kind])
    if reason.about == "budget":
        return _budget_reason(reason, words)
    if reason.about == "source":
        return words.t("as shown by {source}", source=label)
    if reason.about == "words":
        return words.t("mentions {quoted}", quoted=_quoted(reason.words, words))
    return words.t("you asked for every call")


def region(name: str, score: int, priority: str, words: Wording, hint: str = "") -> str:
    """ "Norrbotten: clear match (2 of 3), Steel industry"; a `hint` follows the priority."""
    text = words.t(
        "{region}: {strength} match ({score} of 3)", region=name, strength=words.t(SCORES[score]), score=score
    )
    if not priority:
        return text
    doubt = f" ({words.t(HINTS[hint])})" if hint in HINTS else ""
    return f"{text}, {clean(priority, 100)}{doubt}"


def _budget_reason(reason: Reason, words: Wording) -> str:
    asked = words.money(amount(reason.value) or Decimal(0), "EUR")
    if reason.note in CURRENCIES:
        return words.t("budget in {currency}, not compared with your {amount}", currency=reason.note, amount=asked)
    if reason.note:
        return words.t("budget not stated, so it may reach your {amount}", amount=asked)
    return words.t("budget of at least {amount}", amount=asked)


def _quoted(found: Iterable[str], words: Wording) -> str:
    shown = [words.t("“{word}”", word=clean(w, 40)) for w in found]
    more = [words.t("and {count} more", count=len(shown) - MANY)] if len(shown) > MANY else []
    return ", ".join(shown[:MANY] + more)


def amount(value: Any) -> Decimal | None:
    """A JSON number or numeric string as Decimal, else None."""
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        return None
    return number if number.is_finite() else None
