"""Digests of 50 calls as mails: how many a second, beside the least that any program must do for them.

The limit for equal digests is a body that is there already, encoded, with the headers of each recipient written by
the library around it. The limit for others is a bare template of 50 calls, in HTML and text, encoded, with the
same headers: no words to be chosen, no days to be counted, nothing weighed, no links of the reader's own.
"""

from __future__ import annotations

import time
from binascii import b2a_qp
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from statistics import median

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
)
from pipeline.harvest import Verdict
from pipeline.models import Budget, Deadline, EventKind, Kind, Precision
from tests.bench.table import Figure

CALLS, POOL, MANY, FEW, RUNS = 50, 400, 400, 40, 3
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


def figures() -> list[Figure]:
    """Equal digests, digests of the same 400 calls in other choices, and digests of calls nobody else gets."""
    least_equal, least_other = fastest(lambda: bare_headers(MANY)), fastest(lambda: bare_pages(FEW))
    same = [fifty(0)] * MANY
    mixed = [fifty(number, step=7) for number in range(MANY)]
    equal = fastest(lambda: mails(same))
    shared = fastest(lambda: mails(mixed))
    alone = median(
        spent(lambda n=n: mails([fifty(POOL + (n * FEW + i) * CALLS) for i in range(FEW)])) for n in range(RUNS)
    )
    return [
        figure("mails a second, equal digests", MANY / equal, MANY / least_equal, 0.5),
        figure("mails a second, 50 of 400 calls each", MANY / shared, MANY / least_equal),
        figure("mails a second, calls that nobody else gets", FEW / alone, FEW / least_other),
    ]


def figure(what: str, ours: float, limit: float, goal: float | None = None) -> Figure:
    """One line of the table."""
    ratio = ours / limit
    reached = None if goal is None else ratio >= goal
    return Figure(what, f"{ours:,.0f}", f"{limit:,.0f}", f"{ratio:.2f}", f"{goal}" if goal else "", reached)


def fastest(work: Callable[[], object]) -> float:
    """CPU seconds, the median of several runs."""
    return median(spent(work) for _ in range(RUNS))


def spent(work: Callable[[], object]) -> float:
    """CPU seconds of this process."""
    start = time.process_time()
    work()
    return time.process_time() - start


def mails(messages: Sequence[Message]) -> int:
    """Each message to a reader of its own, whole; the bytes of all."""
    total = 0
    for number, message in enumerate(messages):
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
