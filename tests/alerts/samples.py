"""Hand-written calls, events and messages for the tests of alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec

from alerts.contact import Contact
from alerts.message import (
    Change,
    Item,
    Message,
    MessageKind,
    Proof,
    Reason,
    RegionRelevance,
    ShownDeadline,
)
from alerts.subscription import Filters, RegionFilter, Subscription, Subscriptions
from alerts.words import KnownWords
from pipeline.harvest import Verdict
from pipeline.models import (
    BRUSSELS,
    Because,
    Budget,
    Call,
    Classification,
    Deadline,
    EcosystemLabel,
    Event,
    EventKind,
    Kind,
    Precision,
    S3Label,
    Status,
)
from pipeline.outbox import Candidate, StoredCall
from tests.alerts.sorting import section_of

NOW = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday, 08:00 in Brussels and Stockholm."""

KNOWN = KnownWords(
    ecosystems={
        "mobility": {"en": "Mobility, transport and automotive", "sv": "Mobilitet, transport och fordon"},
        "electronics": {"en": "Electronics", "sv": "Elektronik"},
    },
    regions={"SE331": "Västerbotten", "SE332": "Norrbotten"},
    programmes={"HORIZON": "Horizon Europe", "SMP": "Single Market Programme"},
    groups={"north-sweden": ("SE331", "SE332")},
    priorities={"Energy technology": {"sv": "Energiteknik"}},
)


def at(day: str, hour: int = 17) -> datetime:
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=BRUSSELS).astimezone(UTC)


def deadline(day: str = "2027-03-17", stage: str = "single", precision: Precision = Precision.DATE) -> Deadline:
    return Deadline(at(day), stage, precision, "17:00 Europe/Brussels")


def call(reference: str = "HORIZON-CL5-2027-01-D5-01", **fields: Any) -> Call:
    given: dict[str, Any] = {
        "portal": "eu_funding_tenders",
        "reference": reference,
        "identifier": reference,
        "kind": Kind.TOPIC,
        "title": "Cold climate testing of electric trucks",
        "language": "en",
        "url": f"https://portal.example/topic/{reference}",
        "programme": "HORIZON",
        "programme_name": "Horizon Europe",
        "type_of_action": "HORIZON Innovation Actions",
        "portal_status": "open",
        "opens_at": at("2026-09-01", 0),
        "deadlines": (deadline(),),
        "budget": Budget("EUR", Decimal(42000000), Decimal(3000000), Decimal(5000000), 8),
        "text": "Battery trucks are tested where it is cold.",
        "keywords": ("winter",),
    }
    return Call(**{**given, **fields})


def labels(ecosystems: tuple[str, ...] = ("mobility",), region: str = "SE332", score: int = 2) -> Classification:
    return Classification(
        tuple(EcosystemLabel(e, "primary", 0.9, (Because("term", ("trucks", "battery")),)) for e in ecosystems),
        (S3Label(region, score, "Energy technology"),) if score else (),
    )


def stored(a_call: Call | None = None, classification: Classification | None = None, **fields: Any) -> StoredCall:
    seen = {"first_seen": NOW - timedelta(days=30), "last_seen": NOW, "status": Status.OPEN}
    return StoredCall(
        call=a_call or call(),
        classification=labels() if classification is None else classification,
        **{**seen, **fields},
    )


def event(kind: EventKind = EventKind.NEW, call_id: str = "", when: datetime = NOW, **fields: Any) -> Event:
    return Event(call_id or call().id, kind, when, **fields)


def candidate(
    number: int = 1,
    kind: EventKind = EventKind.NEW,
    *,
    of: StoredCall | None = None,
    when: datetime = NOW,
    **fields: Any,
) -> Candidate:
    of = of or stored()
    return Candidate(number, event(kind, of.call.id, when, **fields), of)


def moved(before: str, after: str, stage: str = "single") -> dict[str, Any]:
    point = {"stage": stage, "precision": "date"}
    return {"before": {"at": at(before).isoformat()} | point, "after": {"at": at(after).isoformat()} | point}


def contact(**fields: Any) -> Contact:
    given = {
        "name": "Åsa Öberg",
        "email": "asa@cluster.example",
        "language": "en",
        "time_zone": "Europe/Stockholm",
    }
    return Contact(**{**given, **fields})


