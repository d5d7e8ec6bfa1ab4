"""`callwatch contacts add`: one contact with one subscription, said on the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from callwatch.wiring import Wiring
    from pipeline.store import Store

ListOption = list[str] | None
_OPTIONS = {
    "key": "KEY",
    "s3_regions": "--s3-region",
    "kinds": "--kind",
    "words": "--word",
    "events": "--event",
    "ecosystems": "--ecosystem",
    "programmes": "--programme",
    "regions": "--region",
}
"""Columns (as `contacts import` has them) whose option is not called by their name."""


def add(
    key: Annotated[
        str, typer.Argument(metavar="KEY", help="Small letters, digits, - and _; names no person, best.")
    ],
    name: Annotated[str, typer.Option(help="What the contact is called.")],
    email: Annotated[str, typer.Option(help="For the channel email.")] = "",
    slack: Annotated[str, typer.Option(help="For the channel slack: #name or a channel's id.")] = "",
    language: Annotated[str, typer.Option(help="sv or en.")] = "",
    time_zone: Annotated[str, typer.Option(help="Such as Europe/Stockholm.")] = "",
    region: Annotated[ListOption, typer.Option(help="Where they are at home; may be repeated.")] = None,
    vouched: Annotated[
        bool, typer.Option("--vouched", help="You vouch for the address; it is not asked.")
    ] = False,
    subscription: Annotated[str, typer.Option(help="Key of a subscription.")] = "",
    subscription_name: Annotated[str, typer.Option(help="What the contact knows it by.")] = "",
    channel: Annotated[str, typer.Option(help="Such as email or slack.")] = "",
    cadence: Annotated[str, typer.Option(help="at_once, daily or weekly.")] = "",
    weekday: Annotated[str, typer.Option(help="Of a weekly digest.")] = "",
    time: Annotated[str, typer.Option(help='Of a digest, such as "08:00".')] = "",
    ecosystem: Annotated[ListOption, typer.Option(help="Filter; may be repeated.")] = None,
    s3_region: Annotated[ListOption, typer.Option(help="Filter: S3 relevance for a region.")] = None,
    least: Annotated[str, typer.Option(help="With --s3-region: 1 enabling, 2 clear, 3 direct.")] = "",
    programme: Annotated[ListOption, typer.Option(help="Filter; may be repeated.")] = None,
    kind: Annotated[ListOption, typer.Option(help="Filter: topic, cascade, external_action, ...")] = None,
    word: Annotated[ListOption, typer.Option(help="Filter; may be repeated.")] = None,
    event: Annotated[ListOption, typer.Option(help="Filter; may be repeated.")] = None,
) -> None:
    """Store one contact, with one subscription if you name one. To change it later, import it again.

    Example: callwatch contacts add sawmill --name "The sawmill" --email info@sawmill.example
    --subscription sawmill-weekly --channel email --cadence weekly --ecosystem construction
    """
    cells = {
        "key": key,
        "name": name,
        "email": email,
        "slack": slack,
        "language": language,
        "time_zone": time_zone,
        "regions": ";".join(region or ()),
        "vouched": "yes" if vouched else "",
        "subscription": subscription,
        "subscription_name": subscription_name,
        "channel": channel,
        "cadence": cadence,
        "weekday": weekday,
        "time": time,
        "ecosystems": ";".join(ecosystem or ()),
        "s3_regions": ";".join(s3_region or ()),
        "least": least,
        "programmes": ";".join(programme or ()),
        "kinds": ";".join(kind or ()),
        "words": ";".join(word or ()),
        "events": ";".join(event or ()),
    }
    _store(key, {column: cell.strip() for column, cell in cells.items() if cell.strip()})


def _store(key: str, cells: dict[str, str]) -> None:
    from alerts.book import Row, book_of
    from callwatch.contacts import effective, import_book
    from callwatch.wiring import Wiring
    from pipeline.errors import ConfigError

    wiring = Wiring()
    book = book_of([Row(1, cells)], wiring.subscriptions.known, lambda _, column: f"{_option(column)}: ")
    with wiring.store() as store:
        if key in effective(wiring, store).contacts:
            raise ConfigError(
                f'the contact "{key}" is there already: import it to change it, or choose another key.'
            )
        import_book(wiring, store, book, "command", wiring.clock(), replace=False, dry_run=False)
        standing = notes(wiring, store, [key])
    typer.echo(f"{key}: stored, {'with its subscription' if book.subscriptions else 'without a subscription'}.")
    for line in standing:
        typer.echo(line)


def notes(wiring: Wiring, store: Store, keys: Sequence[str]) -> list[str]:
    """What stands between these contacts and their first mail."""
    from callwatch.privacy import entries

    found = [entry for entry in entries(wiring, store) if entry.key in keys and "email" in entry.channels]
    asked = sum(entry.state == "not asked yet" for entry in found)
    lines = [f"To be asked to confirm the e-mail address before the first alert: {asked}."] if asked else []
    for entry in found:
        if entry.state in ("withdrawn", "erased"):
            lines.append(
                f"{entry.key}: {entry.state}; gets no mail until `callwatch contacts confirm {entry.key}`."
            )
        elif entry.state.startswith("suppressed"):
            lines.append(f"{entry.key}: {entry.state}; gets no mail until `callwatch contacts allow {entry.key}`.")
    return lines


def _option(column: str) -> str:
    return _OPTIONS.get(column, f"--{column.replace('_', '-')}")
