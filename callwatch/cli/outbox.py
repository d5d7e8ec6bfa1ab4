"""Commands about the messages of the outbox: messages, resend, release, discard."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated

import typer

from callwatch.cli import output, sheet
from callwatch.cli.output import Format
from pipeline.outbox import MessageState

if TYPE_CHECKING:
    from callwatch.wiring import Wiring
    from pipeline.outbox import OutboxMessage
    from pipeline.store import Outbox, Store

_MESSAGE_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FormatOption = Annotated[Format, typer.Option("--format", help="table, json or csv.")]
Ids = Annotated[list[str] | None, typer.Argument(metavar="MESSAGE...", help="Ids of messages.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (messages, resend, release, discard):
        app.command()(command)


def messages(
    contact: Annotated[str | None, typer.Option(help="Only of this contact.")] = None,
    state: Annotated[MessageState | None, typer.Option(help="Only in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most this many, newest kept.")] = 50,
    form: FormatOption = Format.TABLE,
) -> None:
    """List the messages of the outbox and what became of them; `callwatch show ID` shows one as its reader saw it.

    Example: callwatch messages --contact university --state failed
    """
    from callwatch.wiring import Wiring
    from pipeline.store import Outbox

    with Wiring().store() as store:
        found = Outbox(store).messages(contact=contact, state=state, limit=limit)
    listed(found, form)


def resend(
    ids: Ids = None,
    failed: Annotated[bool, typer.Option("--failed", help="All that failed for good.")] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also what has arrived, or was told by another message since.")
    ] = False,
) -> None:
    """Send messages again that failed; what has arrived of them is not repeated.

    Example: callwatch resend --failed
    """
    wiring = _wiring()
    with wiring.store() as store:
        outbox = _outbox(store)
        chosen = outbox.messages(state=MessageState.FAILED) if failed else _chosen(outbox, ids)
        done = [entry for entry in chosen if _resend(entry, outbox, wiring, anyway=anyway)]
    typer.echo(f"{len(done)} messages are due again; `callwatch deliver` sends them.")
    if len(done) < len(chosen):
        raise typer.Exit(3)


def _resend(entry: OutboxMessage, outbox: Outbox, wiring: Wiring, *, anyway: bool) -> bool:
    message = entry.message
    refused = ""
    if entry.state is MessageState.SENT and not anyway:
        refused = "has arrived; --anyway says it a second time"
    elif other := outbox.told_elsewhere(message.id, message.event_ids, message.subscription):
        refused = "" if anyway else f"was told by message {other} since; --anyway says it all the same"
    elif not message.payload:
        refused = "is so old that its text was deleted"
    if not refused and not outbox.resend(message.id, wiring.clock(), whole=anyway):
        refused = f"is {entry.state.value}"
    if refused:
        typer.echo(f"{message.id} {refused}.", err=True)
    return not refused


def release(
    ids: Ids = None, everything: Annotated[bool, typer.Option("--all", help="All that are held.")] = False
) -> None:
    """Let messages go that were held back because they tell of too many calls at once.

    Example: callwatch release 5f0c2a52-7b41-5d0e-9f6a-0c7b8e1d2f3a
    """
    wiring = _wiring()
    with wiring.store() as store:
        outbox = _outbox(store)
        done = outbox.release(_held(outbox, ids, everything=everything), wiring.clock())
    typer.echo(f"{done} messages released; `callwatch deliver` sends them.")


def discard(
    ids: Ids = None, everything: Annotated[bool, typer.Option("--all", help="All that are held.")] = False
) -> None:
    """Drop messages that were held back; what they tell counts as told.

    Example: callwatch discard --all
    """
    with _wiring().store() as store:
        outbox = _outbox(store)
        done = outbox.discard(_held(outbox, ids, everything=everything), "discarded by an operator")
    typer.echo(f"{done} messages discarded.")


def listed(entries: Iterable[OutboxMessage], form: Format) -> None:
    """Print messages with what became of them."""
    from callwatch.cli import views

    rows = [views.message_json(entry) for entry in entries]
    if form is Format.JSON:
        output.json_document(rows)
        return
    columns = ("id", "contact", "subscription", "channel", "kind", "calls", "state", "attempts", "reason")
    cells = [
        [str(len(row["call_ids"]) if column == "calls" else row[column]) for column in columns] for row in rows
    ]
    (output.csv_lines if form is Format.CSV else output.table)(columns, cells)
    if form is Format.TABLE:
        typer.echo(f"{len(rows)} messages")


def show_message(store: Store, needle: str, form: Format) -> bool:
    """Print the message with the id `needle` as its reader saw it; False if there is none."""
    from callwatch.cli import views

    outbox = _outbox(store)
    entry = outbox.message(needle) if _MESSAGE_ID.fullmatch(needle) else None
    if entry is None:
        return False
    attempts = outbox.deliveries(needle)
    if form is Format.JSON:
        output.json_document(views.whole_message_json(entry, attempts))
    else:
        typer.echo(sheet.message(entry, attempts))
    return True


def _held(outbox: Outbox, ids: list[str] | None, *, everything: bool) -> list[str]:
    if everything:
        return [entry.message.id for entry in outbox.messages(state=MessageState.HELD)]
    return [entry.message.id for entry in _chosen(outbox, ids)]


def _chosen(outbox: Outbox, ids: list[str] | None) -> list[OutboxMessage]:
    if not ids:
        raise typer.BadParameter("name messages by their ids, see `callwatch messages`.", param_hint="MESSAGE")
    found = {name: outbox.message(name) for name in ids}
    unknown = [name for name, entry in found.items() if entry is None]
    if unknown:
        raise typer.BadParameter(f'there is no message "{unknown[0]}".', param_hint="MESSAGE")
    return [entry for entry in found.values() if entry is not None]


def _wiring() -> Wiring:
    from callwatch.wiring import Wiring

    return Wiring()


def _outbox(store: Store) -> Outbox:
    from pipeline.store import Outbox

    return Outbox(store)
