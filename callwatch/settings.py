"""Settings from the environment, prefix CALLWATCH_. Secrets are SecretStr: never in a log or an error."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import ConfigError
from pipeline.yaml_data import nearest


class Settings(BaseSettings):
    """Every setting; docs/operations.md lists them with their meaning (a test compares both)."""

    model_config = SettingsConfigDict(env_prefix="CALLWATCH_", extra="ignore", frozen=True)

    database_url: SecretStr = Field(
        SecretStr("sqlite:///callwatch.db"), description="SQLAlchemy URL: sqlite:///file or postgresql://..."
    )
    broker_url: SecretStr | None = Field(
        None, description="RabbitMQ of a cluster: amqp://user:password@host/vhost"
    )
    smtp_connections: int = Field(4, ge=1, le=64, description="connections to the mail server, of a whole cluster")
    config: Path | None = Field(None, description="folder with configuration of your own")
    contact: str = Field("", description="address that portals find in our User-Agent")
    out_dir: Path = Field(Path("callwatch-out"), description="folder of the file channel")
    slack_token: SecretStr | None = Field(None, description="bot token (xoxb-...)")
    slack_webhook_url: SecretStr | None = Field(None, description="incoming webhook, instead of a token")
    slack_base_url: str | None = Field(None, description="another address of the Slack API (tests, proxies)")
    slack_signing_secret: SecretStr | None = Field(None, description="signs what Slack sends to callwatch serve")
    slack_app_token: SecretStr | None = Field(None, description="app-level token (xapp-...) of callwatch listen")
    smtp_url: SecretStr | None = Field(None, description="smtp://user:password@host:port or smtps://...")
    mail_from: str = Field("callwatch <callwatch@localhost>", description="sender of e-mails")
    storm_limit: int = Field(200, ge=1, description="changed calls in one alert; more wait for an operator")
    imap_password: SecretStr | None = Field(None, description="password of the mailbox that bounces reads")
    keep_bodies_days: int = Field(90, ge=1, description="days after which the text of a message is deleted")
    keep_history_days: int = Field(180, ge=60, description="days after which the past of a call that is over goes")
    keep_messages_days: int = Field(
        730, ge=90, description="days after which it is forgotten that a message was sent"
    )
    keep_runs_days: int = Field(365, ge=60, description="days after which runs, slots and old conditions go")
    keep_issues_days: int = Field(90, ge=7, description="days after which the issues of a run go")
    public_url: str = Field("", description="address under which people reach this callwatch")
    ping_url: str = Field("", description="address that is asked for after each good tick, as a sign of life")
    metrics_token: SecretStr | None = Field(None, description="bearer token that /metrics wants")
    secret_key: SecretStr | None = Field(None, description="signs links and webhook bodies")

    @field_validator("public_url", "ping_url")
    @classmethod
    def _whole_address(cls, given: str) -> str:
        """Links that begin with a bare host lead nowhere in most mail programs."""
        if given and not given.startswith(("https://", "http://")):
            raise ValueError("write it as a whole address, https://...")
        return given

    @field_validator("secret_key")
    @classmethod
    def _no_command(cls, given: SecretStr | None) -> SecretStr | None:
        """The line that makes a key is no key: everybody knows it."""
        if given and given.get_secret_value().startswith("openssl "):
            raise ValueError("that is the command which makes a key; run it, and put here what it prints")
        return given


def misspelt(names: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Of the names of environment variables those that begin like a setting and are none, each with a remedy."""
    ours = {f"CALLWATCH_{name.upper()}" for name in Settings.model_fields} | set(known)
    wrong = sorted(name for name in names if name.startswith("CALLWATCH_") and name not in ours)
    return {name: nearest(name, ours).strip() for name in wrong}


def load_settings() -> Settings:
    """Settings of this process; raises ConfigError naming the variable and the remedy."""
    try:
        return Settings()
    except ValidationError as error:
        said = [(str(e["loc"][0]).upper(), e["msg"].removeprefix("Value error, ")) for e in error.errors()]
        lines = [f"CALLWATCH_{name}: {problem.rstrip('.')}." for name, problem in said]
        raise ConfigError("\n".join(lines)) from None
