"""The words that configuration may use, each compared with what is known. A typing mistake names the nearest
one."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from email.errors import HeaderParseError
from email.headerregistry import Address
from typing import Annotated, Any, NamedTuple
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from alerts.channels import NAMES
from alerts.wording import LANGUAGES
from pipeline.models import EventKind, Kind
from pipeline.profile import Profiles
from pipeline.source import Portal
from pipeline.yaml_data import unknown

CADENCES = ("at_once", "daily", "weekly")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Source(NamedTuple):
    """A portal as readers know it; `unproven`: nobody has looked at enough of its data yet; `quiet`: its calls
    tell nobody, because they only serve to check others."""

    title: str = ""
    unproven: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class KnownWords:
    """What a subscription may name.

    `ecosystems`: id -> {language: name}; `regions`: code -> name; `groups`: name -> codes of its members;
    `programmes`: abbreviation -> name; `priorities`: a priority as `S3Label` has it -> {language: name};
    `provisional`: (region, priority) of those that rest on indirect evidence; `sources`: by name of the portal.
    """

    ecosystems: Mapping[str, Mapping[str, str]]
    regions: Mapping[str, str]
    programmes: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    priorities: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    provisional: frozenset[tuple[str, str]] = frozenset()
    sources: Mapping[str, Source] = field(default_factory=dict)

    def hint(self, region: str, priority: str) -> str:
        """ "provisional" for a priority of this region that was not read in its strategy."""
        return "provisional" if (region, priority) in self.provisional else ""

    def members(self, region: str) -> tuple[str, ...]:
        """The region codes that `region`, a code or the name of a group, stands for."""
        return tuple(self.groups.get(region, (region,)))


def known_words(
    profiles: Profiles, programmes: Mapping[str, tuple[str, str]], portals: Iterable[Portal] = ()
) -> KnownWords:
    """The words of config/profiles, config/programmes.yml and config/portals; `programmes`: code ->
    (abbreviation, name)."""
    regions = profiles.regions.values()
    return KnownWords(
        ecosystems={key: ecosystem.name for key, ecosystem in profiles.ecosystems.items()},
        regions={key: region.name for key, region in profiles.regions.items()},
        programmes=dict(programmes.values()),
        groups=profiles.groups,
        priorities={p.name: {"sv": p.name_sv} for region in regions for p in region.priorities if p.name_sv},
        provisional=frozenset(
            (code, p.name)
            for code, r in profiles.regions.items()
            for p in r.priorities
            if p.status == "provisional"
        ),
        sources={portal.name: Source(portal.title, portal.unproven, portal.quiet) for portal in portals},
    )


def word_of(what: str, words: Callable[[KnownWords], Collection[str]]) -> AfterValidator:
    def check(value: str, info: ValidationInfo) -> str:
        known = words(info.context["known"]) if info.context else {value}
        if value not in known:
            raise unknown(what, value, set(known))
        return value

    return AfterValidator(check)


def one_of(what: str, words: Collection[str]) -> BeforeValidator:
    known = frozenset(words)

    def check(value: Any) -> Any:
        if not isinstance(value, str) or value not in known:
            raise unknown(what, str(value), set(known))
        return value

    return BeforeValidator(check)


def clock_time(value: Any) -> Any:
    """YAML 1.1 reads an unquoted 10:30 as the number 630 (base 60)."""
    if isinstance(value, int) and 0 <= value < 24 * 60:
        return time(*divmod(value, 60))
    try:
        hour, minute = str(value).split(":")
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f'"{value}" is not a time of day; write it as "08:00".') from None


def address(value: str) -> str:
    if _PLAIN_ADDRESS.fullmatch(value):
        return value
    try:
        address = Address(addr_spec=value)
    except (HeaderParseError, ValueError, IndexError):
        address = Address()
    if not value.isascii() or not address.username or not address.domain or any(c.isspace() for c in value):
        raise ValueError(f'"{value}" is not an e-mail address.')
    return value


def endpoint(value: str) -> str:
    url = urlsplit(value)
    plain = url.scheme == "http" and url.hostname in LOOPBACK
    if not url.hostname or not (url.scheme == "https" or plain) or any(c.isspace() for c in value):
        raise ValueError("a webhook needs an https:// address.")
    return value


_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""What nearly all addresses look like; the parser of the library says the same, only slower."""

MailAddress = Annotated[str, AfterValidator(address)]
Endpoint = Annotated[str, AfterValidator(endpoint)]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
Ecosystem = Annotated[str, word_of("ecosystem", lambda known: known.ecosystems)]
Programme = Annotated[str, word_of("programme", lambda known: known.programmes)]
Region = Annotated[str, word_of("region or group", lambda known: {*known.regions, *known.groups})]
Language = Annotated[str, one_of("language", LANGUAGES)]
Zone = Annotated[str, one_of("time zone", available_timezones())]
Channel = Annotated[str, one_of("channel", NAMES)]
Cadence = Annotated[str, one_of("cadence", CADENCES)]
Weekday = Annotated[str, one_of("weekday", WEEKDAYS)]
CallKind = Annotated[Kind, one_of("kind", [k.value for k in Kind])]
Empty = Annotated[str, one_of("choice", ("send", "skip"))]
Change = Annotated[EventKind, one_of("event", [k.value for k in EventKind])]
Clock = Annotated[time, BeforeValidator(clock_time)]
Phrase = Annotated[str, Field(min_length=2, max_length=100)]
