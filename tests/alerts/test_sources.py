"""What readers learn of the sources: where a call comes from, whether that can be relied on, and who is ill."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from alerts import card, gist, render
from alerts.items import item as made
from alerts.message import Message, MessageKind, Proof, decode, encode
from alerts.wording import Wording
from alerts.words import Source
from pipeline.harvest import Verdict
from pipeline.health import Ill
from tests.alerts.samples import KNOWN, NOW, call, contact, item, message, stored, week

VINNOVA = {"portal_name": "Vinnova", "unproven": True}
DOUBT = {
    "en": "Vinnova. First readings of this source: check dates and conditions with the portal",
    "sv": "Vinnova. Källan är nyligen inläst: kontrollera datum och villkor hos portalen",
}
SHORT = {"en": "new source, check the dates", "sv": "ny källa, kontrollera datumen"}
BEFORE = NOW - timedelta(days=3)


def plain(text: str) -> str:
    return " ".join(text.split())


def forms(shown: Message) -> dict[str, str]:
    """The message as each channel shows it."""
    slack = [block["text"]["text"] for part in render.slack(shown) for block in part.blocks if "text" in block]
    return {"text": plain(render.text(shown)), "html": plain(render.html(shown)), "slack": plain("\n".join(slack))}


@pytest.mark.parametrize("language", ["en", "sv"])
def test_an_unproven_source_is_said_on_every_card(language: str) -> None:
    label = {"en": "Source", "sv": "Källa"}[language]
    for form, page in forms(message(item(**VINNOVA), language=language)).items():
        assert DOUBT[language] in page, form
        assert label in page, form
    for form, page in forms(message(item(portal_name="Vinnova"), language=language)).items():
        assert "Vinnova" in page, form
        assert DOUBT[language] not in page, form


@pytest.mark.parametrize("language", ["en", "sv"])
def test_an_unproven_source_is_said_on_every_line_of_a_digest(language: str) -> None:
    items = [item(number, **VINNOVA) for number in range(1, render.FULL + 3)]
    shown = message(*items, kind=MessageKind.DIGEST, cadence="weekly", period="2026-W48", language=language)
    assert plain(render.text(shown)).count(SHORT[language]) == 2
    assert plain(render.html(shown)).count(SHORT[language]) == 2
    words = Wording(language, ZoneInfo("Europe/Stockholm"))
    assert card.line_view(item(**VINNOVA), words, NOW).line.endswith(SHORT[language])
    assert SHORT[language] not in card.line_view(item(), words, NOW).line
    assert list(gist.lines(item(**VINNOVA), words))[-2:] != list(gist.lines(item(), words))[-2:], (
        "feeds, calendars"
    )


def test_an_item_knows_its_source_by_the_configuration() -> None:
    known = replace(KNOWN, sources={"vinnova": Source("Vinnova", unproven=True)})
    given = (), (), contact(), known, NOW
    told = made(stored(call(portal="vinnova")), *given)
    assert (told.portal_name, told.unproven) == ("Vinnova", True)
    told = made(stored(call(portal="gone")), *given)
    assert (told.portal_name, told.unproven) == ("", False)


def test_what_was_written_before_there_were_sources_is_still_read() -> None:
    old = json.loads(encode(week()))
    for each in old["items"]:
        del each["portal_name"], each["unproven"]
    for proof in old["proof"]:
        del proof["ill"]
    assert decode(json.dumps(old).encode()) == week()


@pytest.mark.parametrize(
    ("language", "proof", "said"),
    [
        (
            "en",
            Proof("ft", NOW, Verdict.FAILED, "Funding & Tenders Portal", BEFORE, Ill.FAILING),
            "Funding & Tenders Portal: could not be read completely since 20 November 2026 at 08:00 (Brussels); "
            "calls may be missing.",
        ),
        (
            "sv",
            Proof("ft", NOW, Verdict.FAILED, "Funding & Tenders Portal", BEFORE, Ill.FAILING),
            "Funding & Tenders Portal: har inte kunnat läsas i sin helhet sedan 20 november 2026 "
            "kl. 08.00 (Bryssel); utlysningar kan saknas.",
        ),
        (
            "en",
            Proof("ft", NOW, Verdict.FAILED, "", None, Ill.FAILING),
            "ft: could never be read completely so far; calls may be missing.",
        ),
        (
            "sv",
            Proof("ft", NOW, Verdict.FAILED, "", None, Ill.STALE),
            "ft: har hittills aldrig kunnat läsas i sin helhet; utlysningar kan saknas.",
        ),
        (
            "en",
            Proof("ft", NOW, Verdict.PARTIAL, "Vinnova", BEFORE, Ill.DRIFTING),
            "Vinnova: has given much less than usual since 20 November 2026 at 08:00 (Brussels); "
            "calls or facts may be missing.",
        ),
        (
            "sv",
            Proof("ft", NOW, Verdict.PARTIAL, "Vinnova", BEFORE, Ill.DRIFTING),
            "Vinnova: ger mycket mindre än vanligt sedan 20 november 2026 kl. 08.00 (Bryssel); "
            "utlysningar eller uppgifter kan saknas.",
        ),
        (
            "en",
            Proof("ft", BEFORE, Verdict.COMPLETE, "Vinnova", BEFORE, Ill.STALE),
            "Vinnova: has not been read since 20 November 2026 at 08:00 (Brussels); calls may be missing.",
        ),
        (
            "sv",
            Proof("ft", BEFORE, Verdict.COMPLETE, "Vinnova", BEFORE, Ill.STALE),
            "Vinnova: har inte lästs sedan 20 november 2026 kl. 08.00 (Bryssel); utlysningar kan saknas.",
        ),
    ],
)
def test_an_ill_portal_is_named_below_a_digest(language: str, proof: Proof, said: str) -> None:
    shown = msgspec.structs.replace(week(language), proof=(proof,))
    assert said in plain(render.text(shown))
    assert (proof.name or proof.portal) in render.text(shown).partition("6 ")[2].partition("\n\n\n")[0]
    escaped = said.replace("&", "&amp;")
    assert escaped in plain(render.html(shown))
    assert escaped in plain(str(render.slack(shown)[-1].blocks[-1]["elements"][0]["text"]))


def test_one_that_is_only_late_is_warned_of_in_other_words() -> None:
    late = Proof("v", BEFORE, Verdict.COMPLETE, "Vinnova", BEFORE, Ill.STALE)
    bad = Proof("ft", NOW, Verdict.FAILED, "Portal", BEFORE)
    page = plain(render.text(message(proof=(late, bad))))
    assert (
        "! Portal could not be read completely last time; calls may be missing here. "
        "Vinnova could not be read lately; calls may be missing here."
    ) in page


def test_many_portals_that_are_well_share_a_line_and_the_ill_ones_come_first() -> None:
    well = [Proof(f"p{n:02}", NOW - timedelta(hours=n), Verdict.COMPLETE, f"Portal {n}") for n in range(20)]
    bad = Proof("bad", NOW, Verdict.FAILED, "Bad", BEFORE, Ill.FAILING)
    lines = render.text(message(proof=(*well, bad))).splitlines()
    page = plain("\n".join(lines))
    assert page.index("Bad: could not be read completely since") < page.index("Read completely on")
    assert "Read completely on 22 November 2026 at 13:00 (Brussels) or later: Portal 0, Portal 1," in page
    assert "Portal 11 and 8 more." in page
    assert "Portal 12" not in page
    four = plain(render.text(message(proof=tuple(well[:4]))))
    assert four.count(": read completely on") == 4
