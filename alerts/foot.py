"""What stands below the calls of a message: why it came, how well portals were read, what can be done. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import quote

from alerts import hours
from alerts.card import Choice
from alerts.links import Links
from alerts.message import Item, Message, MessageKind, Proof
from alerts.wording import Wording
from pipeline.harvest import Verdict
from pipeline.health import Ill
from pipeline.models import Deadline
from pipeline.text import clean

NOT_SUBSCRIBED = (MessageKind.CONFIRMATION, MessageKind.OPS)
"""Kinds that no subscription brings, so there is nothing to stop."""
EACH, NAMED = 4, 12
"""How many portals that are well have a line of their own, and how many are named in the one they share."""


def footer(message: Message, items: Iterable[Item], words: Wording, number: int = 1, of: int = 1) -> Iterator[str]:
    """The lines below `items`, those of part `number` of a message."""
    yield from hours.notes(_deadlines(items), words)
    if of > 1:
        yield words.t("This is part {number} of {of}; each call stands in one of them.", number=number, of=of)
    if message.kind is MessageKind.CONFIRMATION:
        yield words.t("If you do not want this, do nothing: without your word nothing more is sent.")
    if message.kind not in NOT_SUBSCRIBED:
        name = clean(message.subscription_name, 100)
        yield words.t("You get this because of your subscription “{name}”.", name=name)
    yield from _proofs(message.proof, words)


def choices(message: Message, words: Wording, links: Links) -> Iterator[Choice]:
    """What the reader may do about the subscription; nothing that would lead nowhere."""
    if message.kind in NOT_SUBSCRIBED:
        return
    offered = (
        Choice(words.t("Change this subscription"), links.manage, "manage"),
        Choice(words.t("Stop this subscription"), links.stop or stop_by_mail(message, links), "stop"),
        Choice(words.t("Deadlines as a calendar"), links.calendar, "calendar"),
        Choice(words.t("Changes as a feed"), links.atom, "atom"),
    )
    yield from (choice for choice in offered if choice.url)


def _deadlines(items: Iterable[Item]) -> Iterator[Deadline]:
    """All that are shown, also those that other portals name."""
    for item in items:
        yield from (shown.deadline for shown in item.deadlines)
        yield from (conflict.deadline for conflict in item.conflicts if conflict.deadline)


def stop_by_mail(message: Message, links: Links) -> str:
    """The address of a mail that stops the subscription; empty where none would arrive."""
    address = links.mail_stop
    if "@" not in address or address.endswith("@localhost"):
        return ""
    return f"mailto:{quote(address, safe='@+')}?subject={quote('stop ' + message.subscription)}"


def _proofs(proofs: Sequence[Proof], words: Wording) -> Iterator[str]:
    """Those that are not well first, one line each; many that are well share one."""
    well = [proof for proof in proofs if proof.is_well]
    yield from (_ill(proof, words) if proof.ill else _proof(proof, words) for proof in proofs if not proof.is_well)
    if len(well) <= EACH:
        yield from (_proof(proof, words) for proof in well)
        return
    names = ", ".join(_name(proof) for proof in well[:NAMED])
    if len(well) > NAMED:
        names += " " + words.t("and {count} more", count=len(well) - NAMED)
    moment = words.moment(min(proof.finished_at for proof in well))
    yield words.t("Read completely on {moment} or later: {portals}.", moment=moment, portals=names)


def _ill(proof: Proof, words: Wording) -> str:
    """ "Funding & Tenders Portal: could not be read completely since …; calls may be missing."."""
    portal, since = _name(proof), words.moment(proof.complete_at) if proof.complete_at else ""
    if not since:
        return words.t("{portal}: could never be read completely so far; calls may be missing.", portal=portal)
    if proof.ill is Ill.DRIFTING:
        return words.t(
            "{portal}: has given much less than usual since {moment}; calls or facts may be missing.",
            portal=portal,
            moment=since,
        )
    if proof.ill is Ill.STALE:
        return words.t(
            "{portal}: has not been read since {moment}; calls may be missing.", portal=portal, moment=since
        )
    return words.t(
        "{portal}: could not be read completely since {moment}; calls may be missing.",
        portal=portal,
        moment=since,
    )


def _name(proof: Proof) -> str:
    return clean(proof.name or proof.portal, 80)


def _proof(proof: Proof, words: Wording) -> str:
    """ "Funding & Tenders Portal: read in part on …; last read completely on …"."""
    state = {
        Verdict.COMPLETE: words.t("read completely"),
        Verdict.PARTIAL: words.t("read in part"),
        Verdict.FAILED: words.t("could not be read"),
    }[proof.verdict]
    portal, moment = _name(proof), words.moment(proof.finished_at)
    text = words.t("{portal}: {state} on {moment}", portal=portal, state=state, moment=moment)
    if proof.verdict is Verdict.COMPLETE:
        return text + "."
    if proof.complete_at is None:
        return text + "; " + words.t("never read completely so far.")
    return text + "; " + words.t("last read completely on {moment}.", moment=words.moment(proof.complete_at))
