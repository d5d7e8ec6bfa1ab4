"""Who wants to be told what, where and how often: config/subscriptions.yml, read strictly.

A typing mistake must never widen or empty a search in silence, so every word is compared with what is known, and
the error names file, line and the nearest word.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import time
from email.errors import HeaderParseError
from email.headerregistry import Address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from alerts.channels import NAMES
from pipeline.models import EventKind, Kind
from pipeline.profile import Profiles
from pipeline.yaml_data import Strict, read, unknown

LANGUAGES = ("en", "sv")
CADENCES = ("at_once", "daily", "weekly")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class KnownWords:
    """What a subscription may name.

    `ecosystems`: id -> {language: name}; `regions`: code -> name; `groups`: name -> codes of its members;
    `programmes`: abbreviation -> name; `priorities`: a priority as `S3Label` has it -> {language: name}.
    """

    ecosystems: Mapping[str, Mapping[str, str]]
    regions: Mapping[str, str]
    programmes: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    priorities: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def members(self, region: str) -> tuple[str, ...]:
        """The region codes that `region`, a code or the name of a group, stands for."""
        return tuple(self.groups.get(region, (region,)))


def known_words(profiles: Profiles, programmes: Mapping[str, tuple[str, str]]) -> KnownWords:
    """The words of config/profiles and config/programmes.yml; `programmes`: code -> (abbreviation, name)."""
    regions = profiles.regions.values()
    return KnownWords(
        ecosystems={key: ecosystem.name for key, ecosystem in profiles.ecosystems.items()},
        regions={key: region.name for key, region in profiles.regions.items()},
        programmes=dict(programmes.values()),
        groups=profiles.groups,
        priorities={p.name: {"sv": p.name_sv} for region in regions for p in region.priorities if p.name_sv},
    )


def _word(what: str, words: Callable[[KnownWords], Collection[str]]) -> AfterValidator:
    def check(value: str, info: ValidationInfo) -> str:
        known = set(words(info.context["known"])) if info.context else {value}
        if value not in known:
            raise unknown(what, value, known)
        return value

    return AfterValidator(check)


def _choice(what: str, words: Collection[str]) -> BeforeValidator:
    def check(value: Any) -> Any:
        if not isinstance(value, str) or value not in set(words):
            raise unknown(what, str(value), set(words))
        return value

    return BeforeValidator(check)


def _clock(value: Any) -> Any:
    """YAML 1.1 reads an unquoted 10:30 as the number 630 (base 60)."""
    if isinstance(value, int) and 0 <= value < 24 * 60:
        return time(*divmod(value, 60))
    try:
        hour, minute = str(value).split(":")
        return time(int(hour), int(minute))
    except ValueError:
        raise ValueError(f'"{value}" is not a time of day; write it as "08:00".') from None


def _address(value: str) -> str:
    try:
        address = Address(addr_spec=value)
    except (HeaderParseError, ValueError, IndexError):
        address = Address()
    if not value.isascii() or not address.username or not address.domain or any(c.isspace() for c in value):
        raise ValueError(f'"{value}" is not an e-mail address.')
    return value


def _endpoint(value: str) -> str:
    url = urlsplit(value)
    plain = url.scheme == "http" and url.hostname in LOOPBACK
    if not url.hostname or not (url.scheme == "https" or plain) or any(c.isspace() for c in value):
        raise ValueError("a webhook needs an https:// address.")
    return value


Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=64)]
Ecosystem = Annotated[str, _word("ecosystem", lambda known: known.ecosystems)]
Programme = Annotated[str, _word("programme", lambda known: known.programmes)]
Region = Annotated[str, _word("region or group", lambda known: {*known.regions, *known.groups})]
Language = Annotated[str, _choice("language", LANGUAGES)]
Zone = Annotated[str, _choice("time zone", available_timezones())]
Channel = Annotated[str, _choice("channel", NAMES)]
Cadence = Annotated[str, _choice("cadence", CADENCES)]
Weekday = Annotated[str, _choice("weekday", WEEKDAYS)]
CallKind = Annotated[Kind, _choice("kind", [k.value for k in Kind])]
Change = Annotated[EventKind, _choice("event", [k.value for k in EventKind])]
Clock = Annotated[time, BeforeValidator(_clock)]
Phrase = Annotated[str, Field(min_length=2, max_length=100)]


class Contact(Strict):
    """A person or group, with the addresses of the channels they use.

    `regions` are where they are at home: each call says how well it suits the best of them.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    email: Annotated[str, AfterValidator(_address)] | None = None
    slack: Annotated[str, Field(pattern=r"^(#[^\s#]+|[CDGU][A-Z0-9]{5,})$")] | None = None
    webhook: Annotated[str, AfterValidator(_endpoint)] | None = None
    language: Language = "en"
    time_zone: Zone = "Europe/Brussels"
    regions: tuple[Region, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """The contact's own time zone."""
        return ZoneInfo(self.time_zone)


class RegionFilter(Strict):
    """A region or group, and the S3 score its best member needs: 1 enabling, 2 clear, 3 direct."""

    region: Region
    least: Annotated[int, Field(ge=1, le=3)] = 2


class Filters(Strict):
    """All that are given must hold (AND); within one, any value will do (OR). `budget_at_least` is in EUR."""

    ecosystems: tuple[Ecosystem, ...] = ()
    regions: tuple[RegionFilter, ...] = ()
    programmes: tuple[Programme, ...] = ()
    kinds: tuple[CallKind, ...] = ()
    budget_at_least: Annotated[int, Field(gt=0)] | None = None
    words: tuple[Phrase, ...] = ()
    exclude: tuple[Phrase, ...] = ()
    events: tuple[Change, ...] = ()


class Subscription(Strict):
    """What one contact wants on one channel. `weekday` and `time` are in the contact's zone (Monday, 08:00)."""

    key: Key
    name: Annotated[str, Field(max_length=100)] = ""
    contact: str
    channel: Channel
    cadence: Cadence
    weekday: Weekday | None = None
    time: Clock | None = None
    filters: Filters = Filters()

    @property
    def title(self) -> str:
        """What the contact knows it by."""
        return self.name or self.key

    @field_validator("key")
    @classmethod
    def _once(cls, key: str, info: ValidationInfo) -> str:
        seen = info.context.setdefault("keys", set()) if info.context else set()
        if key in seen:
            raise ValueError(f'two subscriptions have the key "{key}"; what was told is remembered by it.')
        seen.add(key)
        return key

    @field_validator("contact")
    @classmethod
    def _listed(cls, contact: str, info: ValidationInfo) -> str:
        contacts = (info.context or {}).get("contacts")
        if contacts is not None and contact not in contacts:
            raise unknown("contact", contact, set(contacts))
        return contact

    @model_validator(mode="after")
    def _fits(self, info: ValidationInfo) -> Subscription:
        if self.weekday and self.cadence != "weekly":
            raise ValueError(f"a weekday goes with the cadence weekly, not {self.cadence}.")
        if self.time and self.cadence == "at_once":
            raise ValueError("a time goes with the cadences daily and weekly, not at_once.")
        contact = (info.context or {}).get("contacts", {}).get(self.contact)
        if contact is not None and not self.target(contact):
            raise ValueError(f'contact "{self.contact}" has no {self.channel}: add it, or choose another.')
        return self

    def target(self, contact: Contact) -> str:
        """Where the channel has to send: an address, or the contact's key where the channel needs none."""
        addresses = {"email": contact.email, "slack": contact.slack, "webhook": contact.webhook}
        return (addresses[self.channel] or "") if self.channel in addresses else self.contact


class _File(Strict):
    contacts: dict[Key, Contact]
    subscriptions: tuple[Subscription, ...] = ()

    @field_validator("contacts")
    @classmethod
    def _remember(cls, contacts: dict[str, Contact], info: ValidationInfo) -> dict[str, Contact]:
        """Fields are read in order, so the subscriptions find the contacts here, each on its own line."""
        if info.context is not None:
            info.context["contacts"] = contacts
        return contacts


@dataclass(frozen=True)
class Subscriptions:
    """Everything config/subscriptions.yml says, with the words it was checked against."""

    contacts: Mapping[str, Contact]
    subscriptions: tuple[Subscription, ...]
    known: KnownWords


def load_subscriptions(path: Path, known: KnownWords) -> Subscriptions:
    """Read the file at `path`. Raises ConfigError with one `file:line: field: problem` per mistake."""
    read_file = read(path, _File, context={"known": known})
    return Subscriptions(read_file.contacts, read_file.subscriptions, known)
