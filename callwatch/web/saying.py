"""The words of the pages and of Slack's answers that stand in more than one place."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from alerts.subscription import Filters, Subscription
from alerts.telling import KINDS, SCORES
from alerts.wording import Wording
from alerts.words import KnownWords
from pipeline.people import Choice
from pipeline.text import clean


class Said(NamedTuple):
    """A choice in words: as a question, on the button that makes it, once it is made, and what it means."""

    question: str
    button: str
    done: str
    meaning: str


def choice(what: Choice, words: Wording) -> Said:
    """What a choice is called and what it does."""
    if what is Choice.FOLLOWED:
        return Said(
            words.t("Follow this call?"),
            words.t("Follow"),
            words.t("You follow this call"),
            words.t("You hear at once of every change, and you are reminded of each deadline."),
        )
    if what is Choice.MUTED:
        return Said(
            words.t("Mute this call?"),
            words.t("Mute"),
            words.t("This call is muted"),
            words.t("You hear nothing more of it: no changes and no reminders. Other calls come as before."),
        )
    return Said(
        words.t("Is this call not relevant for you?"),
        words.t("Not relevant"),
        words.t("Noted: not relevant"),
        words.t("You hear nothing more of it, and we know that it did not suit you. Other calls come as before."),
    )


def subscription(given: Subscription, known: KnownWords, words: Wording) -> list[str]:
    """A subscription in words: where and how often, then one line for each filter."""
    lines = [_how(given, words), *_filters(given.filters, known, words)]
    return [clean(line, 500) for line in lines]


def _how(given: Subscription, words: Wording) -> str:
    channel = {"email": words.t("By e-mail"), "slack": words.t("In Slack"), "webhook": words.t("By webhook")}
    often = {
        "at_once": words.t("as it happens"),
        "daily": words.t("once a day"),
        "weekly": words.t("once a week"),
    }
    return f"{channel.get(given.channel, given.channel)}, {often[given.cadence]}."


def _filters(filters: Filters, known: KnownWords, words: Wording) -> list[str]:
    ecosystems = [
        known.ecosystems.get(key, {}).get(words.language) or known.ecosystems.get(key, {}).get("en", key)
        for key in filters.ecosystems
    ]
    regions = [
        words.t(
            "{region} (a {strength} match or better)",
            region=known.regions.get(wish.region, wish.region),
            strength=words.t(SCORES[wish.least]),
        )
        for wish in filters.regions
    ]
    budget = filters.budget_at_least
    listed = {
        words.t("Ecosystems"): ecosystems,
        words.t("Regions"): regions,
        words.t("Programmes"): [known.programmes.get(name, name) for name in filters.programmes],
        words.t("Kinds of call"): [words.t(KINDS[kind]) for kind in filters.kinds],
        words.t("Budget"): [words.t("at least {amount}", amount=words.money(Decimal(budget), "EUR"))]
        if budget
        else [],
        words.t("With the words"): list(filters.words),
        words.t("Without the words"): list(filters.exclude),
    }
    lines = [f"{label}: {', '.join(values)}." for label, values in listed.items() if values]
    return lines or [words.t("Every call, without a filter.")]
