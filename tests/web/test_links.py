"""What a reader can do from a message: ask, choose, take back, stop, confirm. A GET changes nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from alerts.links import Bearer, Purpose, links_for
from pipeline.people import Choice
from pipeline.store import people
from tests.web.conftest import ASA, BO, FERRIES, TRUCKS, Served

ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


def choices(served: Served, contact: str = "asa") -> dict[str, Choice]:
    with served.store.read() as conn:
        return people.choices_of(conn, [contact]).get(contact, {})


def stops(served: Served) -> dict[str, str]:
    with served.store.read() as conn:
        return {key: stop.source for key, stop in people.stopped(conn).items()}


def buttons(page: str) -> list[str]:
    return [address.replace("&amp;", "&") for address in re.findall(r'<form method="post" action="([^"]*)"', page)]


@pytest.mark.parametrize(
    ("action", "choice"),
    [("mute", Choice.MUTED), ("follow", Choice.FOLLOWED), ("irrelevant", Choice.IRRELEVANT)],
)
def test_the_page_asks_the_button_does_and_another_takes_back(served: Served, action: str, choice: Choice) -> None:
    asked = served("GET", served.act(action))
    assert asked.status == 200
    assert "Cold climate testing of electric trucks" in asked.text
    assert choices(served) == {}
    (address,) = buttons(asked.text)
    assert re.search(r'href="https://portal\.example/topic/TRUCKS-1"', asked.text)

    done = served("POST", address)
    assert done.status == 200
    assert choices(served) == {TRUCKS: choice}
    (back,) = buttons(done.text)
    assert served("POST", address).status == 200

    assert served("POST", back).status == 200
    assert choices(served) == {}


def test_taking_back_brings_back_what_was_chosen_before(served: Served) -> None:
    served("POST", served.act("follow"))
    (back,) = buttons(served("POST", served.act("mute")).text)
    assert choices(served) == {TRUCKS: Choice.MUTED}
    served("POST", back)
    assert choices(served) == {TRUCKS: Choice.FOLLOWED}


def test_a_choice_that_is_made_already_is_said_and_can_be_taken_back(served: Served) -> None:
    served("POST", served.act("mute"))
    again = served("GET", served.act("mute"))
    assert "This call is muted" in again.text
    assert "/undo?" in buttons(again.text)[0]


def test_pages_speak_the_language_of_the_contact(served: Served) -> None:
    page = served("GET", served.act("mute", TRUCKS, BO))
    assert '<html lang="sv">' in page.text
    assert "Tysta den här utlysningen?" in page.text
    assert "Elektriska lastbilar i kyla" in page.text


@pytest.mark.parametrize("path", ["mute?call=", "mute?call=eu_funding_tenders%3ATRUCKS", "mute", "burn?call=X"])
def test_a_call_or_an_action_that_is_not_there(served: Served, path: str) -> None:
    address = f"/act/{served.token(Purpose.ACT)}/{path}"
    assert served("GET", address).status == 404
    assert served("POST", address).status == 404
    assert choices(served) == {}


def test_one_click_stops_at_once_without_a_page_before_it(served: Served) -> None:
    """RFC 8058: the mail program sends this, with no cookie and no second request."""
    address = f"/stop/{served.token(Purpose.STOP)}"
    answer = served("POST", address, ONE_CLICK, Content_Type=FORM)
    assert answer.status == 200
    assert answer.headers["Set-Cookie"] is None
    assert stops(served) == {"trucks": "one-click"}
    assert served("POST", address, ONE_CLICK, Content_Type=FORM).status == 200
    assert stops(served) == {"trucks": "one-click"}


def test_one_click_as_a_multipart_form(served: Served) -> None:
    body = b'--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    kind = "multipart/form-data; boundary=x"
    assert served("POST", f"/stop/{served.token(Purpose.STOP)}", body, Content_Type=kind).status == 200
    assert stops(served) == {"trucks": "one-click"}


def test_a_scanner_that_opens_every_link_stops_nothing(served: Served) -> None:
    links = links_for(ASA, served.site.tokens, f"http://127.0.0.1:{served.port}")
    for method in ("GET", "HEAD"):
        for link in (links.stop, links.manage, links.calendar, links.atom, *(served.act(a) for a in ("mute",))):
            assert served(method, link.removeprefix(f"http://127.0.0.1:{served.port}")).status == 200
    assert stops(served) == {}
    assert choices(served) == {}
    assert served.confirmed == []


def test_the_button_stops_too_and_it_can_be_taken_back(served: Served) -> None:
    asked = served("GET", f"/stop/{served.token(Purpose.STOP)}")
    assert "Stop “Trucks”?" in asked.text
    (address,) = buttons(asked.text)
    done = served("POST", address)
    assert stops(served) == {"trucks": "link"}
    (back,) = buttons(done.text)
    assert "The subscription is stopped" in served("GET", address).text
    assert served("POST", back).status == 200
    assert stops(served) == {}


def test_a_subscription_that_is_no_longer_there_counts_as_stopped(served: Served) -> None:
    for bearer in (Bearer("asa", "gone"), Bearer("bo", "trucks")):
        address = f"/stop/{served.token(Purpose.STOP, bearer)}"
        for method, path in (("GET", address), ("POST", address), ("POST", f"{address}/undo")):
            answer = served(method, path)
            assert answer.status == 200
            assert "There is no such subscription any more" in answer.text
    assert stops(served) == {}


def test_an_address_is_confirmed_by_post_only(served: Served) -> None:
    address = f"/confirm/{served.token(Purpose.CONFIRM, Bearer('bo', '3f2a'))}"
    asked = served("GET", address)
    assert "Bekräfta din adress?" in asked.text
    assert served.confirmed == []
    assert buttons(asked.text) == [address]
    assert "Din adress är bekräftad" in served("POST", address).text
    assert served.confirmed == [Bearer("bo", "3f2a")]
    assert "Inget att bekräfta" in served("POST", address).text
    stranger = f"/confirm/{served.token(Purpose.CONFIRM, Bearer('nobody', ''))}"
    assert served("POST", stranger).status == 404


def every_address(served: Served, token: str) -> list[tuple[str, str]]:
    acts = [(m, f"/act/{token}/mute?call={TRUCKS}") for m in ("GET", "POST")]
    stop = [(m, f"/stop/{token}") for m in ("GET", "POST")] + [("POST", f"/stop/{token}/undo")]
    confirm = [(m, f"/confirm/{token}") for m in ("GET", "POST")]
    feeds = [("GET", f"/feed/{token}/{name}") for name in ("deadlines.ics", "events.atom")]
    undo = ("POST", f"/act/{token}/undo?call={TRUCKS}")
    return [*acts, undo, *stop, *confirm, *feeds, ("GET", f"/subscription/{token}")]


def test_a_forged_token_gets_one_answer_everywhere(served: Served) -> None:
    good = served.token(Purpose.ACT)
    forged = [
        "x", "a.b.c", good[:-1], good + "A", "%00", "%F0%9F%98%80", "A" * 5000,
        served.token(Purpose.ACT, Bearer("asa", "gone")), served.token(Purpose.ACT, Bearer("bo", "trucks")),
    ]  # fmt: skip
    seen = set()
    for token in forged:
        for method, path in every_address(served, token):
            answer = served(method, path)
            assert answer.status == 404, (method, path)
            seen.add(answer.body)
    assert len(seen) == 1
    assert choices(served) == {}
    assert stops(served) == {}


def test_a_token_works_only_for_what_it_was_made_for(served: Served) -> None:
    works = {
        Purpose.ACT: "act subscription",
        Purpose.STOP: "stop",
        Purpose.FEED: "feed",
        Purpose.CONFIRM: "confirm",
    }
    for purpose in Purpose:
        for method, path in every_address(served, served.token(purpose)):
            wanted = 200 if path.split("/")[1] in works[purpose].split() else 404
            assert served(method, path).status == wanted, (purpose, path)


def test_old_links_that_act_are_refused_and_those_that_stop_work_for_ever(served: Served) -> None:
    with time_machine.travel(datetime.now(UTC) - timedelta(days=91)):
        act, stop, feed = (served.token(p) for p in (Purpose.ACT, Purpose.STOP, Purpose.FEED))
    for method in ("GET", "POST"):
        answer = served(method, f"/act/{act}/mute?call={TRUCKS}", Accept_Language="sv-SE,sv;q=0.9,en;q=0.8")
        assert answer.status == 410
        assert "Länken är för gammal" in answer.text
    assert choices(served) == {}
    assert served("GET", f"/feed/{feed}/deadlines.ics").status == 200
    assert served("POST", f"/stop/{stop}").status == 200
    assert stops(served) == {"trucks": "one-click"} or stops(served) == {"trucks": "link"}


def test_the_readers_page_lists_choices_and_feeds_and_no_address(served: Served) -> None:
    served("POST", served.act("mute"))
    served("POST", served.act("follow", FERRIES))
    page = served("GET", f"/subscription/{served.token(Purpose.ACT)}").text
    assert "By e-mail, as it happens." in page
    assert "Ecosystems: Mobility, transport and automotive." in page
    assert page.index("Calls you follow") < page.index("Ferries") < page.index("Calls you have muted")
    assert f"http://127.0.0.1:{served.port}/feed/" in page
    assert "@" not in page.replace("@media", "")
    undo = [address for address in buttons(page) if "/undo" in address]
    assert len(undo) == 2
    for address in undo:
        served("POST", address)
    assert choices(served) == {}
    calendar = re.findall(r'href="http://127\.0\.0\.1:\d+([^"]+\.ics)"', page)[0]
    assert served("GET", calendar).status == 200

    stop = next(address for address in buttons(page) if address.startswith("/stop/"))
    served("POST", stop)
    stopped = served("GET", f"/subscription/{served.token(Purpose.ACT)}").text
    assert "Stopped on 23 November 2026." in stopped
    served("POST", next(address for address in buttons(stopped) if address.endswith("/undo")))
    assert stops(served) == {}
