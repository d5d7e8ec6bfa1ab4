"""Looks callwatch over: what is wrong, and what to do about it.

Here: configuration, database, broker, portals, channels, links, alerts against deliveries,
what operators were told of.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime

from callwatch import privacy, sources, surroundings
from callwatch.contacts import effective
from callwatch.finding import Finding
from callwatch.logs import redact
from callwatch.reconcile import balance
from callwatch.wiring import Wiring
from pipeline.errors import CallwatchError, ConfigError, SendError
from pipeline.health import Ill, Trouble
from pipeline.source import Portal
from pipeline.store import Store, conditions, people


def examine(wiring: Wiring, now: datetime, *, portals: bool = False) -> list[Finding]:
    """All findings; a check that cannot be made is a finding itself. `portals`: each is asked for robots.txt."""
    try:
        found = list(_configuration(wiring))
    except CallwatchError as error:  # nothing else can be looked at without it
        return [Finding("configuration", str(error), "mend what it names, then run `callwatch doctor` again")]
    found += _guarded("settings", lambda: surroundings.settings(wiring))
    found += _guarded("links", lambda: _links(wiring))
    found += surroundings.zones(now)
    found += _guarded("files", lambda: surroundings.files(wiring))
    found += _guarded("broker", lambda: _broker(wiring))
    try:
        with wiring.store(upgrade=False) as store:
            found += _guarded("database", lambda: surroundings.database(store))
            found += _guarded("clock", lambda: surroundings.clock(store, now))
            found += _guarded("portals", lambda: _portals(wiring, store, now))
            found += _guarded("channels", lambda: _channels(wiring, store))
            found += _guarded("confirmation", lambda: _asked(wiring, store))
            found += _guarded("alerts", lambda: _alerts(wiring, store, now))
            found += _guarded("trouble", lambda: _trouble(store))
        if portals:
            found += surroundings.reach(wiring)
    except CallwatchError as error:
        is_told = "`callwatch db upgrade`" in str(error)
        found.append(Finding("database", str(error), _AGAIN if is_told else _DATABASE))
    return found


_AGAIN = "do so, then run `callwatch doctor` again"
_DATABASE = (
    "see what it says, and whether CALLWATCH_DATABASE_URL names the right place, user and password; "
    "`callwatch db upgrade` creates or upgrades it"
)


def _guarded(what: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except CallwatchError as error:
        return [Finding(what, str(error), "mend what it names, then run `callwatch doctor` again")]


def _configuration(wiring: Wiring) -> Iterator[Finding]:
    wiring.check_portals()
    book = wiring.subscriptions
    said = (
        f"{len(book.contacts)} contacts and {len(book.subscriptions)} subscriptions in subscriptions.yml, "
        f"{len(wiring.portals)} portals"
    )
    yield Finding("configuration", said)
    if book.ops is None:
        remedy = "name a contact and a channel under `ops:` in subscriptions.yml"
        yield Finding("operators", "nobody is told when deliveries fail", remedy)


def _broker(wiring: Wiring) -> Iterator[Finding]:
    if wiring.settings.broker_url is not None:
        from callwatch.cluster.examining import broker

        yield from broker(wiring)


def _portals(wiring: Wiring, store: Store, now: datetime) -> Iterator[Finding]:
    """The portals that are ill, each with what can be done."""
    known = sources.records(store, wiring.portals.values())
    ill = sources.troubles(wiring, known, now)
    for name, trouble in ill.items():
        yield Finding(f"portal {name}", trouble.detail, _remedy(wiring.portals[name], trouble))
    watched = [known[portal.name] for portal in sources.watched(wiring.portals.values())]
    short = [record for record in watched if record.failures and record.portal not in ill]
    if never := [record.portal for record in short if record.success_at is None]:
        remedy = (
            "see `callwatch runs`, `callwatch show RUN`; `callwatch doctor --portals` asks whether they answer"
        )
        yield Finding("portals", f"tried, and never read completely: {', '.join(never)}", remedy)
    if once := [record.portal for record in short if record.success_at is not None]:
        yield Finding("portals", f"not read completely the last time, and tried again: {', '.join(once)}")
    if not ill and not short:
        yield Finding("portals", "all that are watched and were harvested are well")


def _remedy(portal: Portal, trouble: Trouble) -> str:
    """By the illness, and by what the last harvest said."""
    said, look = trouble.detail.lower(), f"then see `callwatch portals check {portal.name}` and `callwatch status`"
    if "robots" in said:
        return f"its robots.txt forbids what its YAML asks: take other addresses or set `off:`; {look}"
    if portal.key_env and ("401" in said or "403" in said):
        return f"the portal refuses the key: set {portal.key_env} to a valid one; {look}"
    if trouble.ill is Ill.DRIFTING:
        return f"compare the portal with its YAML and normaliser, and mend what it names; {look}"
    if trouble.ill is Ill.STALE:
        return f"see whether cron still runs `callwatch tick`; {look}"
    return f"look at the portal in a browser and run `callwatch harvest {portal.name} --dry-run`; {look}"


def _channels(wiring: Wiring, store: Store) -> Iterator[Finding]:
    """Whether each channel that is used can be opened, and takes our credentials; nothing is sent."""
    from alerts.channels import open_channel

    book = effective(wiring, store)
    used = {subscription.channel for subscription in book.subscriptions}
    used |= {contact.fallback for contact in book.contacts.values() if contact.fallback}
    for name in sorted(used):
        try:
            channel = open_channel(name, wiring.channel_settings())
            try_out = getattr(channel, "try_out", None)
            if try_out:
                try_out()
            channel.close()
        except ConfigError as error:
            yield Finding(f"channel {name}", str(error), "set what it names; its messages wait until then")
        except SendError as error:
            remedy = f"mend it, or correct the {name} settings (docs/operations.md); its messages wait until then"
            yield Finding(f"channel {name}", redact(str(error)), remedy)
        else:
            yield Finding(f"channel {name}", "takes our credentials" if try_out else "set up")


def _links(wiring: Wiring) -> Iterator[Finding]:
    settings = wiring.settings
    if settings.public_url and wiring.tokens:
        yield Finding("links", f"readers mute, follow and stop at {settings.public_url}")
        return
    # Without an address it is a choice; an address without a key is a mistake.
    remedy = "run `callwatch serve` and set CALLWATCH_SECRET_KEY" if settings.public_url else ""
    yield Finding("links", "messages have no links to mute, follow or stop (docs/serve.md)", remedy)


def _asked(wiring: Wiring, store: Store) -> Iterator[Finding]:
    """Those who have subscriptions by mail and have not said that they want them."""
    asked = [
        entry.key
        for entry in privacy.entries(wiring, store)
        if "email" in entry.channels and entry.state in ("not asked yet", "waiting")
    ]
    if not asked:
        return
    answers = bool(wiring.settings.public_url and wiring.tokens)
    said = "they are asked, and have not answered" if answers else "without links they can answer by mail only"
    remedy = "" if answers else "`callwatch contacts confirm KEY` when one agrees; `vouched: true` for your own"
    names = ", ".join(asked[:5]) + (f" and {len(asked) - 5} more" if len(asked) > 5 else "")
    yield Finding("confirmation", f"no mail but this question goes to {names}: {said}", remedy)


def _alerts(wiring: Wiring, store: Store, now: datetime) -> Iterator[Finding]:
    even = balance(wiring, store, now)
    said = f"{even.planned} messages in 30 days, {even.sent} sent, {len(even.waiting)} waiting with a reason"
    yield Finding("alerts", said)
    for key, number in even.unplanned.items():
        yield Finding(
            f"alerts of {key}", f"{number} events older than an hour are not planned", "run `callwatch tick`"
        )
    if even.stuck:
        remedy = "run `callwatch deliver`, and look at its log"
        yield Finding("alerts", f"{len(even.stuck)} messages have been due for more than an hour", remedy)
    if even.short:
        yield Finding("alerts", f"of {len(even.short)} messages less is on record than was sent", _REPORT)
    if even.failed:
        remedy = "see `callwatch messages --state failed`; `callwatch resend` sends them again"
        yield Finding("alerts", f"{len(even.failed)} messages have failed for good", remedy)
    if even.held:
        remedy = "see `callwatch messages --state held`, then `callwatch release` or `callwatch discard` them"
        yield Finding("alerts", f"{len(even.held)} messages are held: too many calls at once", remedy)


_REPORT = "this is a fault of callwatch: report it with the output of `callwatch messages --format json`"


def _trouble(store: Store) -> Iterator[Finding]:
    with store.read() as conn:
        standing, dead = conditions.standing(conn), people.suppressed(conn)
    for condition in standing:
        if condition.key.startswith(sources.CONDITION):
            continue  # looked at afresh
        yield Finding(
            condition.key, f"since {condition.since:%Y-%m-%d %H:%M} UTC: {condition.detail}", "mend what it says"
        )
    if dead:
        remedy = "see `callwatch contacts list`; correct the address, or `callwatch contacts allow` it"
        yield Finding("addresses", f"{len(dead)} are not written to any more", remedy)
