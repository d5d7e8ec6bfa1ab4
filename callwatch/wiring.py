"""Puts the rooms together: from settings to a store, a portal with its workshop, channels and subscriptions."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import structlog

from callwatch.paths import config_file
from callwatch.settings import Settings, load_settings
from pipeline.errors import ConfigError
from pipeline.yaml_data import nearest

log = structlog.get_logger()

if TYPE_CHECKING:
    from alerts.channels import ChannelSettings
    from alerts.links import Tokens
    from alerts.subscription import Subscriptions
    from pipeline.classify import Classifier
    from pipeline.linking import Places
    from pipeline.profile import Profiles
    from pipeline.settle import Workshop
    from pipeline.source import Portal
    from pipeline.store import Store


def utc_now() -> datetime:
    """The clock of every command."""
    return datetime.now(UTC)


class Wiring:
    """Everything a command may need, built when it is first asked for."""

    def __init__(
        self,
        settings: Settings | None = None,
        clock: Callable[[], datetime] = utc_now,
        console: TextIO | None = None,
    ) -> None:
        """`console` is where the console channel writes; standard output when not given."""
        self.settings = settings or load_settings()
        self.clock = clock
        self.console = console or sys.stdout
        self._whole: dict[str, Portal] = {}

    def config(self, name: str) -> Path:
        """Folder that holds the configuration file or folder `name`."""
        return config_file(self.settings.config, name).parent

    @contextmanager
    def store(self, *, upgrade: bool = True) -> Iterator[Store]:
        """The database of the settings, closed at the end."""
        from pipeline.store import Store

        store = Store.open(self.settings.database_url.get_secret_value(), upgrade=upgrade)
        if store.upgraded and not store.upgraded.before:
            log.warning("there was no database, so an empty one was created", database=store.name)
        elif store.upgraded:
            log.warning("the database was upgraded", database=store.name, before=str(store.upgraded.backup or ""))
        try:
            yield store
        finally:
            store.close()

    @cached_property
    def portals(self) -> dict[str, Portal]:
        """All portals by name; their CSS selectors are not looked at, see `portal`."""
        from pipeline.source import load_portals

        return load_portals(self.config("portals"), selectors=False)

    def portal(self, name: str) -> Portal:
        """One portal with all that is needed to read it; raises ConfigError when it cannot be used, and with the
        nearest name when there is none such."""
        if name not in self.portals:
            found = nearest(name, list(self.portals)) or " `callwatch portals list` names all."
            raise ConfigError(f'unknown portal "{name}".{found}')
        if name not in self._whole:
            from pipeline.source import load_portal

            self._whole[name] = load_portal(self.config("portals"), name)
        return self._whole[name]

    def check_portals(self) -> None:
        """Raises ConfigError if one of the portals could not be read."""
        for name in self.portals:
            self.portal(name)

    @cached_property
    def places(self) -> Places:
        """All portals as far as links between their calls need them."""
        from pipeline.linking import places_of

        return places_of(self.portals.values())

    @cached_property
    def programmes(self) -> Mapping[str, tuple[str, str]]:
        """Programme code -> (abbreviation, name)."""
        from pipeline.source import load_programmes

        return load_programmes(self.config("programmes.yml"))

    @cached_property
    def profiles(self) -> Profiles:
        """Definitions of ecosystems and regions."""
        from pipeline.profile import load_profiles

        return load_profiles(self.config("profiles"))

    @cached_property
    def classifier(self) -> Classifier:
        """Labels calls by `profiles`."""
        from pipeline.classify import Classifier

        return Classifier(self.profiles)

    def workshop(self, portal: str) -> Workshop:
        """What turns this portal's raw records into classified calls."""
        from pipeline.normalise import normaliser
        from pipeline.settle import Workshop

        return Workshop(normaliser(portal), self.programmes, self.classifier)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """Contacts and subscriptions, checked against the known words."""
        from alerts.subscription import load_subscriptions
        from alerts.words import known_words

        known = known_words(self.profiles, self.programmes, self.portals.values())
        return load_subscriptions(config_file(self.settings.config, "subscriptions.yml"), known)

    @cached_property
    def tokens(self) -> Tokens | None:
        """Signs the links in messages; None while no secret key is set."""
        from alerts.links import Tokens

        return Tokens(self.settings.secret_key) if self.settings.secret_key else None

    @property
    def mail_stop(self) -> str:
        """The address to which a mail "stop KEY" may be sent."""
        return parseaddr(self.settings.mail_from)[1]

    def channel_settings(self) -> ChannelSettings:
        """What the channels need of the settings."""
        from alerts.channels import ChannelSettings

        given = self.settings
        return ChannelSettings(
            smtp_url=given.smtp_url,
            mail_from=given.mail_from,
            slack_token=given.slack_token,
            slack_webhook_url=given.slack_webhook_url,
            slack_base_url=given.slack_base_url,
            webhook_secret=given.secret_key,
            buttons=bool(given.slack_signing_secret or given.slack_app_token),
            out_dir=given.out_dir,
            stream=self.console,
            clock=self.clock,
        )
