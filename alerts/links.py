"""Links in messages, and the tokens in them: who speaks, for which subscription, signed. Pure but for the clock.

A token says which subscription of which contact it was written for, and nothing else: no address, no call. What is
done to which call stands beside it in the address, in plain sight. One token serves a whole message, so that equal
messages to many contacts differ in that one word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote

from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from pydantic import SecretStr

from pipeline.errors import ConfigError

PLACEHOLDER = "callwatch-token"
"""Stands for the token in a body that is built once for many."""

DAYS = 90
"""How long a link that does something to a call works; those that stop a subscription or feed it work for ever."""


class Action(StrEnum):
    """What a link in a message does to one call."""

    MUTE = "mute"
    FOLLOW = "follow"
    IRRELEVANT = "irrelevant"


class Purpose(StrEnum):
    """What a token was made for; one made for another purpose is refused."""

    ACT = "act"
    STOP = "stop"
    FEED = "feed"
    CONFIRM = "confirm"


@dataclass(frozen=True)
class Bearer:
    """The contact and subscription (keys of the configuration) that a token names."""

    contact: str
    subscription: str


class BadToken(Exception):
    """The token is not ours, was made for something else, or is too old (`expired`)."""

    def __init__(self, *, expired: bool = False) -> None:
        super().__init__("this link has expired" if expired else "this link is not valid")
        self.expired = expired


class Tokens:
    """Makes and reads tokens with the secret key of the settings."""

    def __init__(self, secret: SecretStr) -> None:
        if len(secret.get_secret_value()) < 16:
            raise ConfigError("CALLWATCH_SECRET_KEY: at least 16 characters, best from `openssl rand -hex 32`.")
        self._secret = secret

    def make(self, purpose: Purpose, bearer: Bearer) -> str:
        """A token for `bearer`."""
        token = self._serializer(purpose).dumps([bearer.contact, bearer.subscription])
        return token if isinstance(token, str) else token.decode()

    def read(self, purpose: Purpose, token: str) -> Bearer:
        """Whom the token was made for. Raises BadToken."""
        lasting = DAYS * 86_400 if purpose in (Purpose.ACT, Purpose.CONFIRM) else None
        try:
            contact, subscription = self._serializer(purpose).loads(token, max_age=lasting)
        except SignatureExpired as error:
            raise BadToken(expired=True) from error
        except (BadSignature, ValueError, TypeError) as error:
            raise BadToken from error
        return Bearer(str(contact), str(subscription))

    def _serializer(self, purpose: Purpose) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(self._secret.get_secret_value(), salt=f"callwatch.{purpose.value}")


@dataclass(frozen=True)
class Links:
    """The addresses that a message offers its reader; all empty without a public address and a secret key.

    `token` and `stop_token` are those of the reader, or `PLACEHOLDER` while a body is built for many.
    `mail_stop` is the address that a mail "stop KEY" may be sent to; it needs no server of ours.
    """

    public_url: str = ""
    token: str = ""
    stop_token: str = ""
    feed_token: str = ""
    mail_stop: str = ""

    def act(self, action: Action, call_id: str) -> str:
        """Asks whether to mute, follow or reject this call."""
        return f"{self._base}/act/{self.token}/{action.value}?call={_quoted(call_id)}" if self.token else ""

    @property
    def stop(self) -> str:
        """Asks whether to stop the subscription; a POST there does so with one click (RFC 8058)."""
        return f"{self._base}/stop/{self.stop_token}" if self.stop_token else ""

    @property
    def manage(self) -> str:
        """The reader's choices and feeds of this subscription."""
        return f"{self._base}/subscription/{self.token}" if self.token else ""

    @property
    def calendar(self) -> str:
        """The deadlines of the subscription's calls, to be subscribed to."""
        return f"{self._base}/feed/{self.feed_token}/deadlines.ics" if self.feed_token else ""

    @property
    def atom(self) -> str:
        """The changes of the subscription's calls as an Atom feed."""
        return f"{self._base}/feed/{self.feed_token}/events.atom" if self.feed_token else ""

    @property
    def _base(self) -> str:
        return self.public_url.rstrip("/")


@lru_cache(maxsize=1024)
def _quoted(call_id: str) -> str:
    return call_id.replace(":", "%3A") if _PLAIN.fullmatch(call_id) else quote(call_id, safe="")


_PLAIN = re.compile(r"[A-Za-z0-9_.~:-]*")
"""What nearly all ids of calls are made of: only the colon has to be written otherwise in an address."""


def links_for(bearer: Bearer, tokens: Tokens | None, public_url: str, mail_stop: str = "") -> Links:
    """The links for one reader; `tokens` is None where no secret key is set."""
    if tokens is None or not public_url:
        return Links(mail_stop=mail_stop)
    return Links(
        public_url=public_url,
        token=tokens.make(Purpose.ACT, bearer),
        stop_token=tokens.make(Purpose.STOP, bearer),
        feed_token=tokens.make(Purpose.FEED, bearer),
        mail_stop=mail_stop,
    )


def confirm_link(bearer: Bearer, tokens: Tokens | None, public_url: str) -> str:
    """Where a new address is confirmed; empty without a public address and a secret key."""
    if tokens is None or not public_url:
        return ""
    return f"{public_url.rstrip('/')}/confirm/{tokens.make(Purpose.CONFIRM, bearer)}"
