"""Grows a sample to any size, for measurements and for tests that need many calls; deterministic."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from callwatch.demo import edits, items
from callwatch.demo.edits import Item, days_of, fields, first
from callwatch.demo.sample.html import checksum
from callwatch.demo.wording import Phrases, focus

# Closed calls are moved to the past and live ones to the future, so that a status stays true.
_LATEST_SHIFT = 60


def grow(records: Sequence[Item], n: int, *, seed: int = 0) -> list[Item]:
    """`n` distinct calls made after the calls of `records`, its programmes and types in the same proportions.

    Made after are English topics, external actions and cascade calls; news, translations and frozen copies are
    left out, so that every item is one call. Each has its own identifier, numbers, reference, title, dates,
    amounts and texts. A topic weighs about 10 to 19 KB. Raises ValueError when `records` holds no call.
    """
    return list(growing(records, n, seed=seed))


def growing(records: Sequence[Item], n: int, *, seed: int = 0) -> Iterator[Item]:
    """The same one by one, for more of them than fit into memory."""
    models = [item for item in records if _is_model(item)]
    if not models:
        raise ValueError("There is no English topic, cascade call or external action to grow from.")
    chance = Random(seed)  # noqa: S311 - the same records on every machine are the point
    phrases = Phrases(chance)
    return (_grown(models[place % len(models)], place, phrases, chance) for place in range(n))


def _is_model(item: Any) -> bool:
    return any(edits.is_row(item, kind) for kind in "128") and item.get("language") == "en"


def _grown(model: Item, place: int, phrases: Phrases, chance: Random) -> Item:
    kind = first(model, "type")
    born = {**model, "metadata": {**fields(model)}}
    title = f"{first(model, 'callTitle' if kind == '8' else 'title')}: {focus(chance)} ({place + 1})"
    _spread_dates(born, chance)
    _KINDS[kind](born, model, place, title)
    born.update(summary=title, content=title, checksum=checksum(title))
    fields(born).update(esST_checksum=[born["checksum"]], REFERENCE=[born["reference"]])
    text = "descriptionByte" if kind == "1" else "description"
    fields(born)[text] = [phrases.description(chance, first(model, text)[:1_500])]
    if kind == "1":
        fields(born).update(
            topicConditions=[phrases.conditions(chance)],
            supportInfo=[phrases.support(chance)],
            destinationDetails=[phrases.destination(chance)],
        )
        _own_money(born, chance)
    return born


def _as_topic(born: Item, model: Item, place: int, title: str) -> None:
    old = first(model, "identifier")
    new = f"{old.rpartition('-')[0] or old}-{10_000 + place}"
    number = str(60_000_000 + place)
    for field in ("identifier", "url", "esST_URL", "keywords", "actions", "budgetOverview"):
        if field in fields(born):
            fields(born)[field] = edits.replace_everywhere(fields(born)[field], old, new)
    born.update(reference=f"{number}TOPICSen", url=born["url"].replace(old, new))
    fields(born).update(identifier=[new], ccm2Id=[number], title=[title])


def _as_cascade(born: Item, model: Item, place: int, title: str) -> None:
    number = str(600_000 + place)
    born.update(reference=f"{number}COMPETITIVE_CALLen")
    fields(born).update(callccm2Id=[number], callTitle=[title], caName=[title])


def _as_prospect(born: Item, model: Item, place: int, title: str) -> None:
    number, old = str(600_000 + place), first(model, "callIdentifier")
    born.update(reference=f"{number}PROSPECTSEN", url=born["url"].replace(old, number))
    identifier = first(model, "identifier").replace(old, number)
    fields(born).update(callIdentifier=[number], identifier=[identifier], title=[title], url=[born["url"]])


_KINDS = {"1": _as_topic, "8": _as_cascade, "2": _as_prospect}


def _spread_dates(born: Item, chance: Random) -> None:
    """Move every deadline by the same number of days, in all the places it is written."""
    days = chance.randint(0, _LATEST_SHIFT)
    by = timedelta(days=-days if first(born, "status") == items.CLOSED else days)
    # Latest first when moving on: a moved date must not be met again and moved twice.
    steps = [(day, day + by) for day in sorted(set(days_of(born)), reverse=by.days > 0)]

    def move(values: Any) -> Any:
        for before, after in steps:
            values = edits.moved_all(values, before, after)
        return values

    for field in ("deadlineDate", "closingDate"):
        if field in fields(born):
            fields(born)[field] = move(fields(born)[field])
    edits.edit_actions(born, lambda action: action.update(deadlineDates=move(action.get("deadlineDates"))))
    edits.edit_lines(
        [born], first(born, "identifier"), lambda line: line.update(deadlineDates=move(line.get("deadlineDates")))
    )


def _own_money(born: Item, chance: Random) -> None:
    factor = chance.randint(5, 30)

    def pay(line: dict[str, Any]) -> None:
        for year, amount in edits.amounts_of(line).items():
            line["budgetYearMap"][year] = type(amount)(int(float(amount)) * factor // 10)

    edits.edit_lines([born], first(born, "identifier"), pay)


def mixed_deadlines(
    n: int,
    today: date,
    *,
    first_passed: int = 102,
    stale: int = 60,
    due_today: int = 8,
    stem: str = "TRIAL-MIX-2027",
) -> list[Item]:
    """`n` topics the portal calls open, of which

    `first_passed` have several cut-offs of which the first has passed (live), named …-CUT-0001 and so on;
    `stale` have their last deadline behind them (not live whatever the portal says), named …-STALE-0001;
    `due_today` end today (live), named …-TODAY-0001; the rest end later, named …-OPEN-0001.
    """
    counts = {"CUT": first_passed, "STALE": stale, "TODAY": due_today}
    counts["OPEN"] = n - sum(counts.values())
    if counts["OPEN"] < 0:
        raise ValueError(f"{n} topics are fewer than the {n - counts['OPEN']} special ones.")
    return [
        _dated(f"{stem}-{kind}-{place:04d}", kind, place, today)
        for kind, count in counts.items()
        for place in range(1, count + 1)
    ]


def _dated(identifier: str, kind: str, place: int, today: date) -> Item:
    def day(offset: int) -> date:
        return today + timedelta(days=offset)

    deadlines = {
        "CUT": [day(-5 - place % 80), day(10 + place % 50), day(120)],
        "STALE": [day(-1 - place % 300)],
        "TODAY": [today],
        "OPEN": [day(1 + place % 200)],
    }[kind]
    model = "multiple cut-off" if kind == "CUT" else ""
    return items.topic(identifier, start=day(-400), deadlines=deadlines, model=model)
