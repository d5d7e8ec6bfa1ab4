"""Contacts: who is told, at which addresses, in which language, and when they want to be left alone."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from alerts.words import Channel, Clock, Endpoint, Language, MailAddress, Region, Weekday, Zone
from pipeline.yaml_data import Strict, unknown

LEAD_DAYS = (30, 14, 7, 2)
"""How many days before each deadline a contact is reminded who says nothing else."""
WORKDAYS: tuple[str, ...] = ("monday", "tuesday", "wednesday", "thursday", "friday")


def _country(value: Any) -> Any:
    from holidays import list_supported_countries  # takes a while to import

    if value not in list_supported_countries():
        raise unknown("country", str(value), set(list_supported_countries()))
    return value


Country = Annotated[str, BeforeValidator(_country)]
Days = Annotated[int, Field(ge=1, le=365)]
Apprise = Annotated[str, Field(pattern=r"^(env:[A-Z][A-Z0-9_]*|[a-z0-9]+://\S+)$")]
"""The address of a service, or `env:NAME` for an environment variable that holds it: most contain a secret."""


class Window(Strict):
    """When a contact may be written to, in their own time zone; what is urgent comes at any time.

    `start` and `end` are times of day; without them the whole day. Public holidays of the contact's country do not
    count as days unless `holidays` says so.
    """

    days: tuple[Weekday, ...] = WORKDAYS
    start: Clock | None = None
    end: Clock | None = None
    holidays: bool = False

    @model_validator(mode="after")
    def _some_time(self) -> Window:
        if not self.days:
            raise ValueError("a window needs at least one day.")
        if self.start and self.end and self.start >= self.end:
            raise ValueError("the window has to end after it starts, on the same day.")
        return self


class Contact(Strict):
    """A person or group, with the addresses of the channels they use.

    `regions` are where they are at home: each call says how well it suits the best of them. `reminders` are days
    before each deadline. `fallback` is the channel for what cannot be sent on the one they chose. A new e-mail
    address is asked to confirm before its first alert, unless it is `vouched` for.
    """

    name: Annotated[str, Field(min_length=1, max_length=100)]
    email: MailAddress | None = None
    slack: Annotated[str, Field(pattern=r"^(#[^\s#]+|[CDGU][A-Z0-9]{5,})$")] | None = None
    webhook: Endpoint | None = None
    apprise: Apprise | None = None
    language: Language = "en"
    time_zone: Zone = "Europe/Brussels"
    country: Country | None = None
    regions: tuple[Region, ...] = ()
    window: Window | None = None
    reminders: tuple[Days, ...] = LEAD_DAYS
    fallback: Channel | None = None
    vouched: bool = False

    @property
    def zone(self) -> ZoneInfo:
        """The contact's own time zone."""
        return ZoneInfo(self.time_zone)

    def address(self, channel: str, key: str) -> str:
        """Where `channel` has to send, or empty; channels without addresses go by the contact's `key`."""
        addresses = {"email": self.email, "slack": self.slack, "webhook": self.webhook, "apprise": self.apprise}
        return (addresses[channel] or "") if channel in addresses else key

    @model_validator(mode="after")
    def _can_fall_back(self) -> Contact:
        if self.fallback and not self.address(self.fallback, "key"):
            raise ValueError(f"fallback: the contact has no {self.fallback}: add it, or choose another.")
        return self
