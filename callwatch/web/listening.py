"""Slack's Socket Mode: the buttons without an address that Slack can reach. We call Slack, and it tells us."""

from __future__ import annotations

import logging

from pydantic import SecretStr
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.socket_mode.builtin import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web import WebClient

from callwatch.web.pressing import Pressing, response_url
from pipeline.errors import CallwatchError, ConfigError

SLACK = "https://slack.com/api/"


class Listener:
    """Hears Slack until `close`. Each envelope is acknowledged at once, then done: Slack repeats what it is not
    acknowledged, and `Pressing` knows repetitions."""

    def __init__(self, pressing: Pressing, token: SecretStr, base_url: str | None = None) -> None:
        self._pressing = pressing
        web = WebClient(base_url=f"{(base_url or SLACK).rstrip('/')}/", timeout=20)
        quiet = logging.getLogger("callwatch.slack.socket")
        self._client = SocketModeClient(token.get_secret_value(), logger=quiet, web_client=web)
        self._client.socket_mode_request_listeners.append(self._heard)

    def connect(self) -> None:
        """Begin to listen; broken connections are made again. Raises CallwatchError if Slack cannot be
        reached (ConfigError: refuses the token)."""
        try:
            self._client.connect()
        except SlackApiError as error:
            raise ConfigError(f"CALLWATCH_SLACK_APP_TOKEN: Slack says {error.response['error']}.") from None
        except (OSError, SlackClientError) as error:
            raise CallwatchError(f"Slack cannot be reached ({type(error).__name__}).") from None

    def close(self) -> None:
        """Stop listening; what was heard is done first."""
        self._client.close()

    def _heard(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        client.send_socket_mode_response(SocketModeResponse(envelope_id=request.envelope_id))
        if request.type == "interactive":
            text = self._pressing.answer(request.payload)
            if text:
                self._pressing.tell(response_url(request.payload), text)
