"""Dead addresses and people who want no more: what mails in our mailbox, and refusals of mail servers, lead to.

Anybody can send a mail that says "anna's mailbox is dead". It is believed only if it names the Message-ID of a
mail of ours, which nobody but its recipient and the servers on its way have seen, and the recipient of that mail.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import msgspec

from alerts.subscription import Subscriptions
from callwatch.returned import Failure, Report, StopWish, read_mail
from pipeline.outbox import OutboxMessage
from pipeline.people import Bounce, Stop, Suppression
from pipeline.store import Connection, Outbox, Store, bounces, contacts, people

if TYPE_CHECKING:
    from alerts.delivery import DeliveryReport

NO_SUCH_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.4.4"})
"""The address or its domain does not exist: nothing will ever arrive."""
NOT_THE_ADDRESS = re.compile(r"5\.(3|5|6|7)\.\d+|5\.2\.3")
"""The mail was too large, unwelcome or malformed, or our server is not trusted: operators have to mend that."""
DAYS = 3
"""Any other failure suppresses an address once mails of so many days came back."""
WITHIN = timedelta(days=90)

_REFUSED = re.compile(r"the mail server answered (?:550|551|553) (5\.1\.\d+)\b")


class Did(StrEnum):
    """What became of one line of a report, or one mail."""

    SUPPRESSED = "suppressed"
    COUNTED = "counted"
    STOPPED = "stopped"
    KNOWN = "known"
    IGNORED = "ignored"
    TROUBLE = "trouble"


class Outcome(msgspec.Struct, frozen=True):
    """`did`, for which contact or subscription, and why. Trouble is for an operator to look at."""

    did: Did
    about: str
    why: str


class Dealt(msgspec.Struct, frozen=True):
    """One mail: its name in the mailbox, what it led to, and whether it was meant for us."""

    mail: str
    outcomes: tuple[Outcome, ...]
    ours: bool


class Given(msgspec.Struct, frozen=True):
    """What all mails are judged by."""

    store: Store
    subscriptions: Subscriptions
    now: datetime


def deal_with(given: Given, name: str, data: bytes) -> Dealt:
    """Do what a mail asks for, as far as it may ask for it. What it changes is stored when this returns.

    The same mail again changes nothing.
    """
    reading = read_mail(data)
    if isinstance(reading, Report):
        return Dealt(name, tuple(_report(given, reading)), ours=True)
    if isinstance(reading, StopWish):
        return Dealt(name, (_stop(given, reading),), ours=True)
    did = Did.TROUBLE if reading.broken else Did.IGNORED
    return Dealt(name, (Outcome(did, "", reading.why),), ours=False)


def _report(given: Given, report: Report) -> Iterator[Outcome]:
    if not report.message_id:
        yield Outcome(
            Did.IGNORED, "", "the report does not return our mail, so nobody can tell whether it is true"
        )
        return
    message = Outbox(given.store).posted_as(report.message_id)
    if message is None or message.message.channel != "email":
        yield Outcome(Did.IGNORED, "", f"{report.message_id} is not the Message-ID of a mail of ours")
        return
    with given.store.begin() as conn:
        for failure in report.failures:
            yield _judge(given, conn, message, failure)


def _judge(given: Given, conn: Connection, message: OutboxMessage, failure: Failure) -> Outcome:
    contact = message.message.contact
    hashed = people.address_hash(conn, "email", failure.recipient)
    if not _is_target(message.message.target, failure.recipient, hashed):
        return Outcome(Did.IGNORED, contact, "the report names another recipient than our mail")
    said = f"{failure.status or 'no code'}{f', {failure.note}' if failure.note else ''}"
    if failure.action != "failed":
        return Outcome(Did.IGNORED, contact, f"{failure.action or 'no action'}: not a failure ({said})")
    if not failure.status.startswith("5."):
        return Outcome(Did.IGNORED, contact, f"not a permanent failure ({said})")
    sent_at = message.sent_at or message.message.created_at
    bounce = Bounce(message.message.id, hashed, failure.status, sent_at, given.now)
    if not bounces.note(conn, bounce):
        return Outcome(Did.KNOWN, contact, f"this report was read before ({failure.status})")
    if NOT_THE_ADDRESS.fullmatch(failure.status):
        return Outcome(Did.TROUBLE, contact, f"the mail came back, through no fault of the address: {said}")
    return _count(given, conn, contact, bounce, said)


def _is_target(target: str, recipient: str, hashed: str) -> bool:
    """Whether the report is about the address we wrote to, which may have been erased since."""
    return recipient.casefold() == target.strip().casefold() or target == contacts.erased_target(hashed)


def _count(given: Given, conn: Connection, contact: str, bounce: Bounce, said: str) -> Outcome:
    days = len(bounces.days(conn, bounce.address, given.now - WITHIN))
    if bounce.status in NO_SUCH_MAILBOX:
        reason = _no_mailbox(bounce.status)
    elif days >= DAYS:
        reason = f"mails of {days} days came back ({bounce.status})"
    else:
        return Outcome(Did.COUNTED, contact, f"{days} of {DAYS} days: {said}")
    if not people.suppress(conn, Suppression("email", bounce.address, reason, given.now)):
        return Outcome(Did.KNOWN, contact, "nothing is sent to this address any more already")
    return Outcome(Did.SUPPRESSED, contact, said)


def _stop(given: Given, wish: StopWish) -> Outcome:
    key = wish.subscription
    subscription = next((s for s in given.subscriptions.subscriptions if s.key == key), None)
    if subscription is None:
        return Outcome(Did.IGNORED, key, "there is no such subscription")
    address = given.subscriptions.contacts[subscription.contact].email or ""
    if not address or wish.sender.casefold() != address.casefold():
        return Outcome(Did.IGNORED, key, "not sent from the address of its contact")
    with given.store.begin() as conn:
        new = people.stop(conn, Stop(key, subscription.contact, given.now, "mail"))
    return Outcome(Did.STOPPED if new else Did.KNOWN, key, "asked for by mail" if new else "stopped before")


def note_refusals(store: Store, report: DeliveryReport, now: datetime) -> list[str]:
    """Suppress the addresses of which a mail server said, while we were sending, that they do not exist.

    Returns the contacts.
    """
    refused = [(detail, _REFUSED.match(detail.note)) for detail in report.details if detail.outcome == "failed"]
    dead = [(detail, match.group(1)) for detail, match in refused if match and detail.channel == "email"]
    hopeless = [(detail, status) for detail, status in dead if status in NO_SUCH_MAILBOX]
    if not hopeless:
        return []
    contacts_found: list[str] = []
    with store.begin() as conn:
        for detail, status in hopeless:
            hashed = people.address_hash(conn, "email", detail.target)
            if people.suppress(conn, Suppression("email", hashed, _no_mailbox(status), now)):
                contacts_found.append(detail.contact)
    return contacts_found


def _no_mailbox(status: str) -> str:
    return f"the mailbox does not exist ({status})"


Say = Callable[[Dealt], None]


def read_all(given: Given, mails: Iterator[tuple[str, bytes, Callable[[], None]]], say: Say) -> bool:
    """Deal with all mails, one transaction each; a mail is marked as read only when what it led to is stored.

    Mails that are not for us stay as they are: a person may have to read them. True if nothing needs an operator.
    """
    fine = True
    for name, data, mark in mails:
        dealt = deal_with(given, name, data)
        say(dealt)
        if dealt.ours:
            mark()
        fine = fine and all(outcome.did is not Did.TROUBLE for outcome in dealt.outcomes)
    return fine
