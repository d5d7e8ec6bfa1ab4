"""The reader's language: words from gettext catalogues, days, hours, money and waiting times in their form.

Deadlines are always told in Brussels time, the portals' own; where the reader's clock differs, in theirs as well.
"""

from __future__ import annotations

import gettext
import io
import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency

from pipeline.models import BRUSSELS, Deadline

CATALOGUES = Path(__file__).parent / "locale"


def languages() -> tuple[str, ...]:
    """English, whose words are the keys of the catalogues, and one language for each catalogue."""
    return ("en", *sorted(path.parent.parent.name for path in CATALOGUES.glob("*/LC_MESSAGES/callwatch.po")))


LANGUAGES = languages()
EUROPEAN = {"en": "en_GB"}
"""The babel locale of a language where it is not the language itself: the day stands before the month."""

STAR = "*"
"""Marks an hour that the portal did not state."""

_STAGE = re.compile(r"(stage|cut-off) (\d+)")
_CURRENCY = re.compile(r"[A-Z]{3}")


def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of `language`; English needs none, since its words are the keys."""
    return _catalogue(CATALOGUES, language)


@cache
def _catalogue(folder: Path, language: str) -> gettext.NullTranslations:
    path = folder / language / "LC_MESSAGES" / "callwatch.po"
    if not re.fullmatch(r"\w+", language) or not path.is_file():
        return gettext.NullTranslations()
    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


class Wording:
    """Speaks to one reader: `language` one of `LANGUAGES` (English for any other), `zone` their own time zone."""

    def __init__(self, language: str, zone: ZoneInfo) -> None:
        self._words = catalogue(language)
        self.language = language if isinstance(self._words, gettext.GNUTranslations) else "en"
        self.zone = zone
        self._form = EUROPEAN.get(self.language, self.language)

    def t(self, words: str, **values: object) -> str:
        """`words`, English with {names}, in the reader's language."""
        return self._words.gettext(words).format(**values)

    def n(self, one: str, many: str, count: int, **values: object) -> str:
        """The form for `count`, which fills {count} as well."""
        return self._words.ngettext(one, many, count).format(count=count, **values)

    def day(self, at: datetime, zone: ZoneInfo = BRUSSELS) -> str:
        """The day of `at` in `zone`: "17 March 2027"."""
        return _long(at.astimezone(zone).date(), self._form)

    def hour(self, at: datetime, zone: ZoneInfo = BRUSSELS) -> str:
        """The time of day in `zone`: "17:00", in Swedish "17.00"."""
        local = at.astimezone(zone)
        return self.t("{hour}:{minute}", hour=f"{local:%H}", minute=f"{local:%M}")

    def moment(self, at: datetime, *, star: str = "") -> str:
        """ "17 March 2027 at 17:00 (Brussels)", and the reader's time if it differs; `star` follows the hour."""
        text = self.t("{day} at {time} (Brussels)", day=self.day(at), time=self.hour(at) + star)
        if at.astimezone(self.zone).utcoffset() == at.astimezone(BRUSSELS).utcoffset():
            return text
        own = self.hour(at, self.zone)
        if at.astimezone(self.zone).date() != at.astimezone(BRUSSELS).date():
            own = self.t("{day} at {time}", day=self.day(at, self.zone), time=own)
        return self.t("{moment}, {own} your time", moment=text, own=own)

    def left(self, deadline: Deadline, now: datetime) -> str:
        """How long one still has: "12 days left", "closes tomorrow", "closes today", "closed"."""
        if deadline.passed(now):
            return self.t("closed")
        days = days_between(now, deadline.at)
        if days <= 0:
            return self.t("closes today")
        return self.t("closes tomorrow") if days == 1 else self.n("{count} day left", "{count} days left", days)

    def when(self, days: int) -> str:
        """ "in 5 days", "tomorrow", "today"."""
        if days <= 0:
            return self.t("today")
        return self.t("tomorrow") if days == 1 else self.n("in {count} day", "in {count} days", days)

    def shift(self, before: datetime, after: datetime) -> str:
        """ "14 days earlier", "3 days later", or empty when the day stays."""
        days = days_between(before, after)
        if days < 0:
            return self.n("{count} day earlier", "{count} days earlier", -days)
        return self.n("{count} day later", "{count} days later", days) if days else ""

    def money(self, amount: Decimal, currency: str) -> str:
        """ "EUR 42,000,000", in Swedish "42 000 000 EUR"; cents only where there are some."""
        pattern = self._words.pgettext("number format", "¤¤ #,##0.00")
        if amount == amount.to_integral_value():
            pattern = pattern.replace(".00", "")
        if not _CURRENCY.fullmatch(currency):
            pattern = pattern.replace("¤¤", "").strip()
        return _amount(amount, currency, pattern, self._form)

    def stage(self, name: str) -> str:
        """The stage's name, empty for the only one of a call."""
        if name in ("", "single"):
            return ""
        known = _STAGE.fullmatch(name)
        if known is None:
            return name
        if known[1] == "stage":
            return self.t("stage {number}", number=known[2])
        return self.t("cut-off {number}", number=known[2])

    def tongue(self, language: str) -> str:
        """ "in English", said of a title that is not in the reader's language; empty when it is, or unknown."""
        name = _tongue(language, self._form) if language and language != self.language else ""
        return self.t("in {language}", language=name) if name else ""


@lru_cache(maxsize=256)
def speaking(language: str, zone: str) -> Wording:
    """The one that speaks so, made once."""
    return Wording(language, ZoneInfo(zone))


@lru_cache(maxsize=4096)
def _long(day: date, form: str) -> str:
    """Formatting is most of the work of a page, and a digest repeats its days and amounts."""
    return format_date(day, "long", locale=form)


@lru_cache(maxsize=4096)
def _amount(amount: Decimal, currency: str, pattern: str, form: str) -> str:
    return format_currency(amount, currency, pattern, locale=form, currency_digits=False)


@lru_cache(maxsize=256)
def _tongue(language: str, form: str) -> str:
    try:
        return Locale.parse(language).get_display_name(form) or ""
    except (UnknownLocaleError, ValueError):
        return ""


def capital(text: str) -> str:
    """With a capital letter, as at the start of a sentence."""
    return text[:1].upper() + text[1:]


def days_between(start: datetime, end: datetime) -> int:
    """Calendar days in Brussels from `start` to `end`."""
    gap: timedelta = end.astimezone(BRUSSELS).date() - start.astimezone(BRUSSELS).date()
    return gap.days
