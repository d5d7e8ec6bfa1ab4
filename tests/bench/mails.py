"""Digests of 50 calls as mails: how many a second, beside the least that any program must do for them.

Ours begins with what lies in the outbox. The limit for equal digests is a body that is there already, encoded,
with the headers of each recipient written by the library around it. The limit for others is a bare template of 50
calls, in HTML and text, encoded, with the same headers: no words to be chosen, no days to be counted, nothing
weighed, no links of the reader's own.
"""

from __future__ import annotations

from binascii import b2a_qp
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache

import jinja2
import msgspec

from alerts.channels.headers import Sending, address
from alerts.channels.mime import build
from alerts.channels.parts import LIMIT, deal
from alerts.links import Links
from alerts.message import (
    Change,
    Item,
    Message,
    MessageKind,
    Proof,
    Reason,
    RegionRelevance,
    Section,
    ShownDeadline,
    decode,
    encode,
)
from pipeline.harvest import Verdict
from pipeline.models import Budget, Deadline, EventKind, Kind, Precision
from tests.bench.figure import Figure
from tests.bench.measure import Step, always, figure, in_turns

CALLS, POOL, MANY, FEW = 50, 400, 400, 40
AT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
SENDER = address("callwatch <alerts@callwatch.example>")
PAGE = """{% for c in calls %}<table class="card" style="width:100%;margin:12px 0 0;background:#ffffff"><tr><td>
<p style="margin:0 0 5px;font-size:13px"><span style="font-weight:700">{{ c.badge }}</span></p>
<h3 style="margin:0 0 6px;font-size:17px"><a href="{{ c.url }}" style="color:#0b4f9e">{{ c.title }}</a></h3>
<p style="margin:0 0 4px;font-size:16px;font-weight:700">{{ c.deadline }}</p>
<p style="margin:0;font-size:14px">{% for f in c.facts %}<b>{{ f[0] }}:</b> {{ f[1] }}<br>
{% endfor %}</p>
<p>{% for a in c.actions %}<a href="{{ a[1] }}" style="color:#4a5a6a">{{ a[0] }}</a> {% endfor %}</p>
</td></tr></table>
{% endfor %}"""
TEXT = """{% for c in calls %}
{{ c.badge }}
{{ c.title }}
  {{ c.deadline }}
{% for f in c.facts %}  {{ f[0] }}: {{ f[1] }}
{% endfor %}  {{ c.url }}
{% for a in c.actions %}  {{ a[0] }}: {{ a[1] }}
{% endfor %}{% endfor %}"""


def as_mails(number: int) -> list[Figure]:
    """Equal digests, digests of the same 400 calls in other choices, and digests of calls nobody else gets."""
    same = [encode(fifty(0))] * MANY
    mixed = [encode(fifty(n, step=7)) for n in range(MANY)]
    headers, pages = always(lambda: bare_headers(MANY)), always(lambda: bare_pages(FEW))
    equal = in_turns(always(lambda: mails(same)), headers, number)
    shared = in_turns(always(lambda: mails(mixed)), headers, number)
    alone = in_turns(strangers, pages, number)
    ready, bare = "bodies ready made, headers by the library", "a bare template, headers by the library"
    choices, nobody = f"{MANY} digests of 50 of 400 calls as mails", f"{FEW} digests of calls nobody else gets"
    return [
        figure("mails equal", f"{MANY} equal digests as mails", equal, ready, count=MANY, share=0.5),
        figure("mails shared", choices, shared, ready, count=MANY, share=0.5),
        figure("mails alone", nobody, alone, bare, count=FEW, share=0.5),
    ]


def strangers(number: int) -> Step:
    """Digests of calls that were never shown before."""
    first = POOL + number * FEW * CALLS
    messages = [encode(fifty(first + i * CALLS)) for i in range(FEW)]
    return lambda: mails(messages)


def mails(messages: Sequence[bytes]) -> int:
    """Each message from the outbox to a reader of its own, whole; the bytes of all."""
    total = 0
    for number, message in enumerate(map(decode, messages)):
        name = f"reader-{number}"
        own = msgspec.structs.replace(
            message, contact=f"Reader {number}", contact_key=name, subscription=f"s-{number}"
        )
        token = f"WyJyZWFkZXIt{number:04}Iiwicy0wIl0.awfUtA.xjRHrK45syCONzmU6yS0GqtBz6o"
        links = Links("https://callwatch.example", token, token, token, SENDER.addr_spec)
        sending = Sending(f"{number:08}-0000-5000-8000-000000000000", SENDER, f"{name}@x.example", links, {})
        letters = deal(own)
        sizes = [len(build(own, letter, sending, AT).raw) for letter in letters]
        shown = sum(len(letter.part.items) for letter in letters)
        if shown != CALLS or max(sizes) >= LIMIT:
            raise RuntimeError(f"{shown} calls in mails of {sizes} bytes: this would measure something else")
        total += sum(sizes)
    return total


