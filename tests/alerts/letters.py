"""One message of each kind, as a reader in Luleå gets it: real titles, every section, in both languages."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import msgspec

from alerts.channels.headers import Sending, address
from alerts.channels.mime import Mail, build
from alerts.channels.parts import deal
from alerts.links import Links
from alerts.message import (
    Item,
    Message,
    MessageKind,
    Notice,
    Proof,
    Reason,
    RegionRelevance,
    Section,
    ShownDeadline,
)
from pipeline.harvest import Verdict
from pipeline.models import Budget, EventKind, Precision
from tests.alerts.samples import NOW, at, changed, deadline, item, message, moved

ID = "6f1c7c0e-0000-5000-8000-000000000001"
SENDER = address("callwatch Norra Sverige <alerts@callwatch.example>")
TARGET = "asa@cluster.example"
LINKS = Links(
    "https://callwatch.example", "TOKEN.a-b_c", "STOP.a-b_c", "FEED.a-b_c", mail_stop="alerts@callwatch.example"
)
PROOF = (
    Proof("eu_funding_tenders", NOW, Verdict.COMPLETE, "Funding & Tenders Portal", NOW),
    Proof("vinnova", NOW, Verdict.PARTIAL, "Vinnova", NOW - timedelta(days=3)),
)
STEEL = (
    "Hydrogen-based steelmaking: demonstration of direct reduction at industrial scale (Clean Steel Partnership)"
)
STEEL_SV = "Vätgasbaserad ståltillverkning: demonstration av direktreduktion i industriell skala"


def mails(shown: Message, now: Any = None, links: Links = LINKS, **fields: Any) -> list[Mail]:
    """All mails of a message."""
    given: dict[str, Any] = {"message_id": ID, "sender": SENDER, "target": TARGET, "links": links, "threads": {}}
    return [build(shown, letter, Sending(**{**given, **fields}), now or shown.at) for letter in deal(shown)]


def steel(language: str, **fields: Any) -> Item:
    """A call that suits Norrbotten."""
    swedish = language == "sv"
    name = "Energiintensiva industrier" if swedish else "Energy-intensive industries"
    priority = "Grön stålindustri" if swedish else "Green steel"
    given: dict[str, Any] = {
        "title": STEEL_SV if swedish else STEEL,
        "language": language,
        "identifier": "HORIZON-CL4-2027-01-TWIN-TRANSITION-31",
        "url": "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/"
        "HORIZON-CL4-2027-01-TWIN-TRANSITION-31",
        "budget": Budget("EUR", Decimal(28000000), Decimal(8000000), Decimal(14000000), 3),
        "ecosystems": {"energy-intensive": name},
        "s3": RegionRelevance("SE332", "Norrbotten", 3, priority),
        "reasons": (
            Reason("ecosystem", "energy-intensive", name, ("steel", "direct reduction")),
            Reason("region", "SE332", "Norrbotten", score=3, note=priority),
        ),
    }
    return item(**{**given, **fields})


def letter(kind: MessageKind, language: str, *items: Item, **fields: Any) -> Message:
    """A message about `items`, or about none."""
    name = "Stål och gruvor i norr" if language == "sv" else "Steel and mining in the north"
    given = {"kind": kind, "language": language, "subscription_name": name, "proof": PROOF, "items": items}
    return msgspec.structs.replace(message(), **{**given, **fields})


def alert(language: str) -> Message:
    """One call whose deadline came nearer."""
    change = changed(EventKind.DEADLINE_BROUGHT_FORWARD, **moved("2027-03-17", "2027-03-03"))
    shown = (ShownDeadline(deadline("2027-03-03"), passed=False),)
    return letter(
        MessageKind.ALERT, language, steel(language, changes=(change,), deadlines=shown), proof=PROOF[:1]
    )


def coming(language: str, number: int, section: Section, notice: Notice, **fields: Any) -> Item:
    """A call that stands in a message because of a date."""
    given = {"call_id": f"eu_funding_tenders:COMING-{number}", "changes": (), "section": section}
    return steel(language, **{**given, "notices": (notice,), **fields})


def stages() -> tuple[ShownDeadline, ...]:
    """Two stages, the first of them near."""
    first, second = deadline("2026-11-28", "stage 1"), deadline("2027-06-15", "stage 2", Precision.EXACT)
    return ShownDeadline(first, passed=False), ShownDeadline(second, passed=False)


def reminder(language: str) -> Message:
    """The first of two stages closes in five days; the reminder came late, and the reader follows the call."""
    near = Notice(at("2026-11-28"), 7, "stage 1", late=True)
    followed = coming(language, 1, Section.CLOSING, near, deadlines=stages(), followed=True)
    return letter(MessageKind.REMINDER, language, followed, proof=PROOF[:1])


def weekly(language: str) -> Message:
    """A digest with every section, after a gap, with a portal that was read in part and calls of a new one."""
    from tests.alerts.samples import week

    gone = (ShownDeadline(deadline("2026-11-20"), passed=True),)
    opens, new = at("2026-12-01", 0), {"portal_name": "Vinnova", "unproven": True}
    dated = (
        coming(language, 2, Section.OPENING, Notice(opens, 0), opens_at=opens, status="forthcoming"),
        coming(language, 3, Section.CLOSING, Notice(at("2026-11-28"), 7, "stage 1"), deadlines=stages(), **new),
        coming(language, 4, Section.MISSED, Notice(at("2026-11-20"), 2, "single", late=True), deadlines=gone),
    )
    still = tuple(
        coming(language, number, Section.STILL_OPEN, Notice(NOW, 0), notices=(), title=f"{STEEL} {number}", **new)
        for number in range(5, 8)
    )
    changes = tuple(i for i in week().items if i.section is not Section.CLOSING)
    fields = {"cadence": "weekly", "period": "2026-W48", "window": (NOW - timedelta(days=14), NOW)}
    gap = (NOW - timedelta(days=10), NOW - timedelta(days=4))
    return letter(MessageKind.DIGEST, language, *changes, *dated, *still, gap=gap, **fields)


def empty(language: str) -> Message:
    """A digest that has nothing to say."""
    fields = {"cadence": "weekly", "period": "2026-W48", "window": (NOW - timedelta(days=7), NOW)}
    return letter(MessageKind.DIGEST, language, proof=PROOF[:1], **fields)


def welcome(language: str) -> Message:
    """The first message of a subscription."""
    items = [steel(language, changes=()), item(2, changes=(), title="Batterier för fjällbruk", language="sv")]
    return letter(MessageKind.WELCOME, language, *items, cadence="weekly", proof=PROOF[:1])


def confirmation(language: str, link: str = "https://callwatch.example/confirm/TOKEN") -> Message:
    """Asks a new address; `link` may be empty."""
    return letter(MessageKind.CONFIRMATION, language, lines=(link,), proof=())


def ops(language: str) -> Message:
    """Two troubles of callwatch itself."""
    lines = (
        "vinnova: no complete harvest since 20 November 2026 at 08:00 (3 days)",
        "email: the mail server refuses the user name or password (535); 14 messages wait",
    )
    return letter(MessageKind.OPS, language, lines=lines, proof=())


KINDS = {
    "alert": alert,
    "reminder": reminder,
    "weekly": weekly,
    "empty": empty,
    "welcome": welcome,
    "confirmation": confirmation,
    "ops": ops,
}
