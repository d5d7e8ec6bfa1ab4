"""Settings and configuration folders."""

from __future__ import annotations

import pytest

from callwatch.paths import config_dir, config_file
from callwatch.settings import Settings, load_settings, misspelt
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError


def test_secrets_do_not_show(monkeypatch):
    monkeypatch.setenv("CALLWATCH_SMTP_URL", "smtp://robot:hunter2@mail")
    monkeypatch.setenv("CALLWATCH_SLACK_TOKEN", "xoxb-1")
    settings = load_settings()
    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()
    assert "xoxb-1" not in repr(settings)
    assert settings.smtp_url is not None
    assert settings.smtp_url.get_secret_value() == "smtp://robot:hunter2@mail"


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("CALLWATCH_PUBLIC_URL", "calls.example.org", "write it as a whole address, https://"),
        ("CALLWATCH_PING_URL", "hc.example/x", "write it as a whole address, https://"),
        ("CALLWATCH_SECRET_KEY", "openssl rand -hex 32", "run it, and put here what it prints"),
        ("CALLWATCH_STORM_LIMIT", "many", "valid integer"),
    ],
)
def test_a_value_that_cannot_be_meant_is_an_error(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, problem: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as error:
        load_settings()
    assert str(error.value).startswith(f"{name}: ")
    assert problem in str(error.value)


def test_a_misspelt_setting_gets_the_nearest_name():
    names = ["PATH", "CALLWATCH_DATABASE_URL", "CALLWATCH_DATABSE_URL", "CALLWATCH_FORMAS_KEY", "CALLWATCH_XYZ"]
    found = misspelt(names, ["CALLWATCH_FORMAS_KEY"])
    assert found == {
        "CALLWATCH_DATABSE_URL": 'Did you mean "CALLWATCH_DATABASE_URL"?',
        "CALLWATCH_XYZ": found["CALLWATCH_XYZ"],
    }


def test_a_folder_of_ones_own_may_hold_only_what_differs(tmp_path):
    (tmp_path / "subscriptions.yml").write_text("contacts: {}\nsubscriptions: []\n", encoding="utf-8")
    assert config_file(tmp_path, "subscriptions.yml") == tmp_path / "subscriptions.yml"
    assert config_file(tmp_path, "portals") == config_dir(None) / "portals"
    wiring = Wiring(Settings(config=tmp_path))
    assert len(wiring.subscriptions.subscriptions) == 0
    assert "eu_funding_tenders" in wiring.portals


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"CALLWATCH_CONFIG: .*nowhere is not a folder"):
        config_dir(tmp_path / "nowhere")


def test_an_unknown_portal_gets_the_nearest_name():
    with pytest.raises(ConfigError, match=r'unknown portal "eu_funding"\. Did you mean "eu_funding_tenders"\?'):
        Wiring(Settings()).portal("eu_funding")


def test_the_shipped_configuration_is_in_order():
    wiring = Wiring(Settings())
    assert wiring.subscriptions.subscriptions
    assert wiring.profiles.groups["north-sweden"] == ("SE321", "SE322", "SE331", "SE332")
    assert wiring.programmes["43252476"][0] == "SMP"