def subscription(**fields: Any) -> Subscription:
    filters = fields.pop("filters", {})
    given: dict[str, Any] = {"key": "trucks", "name": "Trucks", "contact": "asa", "channel": "email"}
    return Subscription(**{**given, "cadence": "at_once", **fields, "filters": Filters(**filters)})


def subscriptions(*given: Subscription, **fields: Any) -> Subscriptions:
    return Subscriptions({"asa": contact(**fields)}, given or (subscription(),), KNOWN)


def region(name: str, least: int = 2) -> RegionFilter:
    return RegionFilter(region=name, least=least)


def item(number: int = 1, **fields: Any) -> Item:
    given: dict[str, Any] = {
        "call_id": f"eu_funding_tenders:CALL-{number}",
        "identifier": f"HORIZON-CL5-2027-01-D5-{number:02}",
        "title": "Cold climate testing of electric trucks",
        "language": "en",
        "kind": Kind.TOPIC,
        "status": "open",
        "url": f"https://portal.example/topic/{number}",
        "changes": (Change(EventKind.NEW, NOW),),
        "programme": "HORIZON",
        "programme_name": "Horizon Europe",
        "type_of_action": "HORIZON Innovation Actions",
        "budget": Budget("EUR", Decimal(42000000), Decimal(3000000), Decimal(5000000), 8, shared_with=2),
        "deadlines": (ShownDeadline(deadline(), passed=False),),
        "opens_at": at("2026-09-01", 0),
        "applicants": "Consortia of at least three organisations from three countries",
        "ecosystems": {"mobility": "Mobility, transport and automotive", "electronics": "Electronics"},
        "s3": RegionRelevance("SE332", "Norrbotten", 2, "Energy technology"),
        "reasons": (Reason("ecosystem", "mobility", "Mobility, transport and automotive", ("trucks", "battery")),),
    }
    given |= fields
    return Item(**{"section": section_of(given["changes"]), **given})


def changed(kind: EventKind, **fields: Any) -> Change:
    return Change(kind, NOW, **fields)


def message(*items: Item, **fields: Any) -> Message:
    given: dict[str, Any] = {
        "kind": MessageKind.ALERT,
        "contact": "Åsa Öberg",
        "language": "en",
        "time_zone": "Europe/Stockholm",
        "contact_key": "asa",
        "subscription": "trucks",
        "subscription_name": "Trucks",
        "at": NOW,
        "items": items or (item(),),
        "proof": (Proof("eu_funding_tenders", NOW, Verdict.COMPLETE, "Funding & Tenders Portal"),),
    }
    return Message(**{**given, **fields})


def week(language: str = "en") -> Message:
    """A digest with one call of every tone, two stages, a passed one, and nothing stated."""
    brought = changed(EventKind.DEADLINE_BROUGHT_FORWARD, **moved("2027-03-17", "2027-03-03"))
    stages = (
        ShownDeadline(deadline("2026-10-01", "stage 1"), passed=True),
        ShownDeadline(deadline("2027-09-16", "stage 2", Precision.EXACT), passed=False),
    )
    money = changed(
        EventKind.BUDGET_CHANGED,
        before={"total": "1E+7", "currency": "EUR"},
        after={"total": "12500000", "grants": 5, "currency": "EUR"},
    )
    region_reason = Reason("region", "SE332", "Norrbotten", score=3, note="Energy technology")
    items = (
        item(1, changes=(brought,), deadlines=(ShownDeadline(deadline("2027-03-03"), passed=False),)),
        item(
            2,
            changes=(changed(EventKind.WITHDRAWN, before=NOW.isoformat()),),
            title="Charging for <heavy> vehicles & ferries",
        ),
        item(
            3,
            changes=(changed(EventKind.DEADLINE_EXTENDED, **moved("2027-01-12", "2027-09-16", "stage 2")),),
            deadlines=stages,
        ),
        item(4, title="Batterier för fjällbruk", language="sv", reasons=(region_reason,)),
        item(
            5,
            changes=(changed(EventKind.CLOSING_SOON),),
            deadlines=(ShownDeadline(deadline("2026-11-24"), passed=False),),
        ),
        item(
            6,
            changes=(money,),
            kind=Kind.CASCADE,
            budget=None,
            reasons=(Reason("budget", "2000000", note="not stated"),),
        ),
    )
    return msgspec.structs.replace(
        message(*items),
        kind=MessageKind.DIGEST,
        language=language,
        cadence="weekly",
        period="2026-W48",
        window=(NOW - timedelta(days=7), NOW),
    )
