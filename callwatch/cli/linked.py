"""The links of one call, for `callwatch show`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from callwatch.cli import sheet, views
from callwatch.cli.output import printable
from callwatch.kinship import addresses, read_kin
from pipeline.links import KeptLink
from pipeline.models import BRUSSELS
from pipeline.outbox import StoredCall
from pipeline.store import Connection, feeds, links

if TYPE_CHECKING:
    from alerts.message import Conflict
    from callwatch.wiring import Wiring


class Linked(msgspec.Struct, frozen=True):
    """All links of a call, whatever their state, with the calls at their other ends. `speaker`: the call that is
    told in its place, or empty."""

    call_id: str
    links: list[KeptLink]
    calls: dict[str, StoredCall]
    addresses: list[str]
    conflicts: tuple[Conflict, ...]
    speaker: str


def of_call(wiring: Wiring, conn: Connection, call_id: str, now: datetime) -> Linked:
    """What the store knows of the links of a call."""
    found = links.query(conn, call_ids=[call_id])
    calls = feeds.by_id(conn, sorted({end for link in found for end in link.pair}))
    kin = read_kin(wiring.places, conn)
    return Linked(
        call_id,
        found,
        calls,
        addresses(kin, call_id),
        kin.conflicts(call_id, now),
        kin.clusters.speaker.get(call_id, ""),
    )


def lines(found: Linked) -> Iterator[str]:
    """For a terminal."""
    for link in found.links:
        (other,) = link.pair - {found.call_id}
        call = found.calls[other].call
        yield f"{'Link:':<12}{link.id} {link.kind.value} {link.state.value}: {call.portal} {printable(call.title)}"
        yield f"{'':<12}{call.url}"
        yield f"{'':<12}because of {link.rule}, {printable(link.evidence)}"
    if found.speaker:
        yield f"{'Told as:':<12}{found.speaker}"
    for conflict in found.conflicts:
        yield f"{'Differs:':<12}{printable(conflict.name)} says {_said(conflict)}"


def as_json(found: Linked) -> dict[str, Any]:
    """For a program: `links`, `conflicts` and `told_as`."""
    return {
        "links": [views.link_json(link, found.calls) for link in found.links],
        "conflicts": msgspec.to_builtins(found.conflicts),
        "told_as": found.speaker or None,
    }


def _said(conflict: Conflict) -> str:
    if conflict.deadline is not None:
        return f"{conflict.deadline.at.astimezone(BRUSSELS):%Y-%m-%d %H:%M} Brussels"
    return sheet.budget(conflict.budget) if conflict.budget else "nothing"
