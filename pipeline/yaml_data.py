"""Reads a YAML file into a pydantic model, strictly, with errors that name file, line, field and remedy."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from pipeline.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """A typed view of a configuration file: unknown keys are errors, values cannot be changed."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


# libyaml reads eight times quicker; a PyYAML built without it falls back to the loader in Python.
_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _NoDuplicates(_SafeLoader):  # type: ignore[misc]
    """SafeLoader that refuses a key written twice (YAML would silently keep the last)."""


def _mapping(loader: _NoDuplicates, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    mapping: dict[Any, Any] = {}
    for key, value in node.value:
        word = _value(loader, key)
        if word in seen:
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {word!r} is written twice", key.start_mark
            )
        seen.add(word)
        # YAML 1.1 takes a bare off, on, yes or no for a truth value, which no key of ours is.
        mapping[key.value if isinstance(word, bool) else word] = _value(loader, value)
    return mapping


def _sequence(loader: _NoDuplicates, node: yaml.SequenceNode) -> list[Any]:
    return [_value(loader, value) for value in node.value]


def _value(loader: _NoDuplicates, node: yaml.Node) -> Any:
    """What the node says; most are words, for which one need not ask the loader."""
    if node.tag == _WORD and isinstance(node, yaml.ScalarNode):
        return node.value
    return loader.construct_object(node, deep=True)


_WORD = yaml.resolver.BaseResolver.DEFAULT_SCALAR_TAG
_NoDuplicates.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)
_NoDuplicates.add_constructor(yaml.resolver.BaseResolver.DEFAULT_SEQUENCE_TAG, _sequence)


class Parsed(NamedTuple):
    """What a file says: its data, and the nodes they were made from, which know their lines."""

    path: Path
    data: Any
    tree: yaml.Node | None


def read(path: Path, model: type[Model], *, context: dict[str, Any] | None = None) -> Model:
    """Read `path` as `model`; `context` reaches pydantic validators (known words to compare with).

    Raises ConfigError with one line per mistake: `file:line: field: problem`.
    """
    return checked(parsed(path), model, context=context)


def parsed(path: Path) -> Parsed:
    """The file as YAML. Raises ConfigError."""
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}).") from error
    try:
        return Parsed(path, *_parse(source))
    except (yaml.YAMLError, TypeError) as error:
        raise ConfigError(f"{path}: not valid YAML: {_one_line(error)}") from error


def checked(found: Parsed, model: type[Model], *, context: dict[str, Any] | None = None) -> Model:
    """What was parsed, as `model`. Raises ConfigError as `read` does."""
    try:
        return model.model_validate({} if found.data is None else found.data, context=context)
    except ValidationError as error:
        lines = [_explain(found.path, found.tree, detail, model) for detail in error.errors()]
        raise ConfigError("\n".join(lines)) from error


def _parse(source: str) -> tuple[Any, yaml.Node | None]:
    """The data of `source` and the nodes it was made from, which know their lines."""
    loader = _NoDuplicates(source)
    try:
        tree = loader.get_single_node()
        return (None if tree is None else loader.construct_document(tree)), tree
    finally:
        loader.dispose()


def nearest(word: str, known: list[str] | tuple[str, ...] | set[str]) -> str:
    """A remedy for an unknown word: ` Did you mean "x"?`, else the whole list when it is short."""
    close = difflib.get_close_matches(str(word).casefold(), [k.casefold() for k in known], n=1, cutoff=0.5)
    if close:
        return f' Did you mean "{next(k for k in known if k.casefold() == close[0])}"?'
    return f" Known: {', '.join(sorted(known))}." if 0 < len(known) <= 20 else ""


def unknown(what: str, word: str, known: list[str] | tuple[str, ...] | set[str]) -> ValueError:
    """The error of a validator that met a word it does not know."""
    return ValueError(f'unknown {what} "{word}".{nearest(word, known)}')


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())


def _explain(path: Path, tree: yaml.Node | None, detail: ErrorDetails, model: type[BaseModel]) -> str:
    location = detail["loc"]
    message = detail["msg"].removeprefix("Value error, ")
    if detail["type"] == "extra_forbidden":
        message = f'unknown key "{location[-1]}".{nearest(str(location[-1]), _fields_at(model, location[:-1]))}'
    where = ".".join(str(part) for part in location)
    return f"{path}:{_line_of(tree, location)}: {where or 'file'}: {message}"


def _fields_at(model: type[BaseModel], location: tuple[int | str, ...]) -> list[str]:
    """Names of the fields that are allowed at `location`, as far as the annotations tell."""
    current: Any = model
    for part in location:
        current = _present(current)
        if _is_model(current):
            field = current.model_fields.get(str(part))
            current = field.annotation if field else None
        else:
            inner = [a for a in getattr(current, "__args__", ()) if a is not Ellipsis]
            current = inner[-1] if inner else None
    current = _present(current)
    return list(current.model_fields) if _is_model(current) else []


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _present(annotation: Any) -> Any:
    """X of `X | None`."""
    inner = [a for a in getattr(annotation, "__args__", ()) if a is not type(None)]
    return inner[0] if len(inner) == 1 and type(None) in annotation.__args__ else annotation


def _line_of(node: yaml.Node | None, location: tuple[int | str, ...]) -> int:
    """1-based line of the value at `location`, or of the nearest parent that exists."""
    line = 1
    for part in location:
        if node is not None:
            line = node.start_mark.line + 1
        child: yaml.Node | None = None
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, child = key.start_mark.line + 1, value
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
            line = child.start_mark.line + 1
        if child is None:
            return line
        node = child
    return line
