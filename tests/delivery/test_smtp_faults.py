"""What becomes of a message when a mail server fails in each of the ways in which mail servers fail."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from alerts.channels import open_channel
from alerts.deliver import deliver
from callwatch.readers import Readers
from pipeline.outbox import MessageState
from pipeline.store import Store
from pipeline.store.outbox_rows import Outcome
from tests.delivery.office import Office, readers
from tests.delivery.smtp_server import MailServer

HUNDRED = [f"r{n:02}" for n in range(100)]


@pytest.fixture
def office(sqlite: Store, tmp_path: Path, mails: MailServer) -> Callable[..., Office]:
    """An office whose mail goes to `mails`."""

    def opened(*keys: str, **settings: Any) -> Office:
        url = settings.pop("smtp_url", mails.url)
        return Office(sqlite, tmp_path, readers(*keys), smtp_url=SecretStr(url), **settings)

    return opened


def came(mails: MailServer, to: str = "") -> list[str]:
    """Message-IDs in the order in which the mails came."""
    return [mail.message_id for mail in mails.mails if not to or mail.to == f"{to}@reader.example"]


PASSING = {
    "the connection is refused for a while": {"connect": ["421 too busy"]},
    "the connection ends at once": {"connect": ["drop"]},
    "421 to the recipient": {"rcpt": ["421 closing down"]},
    "451 greylisting": {"rcpt": ["451 come back in five minutes"]},
    "452 the disk is full": {"rcpt": ["452 insufficient storage"]},
    "450 to the sender": {"mail": ["450 not now"]},
    "451 to DATA": {"data": ["451 local error"]},
    "the connection ends in the middle of DATA": {"body": ["drop"]},
    "451 after the final dot": {"end": ["451 scanner is away"]},
    "421 after the final dot": {"end": ["421 scanner is away"]},
    "the connection ends after the final dot, nothing taken": {"end": ["drop"]},
}
"""Each happens twice; then the server is well again."""


@pytest.mark.parametrize("faults", PASSING.values(), ids=PASSING.keys())
def test_what_passes_delays_and_loses_nothing(
    office: Callable[..., Office], mails: MailServer, faults: dict[str, list[str]]
) -> None:
    mails.faults = {step: answers * 2 for step, answers in faults.items()}
    desk = office("anna")
    desk.put("anna-1", "anna-2")
    assert desk.deliver().retried > 0
    desk.until_rest()
    assert desk.states(["anna-1", "anna-2"]) == {MessageState.SENT}
    assert came(mails, "anna") == ["<anna-1@callwatch.example>", "<anna-2@callwatch.example>"]
    assert mails.complaints == []


NEVER = {
    "550 no such user": ({"rcpt": ["550 no such user"]}, "550"),
    "554 refused": ({"rcpt": ["554 not wanted here"]}, "554"),
    "552 too large": ({"mail": ["552 too large"]}, "552"),
    "554 after the final dot": ({"end": ["554 looks like spam"]}, "554"),
    "550 to DATA": ({"data": ["550 not from you"]}, "550"),
}


@pytest.mark.parametrize(("faults", "code"), NEVER.values(), ids=NEVER.keys())
def test_what_will_not_pass_fails_for_good(
    office: Callable[..., Office], mails: MailServer, faults: dict[str, list[str]], code: str
) -> None:
    mails.faults = {step: list(answers) for step, answers in faults.items()}
    desk = office("anna", "bo")
    desk.put("anna-1", "bo-1")
    desk.until_rest()
    assert (desk.state("anna-1"), desk.state("bo-1")) == (MessageState.FAILED, MessageState.SENT)
    found = desk.outbox.message("anna-1")
    assert found
    assert f"answered {code}" in found.last_error
    (line,) = desk.told_operators()
    assert f"email to anna: the mail server answered {code}" in line


def test_one_dead_address_of_a_hundred(office: Callable[..., Office], mails: MailServer) -> None:
    mails.refuse["r50@reader.example"] = ["550 5.1.1 no such user"]
    desk = office(*HUNDRED)
    desk.put(*(f"{key}-1" for key in HUNDRED))
    report = desk.deliver()
    assert (report.sent, report.failed, report.retried) == (99, 1, 0)
    assert Counter(came(mails)) == Counter(f"<{k}-1@callwatch.example>" for k in HUNDRED if k != "r50")
    assert mails.connections == 1
    desk.until_rest()
    assert [line.partition(":")[0] for line in desk.told_operators()] == ["email to r50"]


def test_a_greylisted_address_costs_the_others_no_time(office: Callable[..., Office], mails: MailServer) -> None:
    mails.refuse["r50@reader.example"] = ["451 in five minutes", "451 in two minutes", ""]
    desk = office(*HUNDRED)
    desk.put(*(f"{key}-1" for key in HUNDRED))
    report = desk.deliver()
    assert (report.sent, report.retried) == (99, 1)
    desk.until_rest()
    assert came(mails, "r50") == ["<r50-1@callwatch.example>"]
    assert desk.told_operators() == []


def test_a_mail_whose_answer_got_lost_comes_again_with_its_id(
    office: Callable[..., Office], mails: MailServer
) -> None:
    mails.faults["end"] = ["lost"]
    desk = office("anna")
    desk.put("anna-1")
    desk.until_rest()
    first, second = (mail for mail in mails.mails if mail.to.startswith("anna"))
    for name in ("Message-ID", "Date", "Subject"):
        assert message_from_bytes(first.content)[name] == message_from_bytes(second.content)[name]
    assert [attempt.outcome for attempt in desk.outbox.deliveries("anna-1")] == [Outcome.RETRY, Outcome.SENT]


def test_down_for_a_day(office: Callable[..., Office], mails: MailServer) -> None:
    desk = office(*HUNDRED[:10], smtp_url="smtp://127.0.0.1:1")
    names = [f"{key}-1" for key in HUNDRED[:10]]
    desk.put(*names)
    for _ in range(48):
        assert desk.deliver().sent == 0
        desk.later(30)
    object.__setattr__(desk.wiring, "settings", desk.wiring.settings.model_copy(update=url_of(mails)))
    desk.later(12 * 60)
    desk.until_rest()
    arrived, readers = Counter(came(mails)), Counter(f"<{name}@callwatch.example>" for name in names)
    assert arrived & readers == readers
    assert (arrived - readers).total() == 2, (
        "operators hear of a queue that is too old, and of its end; nobody else"
    )


def url_of(mails: MailServer) -> dict[str, SecretStr]:
    return {"smtp_url": SecretStr(mails.url)}


def test_a_server_that_hangs(office: Callable[..., Office], mails: MailServer) -> None:
    mails.faults["end"] = ["hang"]
    desk = office("anna", "bo")
    desk.wiring.timeout = 0.3
    desk.put("anna-1", "bo-1")
    assert desk.deliver().retried == 2
    mails.release.set()  # what it was given then, it takes now
    desk.until_rest()
    assert desk.states(["anna-1", "bo-1"]) == {MessageState.SENT}
    assert set(came(mails)) == {"<anna-1@callwatch.example>", "<bo-1@callwatch.example>"}


def with_password(mails: MailServer) -> str:
    return mails.url.replace("smtp://", "smtp://callwatch:wrong@")


def test_a_refused_password_is_told_once_and_when_it_is_over(
    office: Callable[..., Office], mails: MailServer
) -> None:
    mails.faults["auth"] = ["535 5.7.8 authentication failed"] * 40
    desk = office(*HUNDRED[:5], smtp_url=with_password(mails))
    names = [f"{key}-1" for key in HUNDRED[:5]]
    desk.put(*names)
    for _ in range(4):
        assert desk.deliver().sent == 0
        desk.later(60)
    assert desk.states(names) == {MessageState.PENDING}
    assert len(desk.told_operators()) == 1
    assert "password" in desk.told_operators()[0]
    assert len(mails.passwords) <= 8, "one try a round, not one a message"
    mails.faults["auth"] = []
    desk.later(12 * 60)
    desk.until_rest()
    assert desk.states(names) == {MessageState.SENT}
    assert [line.startswith("Over: channel email") for line in desk.told_operators()] == [False, True]


def test_without_starttls_nothing_is_said_in_the_clear(office: Callable[..., Office], mails: MailServer) -> None:
    desk = office("anna", smtp_url=f"{with_password(mails)}?starttls=yes")
    desk.put("anna-1")
    assert desk.deliver().retried == 1
    mails.offers = (*mails.offers, "STARTTLS")  # offered, and refused with 454
    desk.later(60)
    assert desk.deliver().sent == 0
    assert (mails.mails, mails.passwords) == ([], [])
    assert desk.state("anna-1") is MessageState.PENDING


def test_operators_hear_of_a_failure_though_the_round_died(
    office: Callable[..., Office], mails: MailServer
) -> None:
    """Killed after the failure was recorded, before operators were told."""
    mails.refuse["anna@reader.example"] = ["550 5.1.1 no such user"]
    desk = office("anna", "bo")
    desk.deliver()
    desk.put("anna-1", "bo-1")
    desk.later(5)
    channels = {"email": open_channel("email", desk.wiring.channel_settings())}
    report = deliver(desk.outbox, channels, Readers(desk.wiring, desk.store), desk.now, clock=desk.wiring.clock)
    assert (report.failed, desk.told_operators()) == (1, [])
    for _ in range(3):
        desk.later(30)
        desk.deliver()
    assert [line.partition(":")[0] for line in desk.told_operators()] == ["email to anna"]


def test_trouble_is_over_with_the_next_mail_that_arrives(office: Callable[..., Office], mails: MailServer) -> None:
    mails.refuse["anna@reader.example"] = ["554 5.7.1 not from you", ""]
    desk = office("anna")
    for number in (1, 2, 3):
        desk.put(f"anna-{number}")
        desk.until_rest()
        desk.later(30)
    assert [line.partition(":")[0] for line in desk.told_operators()] == ["email to anna", "Over"]
    assert desk.told_operators()[1].startswith("Over: email to anna, since")
