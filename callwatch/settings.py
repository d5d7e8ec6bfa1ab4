"""Settings from the environment, prefix CALLWATCH_. Secrets are SecretStr: never in a log or an error."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from pipeline.errors import ConfigError


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


def load_settings() -> Settings:
    """Settings of this process; raises ConfigError naming the variable and the remedy."""
    try:
        return Settings()
    except ValidationError as error:
        lines = [f"CALLWATCH_{str(e['loc'][0]).upper()}: {e['msg']}." for e in error.errors()]
        raise ConfigError("\n".join(lines)) from None
