"""A mistake in a configuration file is named with file, line, field and remedy."""

from __future__ import annotations

import pytest
from pydantic import Field

from pipeline.errors import ConfigError
from pipeline.yaml_data import Strict, nearest, parsed, read


class Inner(Strict):
    weight: int = Field(ge=1, le=3)
    words: tuple[str, ...] = ()


class Outer(Strict):
    name: str
    parts: tuple[Inner, ...] = ()
    by_name: dict[str, Inner] = Field(default_factory=dict)


GOOD = """\
name: steel
parts:
  - weight: 3
    words: [iron, ore]
by_name:
  first: {weight: 1}
"""


def write(tmp_path, text):
    path = tmp_path / "data.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_what_is_right(tmp_path):
    found = read(write(tmp_path, GOOD), Outer)
    assert (found.name, found.parts[0].words, found.by_name["first"].weight) == ("steel", ("iron", "ore"), 1)


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        pytest.param(
            GOOD.replace("name", "nmae"), 1, 'unknown key "nmae". Did you mean "name"?', id="typo at the top"
        ),
        pytest.param(
            GOOD.replace("words", "word"), 4, 'unknown key "word". Did you mean "words"?', id="typo in a list"
        ),
        pytest.param(GOOD.replace("weight: 3", "weight: 9"), 3, "less than or equal to 3", id="out of range"),
        pytest.param(GOOD.replace("weight: 1", "wight: 1"), 6, 'Did you mean "weight"?', id="typo in a mapping"),
        pytest.param(GOOD + "name: again\n", 7, "written twice", id="key written twice"),
        pytest.param("name: [steel\n", 2, "not valid YAML", id="broken YAML"),
        pytest.param("", 1, "name", id="empty file"),
        pytest.param("- steel\n", 1, "valid dictionary", id="a list instead"),
    ],
)
def test_mistakes(tmp_path, text, line, says):
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as error:
        read(path, Outer)
    assert str(path) in str(error.value)
    assert says in str(error.value)
    assert f":{line}:" in str(error.value) or f"line {line}" in str(error.value)


def test_values_are_what_yaml_says_they_are(tmp_path):
    text = "a: &x [one, 2, on, ~, 1.5]\nb: *x\non: {off: !!str 3}\n"
    every = ["one", 2, True, None, 1.5]
    assert parsed(write(tmp_path, text)).data == {"a": every, "b": every, "on": {"off": "3"}}


@pytest.mark.parametrize("text", ["a: &x [*x]", "a: !!str {b: 1}", "a: !!str [1]", "{a: 1}: 1", "a: !made-up 1"])
def test_what_is_no_plain_data_is_refused(tmp_path, text):
    with pytest.raises(ConfigError, match="not valid YAML"):
        parsed(write(tmp_path, text))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nothing\.yml: cannot be read"):
        read(tmp_path / "nothing.yml", Outer)


def test_every_mistake_is_told_at_once(tmp_path):
    with pytest.raises(ConfigError) as error:
        read(write(tmp_path, GOOD.replace("weight: 3", "weight: 9").replace("name", "nmae")), Outer)
    assert len(str(error.value).splitlines()) >= 3


@pytest.mark.parametrize(
    ("word", "remedy"),
    [
        ("mobilty", ' Did you mean "mobility"?'),
        ("HORIZN", ' Did you mean "HORIZON"?'),
        ("zzz", " Known: HORIZON, mobility."),
    ],
)
def test_nearest(word, remedy):
    assert nearest(word, ["mobility", "HORIZON"]) == remedy
