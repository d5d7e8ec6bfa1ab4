"""A further language is one catalogue, and no code."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from alerts import render, wording
from tests.alerts.letters import alert, mails
from tests.alerts.samples import week

FINNISH = """
msgid ""
msgstr ""
"Language: fi\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgctxt "number format"
msgid "¤¤ #,##0.00"
msgstr "#,##0.00 ¤¤"

msgid "Deadline"
msgstr "Määräaika"

msgid "{day} at {time} (Brussels)"
msgstr "{day} klo {time} (Bryssel)"

msgid "{count} call for you"
msgid_plural "{count} calls for you"
msgstr[0] "{count} haku sinulle"
msgstr[1] "{count} hakua sinulle"
"""


@pytest.fixture
def catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of catalogues with Finnish alone."""
    folder = tmp_path / "fi" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "callwatch.po").write_text(FINNISH, encoding="utf-8")
    (tmp_path / "xx").mkdir()
    monkeypatch.setattr(wording, "CATALOGUES", tmp_path)
    return tmp_path


def test_a_language_is_there_as_soon_as_its_catalogue_is(catalogues: Path) -> None:
    assert wording.languages() == ("en", "fi")
    assert wording.LANGUAGES == ("en", "sv")
    words = wording.Wording("fi", ZoneInfo("Europe/Helsinki"))
    assert words.language == "fi"
    assert wording.Wording("sv", ZoneInfo("Europe/Stockholm")).language == "en"
    assert wording.Wording("../fi", ZoneInfo("UTC")).language == "en"


def test_a_whole_mail_in_that_language(catalogues: Path) -> None:
    page = render.text(week("fi"))
    assert "6 hakua sinulle" in page
    assert "Määräaika: 3. maaliskuuta 2027 klo 17:00* (Bryssel)" in page
    assert "42\xa0000\xa0000 EUR" in page
    assert "(in ruotsi)" in page
    assert '<html lang="fi">' in render.html(week("fi"))
    (mail,) = mails(alert("fi"))
    assert b"M=C3=A4=C3=A4r=C3=A4aika" in mail.raw