def fifty(start: int, step: int = 1) -> Message:
    """A weekly digest; with a `step` its calls come from a pool that other digests draw from as well."""
    numbers = [(start + n * step) % POOL if step > 1 else start + n for n in range(CALLS)]
    return Message(
        kind=MessageKind.DIGEST, contact="", language="en", time_zone="Europe/Stockholm", subscription="",
        subscription_name="Steel and mining in the north", at=AT, cadence="weekly", period="2026-W48",
        window=(AT - timedelta(days=7), AT), items=tuple(map(item, numbers)),
        proof=(Proof("eu_funding_tenders", AT, Verdict.COMPLETE, "Funding & Tenders Portal"),),
    )  # fmt: skip


@cache
def item(number: int) -> Item:
    """A new call with all that is shown of one."""
    at = datetime(2027, 3, 1, 16, 0, tzinfo=UTC) + timedelta(days=number % 90)
    return Item(
        call_id=f"eu_funding_tenders:HORIZON-CL5-2027-{number:05}",
        identifier=f"HORIZON-CL5-2027-{number:05}",
        title=f"Cold climate testing of heavy electric vehicles and their charging, part {number}",
        language="en",
        kind=Kind.TOPIC,
        status="open",
        url=f"https://ec.europa.eu/info/funding-tenders/opportunities/portal/topic/HORIZON-CL5-{number:05}",
        changes=(Change(EventKind.NEW, AT),),
        section=Section.FRESH,
        programme="HORIZON",
        programme_name="Horizon Europe",
        type_of_action="HORIZON Innovation Actions",
        budget=Budget("EUR", Decimal(42_000_000), Decimal(3_000_000), Decimal(5_000_000), 8),
        deadlines=(ShownDeadline(Deadline(at, "single", Precision.DATE), passed=False),),
        applicants="Consortia of at least three organisations from three countries",
        ecosystems={"mobility": "Mobility, transport and automotive"},
        s3=RegionRelevance("SE332", "Norrbotten", 2, "Energy technology"),
        reasons=(Reason("ecosystem", "mobility", "Mobility, transport and automotive", ("trucks", "battery")),),
    )


def bare_headers(count: int) -> int:
    """The least for equal digests."""
    body = b"x" * 75_000
    return sum(len(headed(number, body)) for number in range(count))


def bare_pages(count: int) -> int:
    """The least for digests of their own."""
    page, text = template(PAGE, html=True), template(TEXT, html=False)
    total = 0
    for number in range(count):
        calls = [fields(number * CALLS + n) for n in range(CALLS)]
        bodies = (b2a_qp(made.render(calls=calls).encode()) for made in (text, page))
        total += len(headed(number, b"".join(bodies)))
    return total


def headed(number: int, body: bytes) -> bytes:
    """Headers as callwatch writes them, by the library, and a body."""
    mail = EmailMessage(policy=SMTP)
    given = {
        "From": "callwatch <alerts@callwatch.example>",
        "To": f"Reader {number} <reader-{number}@x.example>",
        "Subject": "Week 48: New call, closes 1 March 2027: Cold climate testing of heavy vehicles + 49 more",
        "Date": format_datetime(AT),
        "Message-ID": f"<{number:08}-0000-5000-8000-000000000000@callwatch.example>",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "All",
        "List-Id": "<steel.callwatch.callwatch.example>",
        "List-Unsubscribe": f"<https://callwatch.example/stop/{number}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    for name, value in given.items():
        mail[name] = value
    return mail.as_bytes() + body


@cache
def template(source: str, *, html: bool) -> jinja2.Template:
    """Compiled once."""
    return jinja2.Environment(autoescape=html).from_string(source)


def fields(number: int) -> dict[str, object]:
    """What a page shows of one call, as words that are there already."""
    shown = item(number)
    facts = [(f"Fact {n}", "Mobility, transport and automotive (trucks)") for n in range(6)]
    actions = [("Mute this call", f"https://callwatch.example/act/{'t' * 80}/mute?call={number}")] * 3
    return {
        "badge": "New call",
        "url": shown.url,
        "title": shown.title,
        "deadline": "1 March 2027 at 17:00 (Brussels)",
        "facts": facts,
        "actions": actions,
    }
