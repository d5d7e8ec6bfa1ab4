"""What is made of a call once, and kept for all who are told of it."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import render
from alerts.channels.quoted import quoted_item
from alerts.message import Item, decode, encode
from alerts.same import Same
from alerts.view import wording
from pipeline.text import safe_url
from tests.alerts.letters import mails, reminder, weekly
from tests.alerts.samples import NOW, item, message


def test_what_many_are_told_of_a_call_is_one_thing_in_all_of_their_messages() -> None:
    first, second = (decode(encode(msgspec.structs.replace(message(), contact=name))) for name in ("Åsa", "Bo"))
    assert first.items[0] is second.items[0]
    assert first.items == message().items
    assert first != second


def test_a_call_that_has_changed_is_another_thing() -> None:
    before = decode(encode(message(item(title="Old words"))))
    after = decode(encode(message(item(title="New words"))))
    (told,) = mails(before)
    assert b"Old words" in told.raw
    (told,) = mails(after)
    assert (b"New words" in told.raw, b"Old words" in told.raw) == (True, False)


def test_what_is_no_call_is_said_by_the_error_of_a_message() -> None:
    payload = encode(message()).replace(b'"kind":"topic"', b'"kind":"rumour"')
    assert payload != encode(message())
    with pytest.raises(msgspec.DecodeError):
        decode(payload)


def test_what_is_said_of_few_calls_at_once_goes_on_where_they_were_told() -> None:
    calls = [item(call_id=f"p:{n}") for n in range(9)]
    assert [message(*calls[:n]).goes_on for n in (1, 8, 9)] == [True, True, False]
    assert msgspec.structs.replace(message(), items=()).goes_on is False
    assert [reminder("en").goes_on, weekly("en").goes_on] == [True, False]


def test_same_is_the_very_same_in_the_same_order() -> None:
    one, equal = item(), item()
    assert one == equal
    assert one is not equal
    assert Same((one, equal)) == Same((one, equal))
    assert hash(Same((one, equal))) == hash(Same((one, equal)))
    assert Same((one,)) != Same((equal,))
    assert Same((one, equal)) != Same((equal, one))
    assert Same((one,)) != one


def _heavier(one: Item) -> None:
    words = wording(message())
    card, line = (quoted_item(one, words, NOW, card=card, linked=True) for card in (True, False))
    assert card.weight(0) > line.weight(0)
    assert card.links >= line.links


def test_a_card_weighs_more_than_a_line() -> None:
    for one in (*weekly("sv").items, *reminder("en").items):
        _heavier(one)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_a_portal_writes_a_card_weighs_more_than_a_line(title: str, identifier: str) -> None:
    _heavier(item(title=title, identifier=identifier, url="", unproven=True, changes=(), reasons=()))


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(" ab\u00a0", max_size=90), max_size=8), st.sampled_from(["", "- ", "    ! "]))
def test_a_line_is_broken_between_words_and_only_where_it_has_to_be(parts: list[str], first: str) -> None:
    line = "x".join(parts)
    folded = render.fold(line, first, "  ").split("\n")
    assert folded[0].startswith(first)
    assert all(more.startswith("  ") for more in folded[1:])
    pieces = [folded[0].removeprefix(first), *(more[2:] for more in folded[1:])]
    assert " ".join(pieces) == line
    for number, (piece, following) in enumerate(zip(pieces, [*pieces[1:], None], strict=True)):
        room = render.WIDTH - (len(first) if number == 0 else 2)
        assert len(piece) <= room or " " not in piece
        if following is not None:
            assert len(piece) + 1 + len(following.split(" ")[0]) > room


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("https://portal.example/topic/A-1?x=a&b=%20#c", "https://portal.example/topic/A-1?x=a&b=%20#c"),
        ("https://portal.example", "https://portal.example"),
        ("https://portal.example/" + "a" * 1977, "https://portal.example/" + "a" * 1977),
        ("https://portal.example/" + "a" * 1978, ""),
        ("https://PORTAL.example/a b", "https://portal.example/a%20b"),
        ("https://portal.example/(a)[b]", "https://portal.example/(a)[b]"),
        ("https://a@portal.example/", ""),
        ("https://portal..example/", ""),
        (f"https://{'a' * 64}.example/", ""),
        ("https://portal.example/\u202eevil", "https://portal.example/evil"),
        ("https://portal.example:80/", "https://portal.example:80/"),
        ("javascript:alert(1)//https://portal.example/", ""),
    ],
)
def test_plain_addresses_are_taken_as_they_are_and_no_others(written: str, shown: str) -> None:
    assert safe_url(written) == shown
