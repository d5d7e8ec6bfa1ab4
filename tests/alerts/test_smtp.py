"""How a mail server is reached: addresses, logins, and what it must offer."""

from __future__ import annotations

import ssl
import warnings
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import SecretStr

from alerts.channels import ChannelSettings, Unreachable
from alerts.channels.smtp import server
from pipeline.errors import ConfigError
from tests.alerts.samples import message
from tests.alerts.smtp_server import smtp_server
from tests.alerts.test_email import Smtp, email, send


def test_a_server_that_is_not_there(settings: ChannelSettings) -> None:
    channel = email(settings, "smtp://user:geheim@127.0.0.1:1")
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1 cannot be reached") as caught:
        send(channel, message())
    assert "geheim" not in str(caught.value)
    assert not caught.value.broken


@pytest.mark.parametrize("url", ["smtp://user:geheim@{}", "smtp://{}?starttls=yes"])
def test_what_the_server_does_not_offer_is_not_done_without(
    settings: ChannelSettings, smtp: Smtp, url: str
) -> None:
    channel = email(settings, url.format(smtp[1].removeprefix("smtp://")))
    with pytest.raises(Unreachable, match="SMTPNotSupportedError") as caught:
        send(channel, message())
    assert caught.value.broken
    assert smtp[0].mails == []


@pytest.mark.parametrize(
    ("answer", "broken"), [("535 5.7.8 wrong password", True), ("454 4.7.0 directory is down", False)]
)
def test_a_login_that_fails(settings: ChannelSettings, answer: str, broken: bool) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # aiosmtpd advises against logins without TLS
        with smtp_server(logins=True) as (postbox, url):
            postbox.login = answer
            channel = email(settings, url.replace("//", "//user:geheim@"))
            with pytest.raises(Unreachable, match=answer[:3]) as caught:
                send(channel, message())
            assert caught.value.broken is broken
            assert "geheim" not in str(caught.value)
            postbox.login = ""
            send(channel, message())
            channel.close()
            assert len(postbox.mails) == 1


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """A certificate of its own for 127.0.0.1, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    signed = made.add_extension(names, critical=False).sign(key, hashes.SHA256())
    path = folder / "server.pem"
    plain = serialization.NoEncryption()
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(secret + signed.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return path, context


@pytest.mark.parametrize("trusted", [True, False])
def test_starttls_is_done_and_its_certificate_looked_at(
    settings: ChannelSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    path, context = certificate(tmp_path)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with smtp_server(tls=context) as (postbox, url):
        channel = email(settings, url + "?starttls=yes")
        if trusted:
            send(channel, message())
            assert len(postbox.mails) == 1
        else:
            with pytest.raises(Unreachable, match="a certificate that is not trusted") as caught:
                send(channel, message())
            assert caught.value.broken
        channel.close()


@pytest.mark.parametrize(
    ("url", "host", "port", "secure", "user"),
    [
        ("smtp://mail.example", "mail.example", 587, "starttls", ""),
        ("smtp://u%40x:p@mail.example:2525", "mail.example", 2525, "starttls", "u@x"),
        ("smtps://mail.example", "mail.example", 465, "tls", ""),
        ("smtp://localhost", "localhost", 25, "none", ""),
        ("smtp://mail.example?starttls=no", "mail.example", 25, "none", ""),
    ],
)
def test_addresses_of_servers(url: str, host: str, port: int, secure: str, user: str) -> None:
    assert server(SecretStr(url))[:4] == (host, port, secure, user)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://geheim@x",
        "smtp://u:geheim@x:port",
        "smtp://u:geheim@x?starttls=no",
        "smtp://x?starttls=maybe",
    ],
)
def test_addresses_that_are_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="CALLWATCH_SMTP_URL") as caught:
        server(SecretStr(url) if url else None)
    assert "geheim" not in str(caught.value)
