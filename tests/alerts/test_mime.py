"""A mail from the inside: its headers, its size, and that what is built for many is each reader's own."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import msgspec
import pytest

from alerts import render
from alerts.channels import quoted
from alerts.channels.headers import Sending, address
from alerts.channels.mime import Mail, build
from alerts.channels.parts import LIMIT, deal
from alerts.links import Links
from alerts.message import Message, MessageKind, Section
from pipeline.errors import ConfigError, Permanent
from tests.alerts.letters import (
    ID,
    KINDS,
    LINKS,
    SENDER,
    TARGET,
    alert,
    confirmation,
    mails,
    ops,
    reminder,
    weekly,
)
from tests.alerts.samples import NOW, item, message, week


def parsed(mail: Mail) -> EmailMessage:
    read = message_from_bytes(mail.as_bytes(), policy=policy.default)
    assert isinstance(read, EmailMessage)
    assert [defect for part in read.walk() for defect in part.defects] == []
    return read


def body(mail: Mail, form: str) -> str:
    found = parsed(mail).get_body((form,))
    assert found is not None
    return str(found.get_content()).replace("\r\n", "\n")


def test_headers_of_an_alert() -> None:
    (mail,) = mails(alert("sv"))
    read = parsed(mail)
    assert read["From"] == str(SENDER)
    assert read["Auto-Submitted"] == "auto-generated"
    assert read["X-Auto-Response-Suppress"] == "All"
    assert read["List-Id"] == "<trucks.callwatch.callwatch.example>"
    assert read["List-Unsubscribe"] == (
        "<https://callwatch.example/stop/STOP.a-b_c>, <mailto:alerts@callwatch.example?subject=stop%20trucks>"
    )
    assert read["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read["MIME-Version"] == "1.0"
    assert read["Subject"].startswith("Sista ansökningsdag tidigarelagd, nu 3 mars 2027: Vätgas")


def test_a_long_address_to_stop_is_not_encoded() -> None:
    token = "T" * 214
    (mail,) = mails(alert("en"), links=Links("https://callwatch.example", token, token, token, "a@b.example"))
    assert f"List-Unsubscribe: <https://callwatch.example/stop/{token}>,\r\n <mailto:".encode() in mail.raw


@pytest.mark.parametrize(
    ("links", "ways"),
    [
        (Links(), None),
        (Links(mail_stop="callwatch@localhost"), None),
        (Links(mail_stop="a@b.example"), "<mailto:a@b.example?subject=stop%20trucks>"),
        (Links("http://127.0.0.1:8000", "T", "S", "F"), "<http://127.0.0.1:8000/stop/S>"),
    ],
)
def test_one_click_needs_https_and_nothing_is_offered_that_leads_nowhere(links: Links, ways: str | None) -> None:
    (mail,) = mails(alert("en"), links=links)
    read = parsed(mail)
    assert read["List-Unsubscribe"] == ways
    assert read["List-Unsubscribe-Post"] is None
    assert ("Stop this subscription" in body(mail, "html")) == (ways is not None)
    assert ("Mute this call" in body(mail, "plain")) == bool(links.token)


@pytest.mark.parametrize("shown", [confirmation("en"), ops("en")])
def test_what_no_subscription_brings_cannot_be_stopped(shown: Message) -> None:
    (mail,) = mails(shown)
    read = parsed(mail)
    assert (read["List-Unsubscribe"], read["List-Id"]) == (None, None)
    assert "/stop/" not in body(mail, "html")


def test_the_changes_of_a_call_hang_together() -> None:
    first, second = (
        parsed(mails(shown, message_id=name)[0]) for shown, name in ((alert("en"), "a"), (week(), "b"))
    )
    assert second["References"] is None
    root = first["References"]
    assert re.fullmatch(r"<[0-9a-f-]{36}@callwatch\.example>", root)
    assert first["In-Reply-To"] == root
    call = alert("en").items[0].call_id
    later = parsed(mails(alert("en"), message_id="c", threads={call: "<a@callwatch.example>"})[0])
    assert later["References"].split() == [root, "<a@callwatch.example>"]
    assert later["In-Reply-To"] == "<a@callwatch.example>"
    evil = parsed(mails(alert("en"), threads={call: "x>\r\nBcc: <y@evil.example>"})[0])
    assert (evil["References"], evil["Bcc"]) == (root, None)
    other = parsed(mails(alert("en"), target="b@cluster.example")[0])
    assert other["References"] != root
    assert parsed(mails(reminder("en"))[0])["References"] != root


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("language", ["en", "sv"])
def test_every_kind_of_mail_says_what_the_message_says(name: str, language: str) -> None:
    shown = KINDS[name](language)
    (mail,) = mails(shown)
    assert body(mail, "plain").strip() == render.text(shown, links=LINKS).strip()
    assert body(mail, "html").strip() == render.html(shown, links=LINKS).strip()
    assert f'<html lang="{language}">' in body(mail, "html")
    assert max(map(len, mail.raw.split(b"\r\n"))) <= 200
    assert b"\n" not in mail.raw.replace(b"\r\n", b"")


def test_bodies_built_for_many_are_each_readers_own() -> None:
    links = [Links("https://callwatch.example", f"A{n}." + "t" * n, f"S{n}.", f"F{n}.") for n in (7, 80, 214)]
    made = [mails(weekly("en"), links=own, target=f"p{n}@x.example") for n, own in enumerate(links)]
    for own, (mail,) in zip(links, made, strict=True):
        for form in ("plain", "html"):
            page = body(mail, form)
            assert f"https://callwatch.example/stop/{own.stop_token}" in page
            assert page.count(own.token) >= 3 * 8
            assert "callwatch-token" not in page
        assert max(map(len, mail.raw.split(b"\r\n\r\n", 1)[1].split(b"\r\n"))) <= 76


def test_a_title_cannot_get_hold_of_a_readers_link() -> None:
    for guess in ("callwatch-token", quoted.TOKEN.replace(quoted.TOKEN[-8:], "")):
        (mail,) = mails(message(item(title=guess, url=f"https://evil.example/{guess}")))
        assert f"https://evil.example/{guess}" in body(mail, "html")


def flood(count: int, **fields: Any) -> Message:
    return message(
        *[item(n, title=f"Call number {n}: cold climate testing", **fields) for n in range(1, count + 1)]
    )


@pytest.mark.parametrize("kind", [MessageKind.ALERT, MessageKind.DIGEST])
@pytest.mark.parametrize("count", [1, 7, 26, 50, 500])
def test_every_call_stands_in_one_of_the_mails(count: int, kind: MessageKind) -> None:
    shown = msgspec.structs.replace(flood(count), kind=kind, period="2026-W48")
    made, letters = mails(shown), deal(shown)
    assert [i.call_id for x in letters for i in x.part.items] == [i.call_id for i in shown.items]
    for form, shape in (("plain", "/topic/{}\n"), ("html", '/topic/{}"')):
        pages = [body(mail, form) for mail in made]
        for number in range(1, count + 1):
            assert sum(page.count(shape.format(number)) for page in pages) == 1
    assert max(len(mail.raw) for mail in made) < LIMIT
    assert len(made) == (1 if count <= 50 else len(letters))
    assert len({mail.message_id for mail in made}) == len(made)


def test_parts_do_not_depend_on_when_or_where_they_are_sent() -> None:
    shown = msgspec.structs.replace(flood(200), contact_key="k" * 64, subscription="s" * 64)
    dealt = [[i.call_id for i in x.part.items] for x in deal(shown)]
    late = [mails(shown, NOW + timedelta(days=days), Links(u, t, t, t)) for days in (0, 113, 114, 400)
            for u, t in (("", ""), ("https://" + "x" * 52, "t" * 214))]  # fmt: skip
    for made in late:
        assert max(len(mail.raw) for mail in made) < LIMIT
        for mail, calls in zip(made, dealt, strict=True):
            page = body(mail, "html")
            assert all(f"/topic/{call.rpartition('-')[2]}&" in page.replace('"', "&") for call in calls)


def test_calls_that_are_still_open_come_last_on_one_line_each() -> None:
    shown = msgspec.structs.replace(
        weekly("en"), items=(*weekly("en").items, *flood(400, section=Section.STILL_OPEN).items)
    )
    made = [body(mail, "plain") for mail in mails(shown)]
    assert len(made) > 1
    assert all("STILL OPEN FOR YOU" in page for page in made)
    assert all("Deadline:" not in page for page in made[1:])
    assert "This is part 2 of" in made[1]
    made = [" ".join(page.split()) for page in made]
    assert "callwatch did not run from" in made[0]
    assert "callwatch did not run from" not in made[1]


def calendar(shown: Message, domain: str) -> bytes:
    """Deterministic and as long as a calendar would be; reads like one."""
    lines = [f"UID:{i.call_id}@{domain}\r\nSUMMARY:Å {i.title}\r\n" + "X:" + "y" * 600 for i in shown.items]
    return ("BEGIN:VCALENDAR\r\n" + "\r\n".join(lines) + "\r\nEND:VCALENDAR\r\n").encode() if lines else b""


def test_the_calendar_goes_along_while_there_is_room() -> None:
    shown = flood(12)
    (letter,) = deal(shown)
    mail = build(shown, letter, Sending(ID, SENDER, TARGET, LINKS, {}), NOW, calendar)
    read = parsed(mail)
    assert len(mail.raw) < LIMIT
    text, attached = read.iter_parts()
    assert [p.get_content_type() for p in text.iter_parts()] == ["text/plain", "text/html"]
    assert attached.get_content_type() == "text/calendar"
    assert attached.get_params()[1:3] == [("method", "PUBLISH"), ("charset", "utf-8")]
    assert attached.get_filename() == "deadlines.ics"
    assert attached.get_payload(decode=True) == calendar(shown, "callwatch.example")
    huge = build(shown, letter, Sending(ID, SENDER, TARGET, LINKS, {}), NOW, huge_calendar)
    assert parsed(huge).get_content_type() == "multipart/alternative"


def huge_calendar(shown: Message, domain: str) -> bytes:
    return b"x" * LIMIT


def test_addresses_of_people() -> None:
    assert address("callwatch <callwatch@localhost>").addr_spec == "callwatch@localhost"
    with pytest.raises(ConfigError, match="CALLWATCH_MAIL_FROM"):
        address("nobody at all")
    for target in ("no address", "a@b\r\nBcc: c@d", "local"):
        with pytest.raises(Permanent, match="is not an e-mail address"):
            mails(message(), target=target)
