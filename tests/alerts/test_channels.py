"""The register, and the channels that stay on this machine: files and console."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from pydantic import SecretStr

from alerts.channels import NAMES, Channel, ChannelSettings, Envelope, open_channel
from alerts.message import Message
from pipeline.errors import ConfigError, Temporary
from tests.alerts.letters import LINKS
from tests.alerts.samples import NOW, item, message, week

ID = "6f1c7c0e-0000-5000-8000-000000000001"


def send(channel: Channel, shown: Message, target: str = "asa") -> list[str]:
    """Every post of a message, as delivery sends them."""
    envelope = Envelope(message_id=ID, target=target, now=NOW, links=LINKS)
    return [channel.send(post, shown, envelope) for post in channel.posts(shown, envelope)]


def test_the_register(settings: ChannelSettings) -> None:
    ready = replace(settings, smtp_url=SecretStr("smtp://127.0.0.1:25"))
    for name in NAMES:
        channel = open_channel(name, ready)
        assert channel.name == name
        channel.close()
        channel.close()
    with pytest.raises(ConfigError, match=r'unknown channel "emial". Did you mean "email"'):
        open_channel("emial", ready)
    with pytest.raises(ConfigError, match="Known: apprise, console, email, file, slack, webhook"):
        open_channel("fax", ready)


def test_secrets_are_not_in_the_repr() -> None:
    hidden = ChannelSettings(smtp_url=SecretStr("smtp://u:geheim@h"), slack_token=SecretStr("xoxb-geheim"))
    assert "geheim" not in repr(hidden)


def test_files_are_written_whole_and_once(settings: ChannelSettings) -> None:
    channel = open_channel("file", settings)
    (path,) = map(Path, send(channel, week("sv"), "../../asa"))
    assert [str(path)] == send(channel, week("sv"), "../../asa")
    assert path.parent == settings.out_dir
    assert sorted(p.suffix for p in settings.out_dir.iterdir()) == [".eml", ".html", ".txt"]
    assert "Vecka 48" in path.with_suffix(".txt").read_text(encoding="utf-8")
    assert b"Message-ID: <" + ID.encode() in path.read_bytes()


def test_the_parts_of_a_long_message_are_files_of_their_own(settings: ChannelSettings) -> None:
    shown = message(*[item(n) for n in range(1, 201)])
    paths = send(open_channel("file", settings), shown)
    assert len(paths) > 1
    assert paths[1] == paths[0].replace(".eml", "-2.eml")
    pages = [Path(path).with_suffix(".html").read_text(encoding="utf-8") for path in paths]
    assert all(sum(f'/topic/{n}"' in page for page in pages) == 1 for n in range(1, 201))


def test_a_folder_that_cannot_be_written_to(settings: ChannelSettings, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x", encoding="utf-8")
    channel = open_channel("file", replace(settings, out_dir=tmp_path / "taken"))
    with pytest.raises(Temporary, match="cannot be written to"):
        send(channel, message())


def test_a_disk_that_is_full(settings: ChannelSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(Temporary, match="No space left"):
        send(open_channel("file", settings), message())
    assert list(settings.out_dir.iterdir()) == []


def test_the_console(settings: ChannelSettings) -> None:
    stream = StringIO()
    assert send(open_channel("console", replace(settings, stream=stream)), week()) == [ID]
    shown = stream.getvalue()
    assert shown.startswith("To: Åsa Öberg\nSubject: Week 48 · Deadline brought forward, now 3 March 2027")
    assert max(len(line) for line in shown.splitlines() if "https://" not in line) <= 80
    closed = StringIO()
    closed.write = lambda _: (_ for _ in ()).throw(OSError(32, "Broken pipe"))  # type: ignore[method-assign,assignment]
    with pytest.raises(Temporary, match="Broken pipe"):
        send(open_channel("console", replace(settings, stream=closed)), message())
