"""Commands about people: contacts, what they agreed to, what is held about them; and mails that came back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import typer

from callwatch.cli import output
from callwatch.cli.adding import add, notes
from callwatch.cli.output import Format

FormatOption = Annotated[Format, typer.Option("--format", help="table, json or csv.")]
KeyArgument = Annotated[str, typer.Argument(metavar="KEY", help="Key of a contact.")]
SubscriptionArgument = Annotated[str, typer.Argument(metavar="SUBSCRIPTION", help="Key of a subscription.")]


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    app.command()(bounces)
    group = typer.Typer(help="Who is told: contacts and what is known of their addresses.", no_args_is_help=True)
    group.command("import")(import_)
    group.command("list")(list_)
    for command in (add, export, erase, confirm, stop, resume, allow):
        group.command()(command)
    app.add_typer(group, name="contacts")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help=".yml in the form of subscriptions.yml, or .csv.")],
    replace: Annotated[
        bool, typer.Option("--replace", help="Remove imported contacts that are not in the file.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, change nothing.")] = False,
) -> None:
    """Store contacts with their subscriptions in the database, beside those of subscriptions.yml: all or none.

    Example: callwatch contacts import members.csv --dry-run
    """
    from alerts.book import read_book
    from callwatch.contacts import import_book
    from callwatch.wiring import Wiring

    wiring = Wiring()
    book = read_book(file, wiring.subscriptions.known)
    with wiring.store() as store:
        done = import_book(wiring, store, book, file.name, wiring.clock(), replace=replace, dry_run=dry_run)
        standing = [] if dry_run else notes(wiring, store, [*done.new, *done.changed])
    for what, keys in (("new", done.new), ("changed", done.changed), ("removed", done.removed)):
        for key in keys:
            typer.echo(f"{what:<8} {key}")
    counts = [f"{len(done.new)} new", f"{len(done.changed)} changed", f"{len(done.unchanged)} unchanged"]
    typer.echo(
        ", ".join([*counts, f"{len(done.removed)} removed"]) + (" (nothing was stored)." if dry_run else ".")
    )
    for line in standing:
        typer.echo(line)


def list_(form: FormatOption = Format.TABLE) -> None:
    """List the contacts of both places, and whether their e-mail addresses may be written to.

    Example: callwatch contacts list --format csv
    """
    from callwatch.privacy import entries
    from callwatch.wiring import Wiring

    wiring = Wiring()
    with wiring.store() as store:
        found = entries(wiring, store)
    if form is Format.JSON:
        output.json_document(msgspec.to_builtins(found))
        return
    columns = ("key", "name", "place", "language", "channels", "subscriptions", "stopped", "state")
    cells = [
        [value if isinstance(value, str) else ", ".join(value) for value in (getattr(e, c) for c in columns)]
        for e in found
    ]
    (output.csv_lines if form is Format.CSV else output.table)(columns, cells)
    if form is Format.TABLE:
        typer.echo(f"{len(found)} contacts")


def export(key: KeyArgument) -> None:
    """Print everything that is held about a contact, as one JSON document.

    Example: callwatch contacts export university > university.json
    """
    from callwatch import privacy
    from callwatch.wiring import Wiring

    wiring = Wiring()
    with wiring.store() as store:
        output.json_document(privacy.export(wiring, store, key))


def erase(key: KeyArgument, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Erase a contact: entry, subscriptions, choices, what was said and where to. The record of consents stays.

    Example: callwatch contacts erase university --yes
    """
    import sys

    from callwatch import privacy
    from callwatch.contacts import effective
    from callwatch.wiring import Wiring

    wiring = Wiring()
    if not yes and not sys.stdin.isatty():
        raise typer.BadParameter("nobody can be asked here; say --yes.", param_hint="--yes")
    if not yes and not typer.confirm(f"Erase what is held about {key}? It cannot be brought back."):
        typer.echo("Nothing was erased.")
        return
    with wiring.store() as store:
        others = privacy.same_mailbox(effective(wiring, store), key)
        done = privacy.erase(wiring, store, key, wiring.clock())
    typer.echo(f"Erased: {done.messages} messages, {done.choices} choices, {done.addresses} e-mail addresses.")
    for other in others:
        typer.echo(f"The same address belongs to {other}, who is not erased.")


def confirm(key: KeyArgument) -> None:
    """Put on record, on your word, that a contact agrees to get e-mail.

    Example: callwatch contacts confirm university
    """
    from callwatch.confirming import agree
    from callwatch.privacy import mailbox
    from callwatch.wiring import Wiring
    from pipeline.store import people

    wiring = Wiring()
    with wiring.store() as store:
        address = mailbox(wiring, store, key)
        with store.begin() as conn:
            hashed = people.address_hash(conn, "email", address)
            new = agree(conn, key, hashed, wiring.clock(), "command")
            dead = people.suppression(conn, "email", hashed)
    typer.echo(f"{key}: {'confirmed' if new else 'was confirmed before'}.")
    if dead is not None:
        typer.echo(f"Nothing is sent there all the same: {dead.reason}. See `callwatch contacts allow`.")


def stop(subscription: SubscriptionArgument) -> None:
    """Stop a subscription for its reader, as they can themselves by a link or a mail.

    Example: callwatch contacts stop sme-cascade
    """
    from callwatch import contacts
    from callwatch.wiring import Wiring

    wiring = Wiring()
    with wiring.store() as store:
        new = contacts.stop(store, contacts.effective(wiring, store), subscription, wiring.clock(), "command")
    typer.echo(f"{subscription}: {'stopped' if new else 'was stopped before'}.")


def resume(subscription: SubscriptionArgument) -> None:
    """Take a stop back.

    Example: callwatch contacts resume sme-cascade
    """
    from callwatch import contacts
    from callwatch.wiring import Wiring
    from pipeline.store import people

    wiring = Wiring()
    with wiring.store() as store:
        contacts.owner(contacts.effective(wiring, store), subscription)
        with store.begin() as conn:
            there = people.resume(conn, subscription)
    typer.echo(f"{subscription}: {'goes on' if there else 'was not stopped'}.")


def allow(key: KeyArgument) -> None:
    """Send mail again to an address that was suppressed because mails came back; they count no more.

    Example: callwatch contacts allow university
    """
    from callwatch.privacy import mailbox
    from callwatch.wiring import Wiring
    from pipeline.store import bounces as returned
    from pipeline.store import people

    wiring = Wiring()
    with wiring.store() as store:
        address = mailbox(wiring, store, key)
        with store.begin() as conn:
            hashed = people.address_hash(conn, "email", address)
            there = people.unsuppress(conn, "email", hashed)
            returned.forgive(conn, hashed)
    typer.echo(f"{key}: {'mail is sent again' if there else 'nothing held mail back'}.")


def bounces(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE",
            help="mbox file, Maildir, folder of .eml files, one mail, -, or imaps://user@host/INBOX.",
        ),
    ],
    form: Annotated[Format, typer.Option("--format", help="table or json.")] = Format.TABLE,
) -> None:
    """Read mails that came back and mails "stop SUBSCRIPTION". Exit 3 when something needs an operator.

    Example: callwatch bounces imaps://alerts@mail.example.org/INBOX
    """
    from callwatch.bounces import Dealt, Given, read_all
    from callwatch.contacts import effective
    from callwatch.mailboxes import mails
    from callwatch.wiring import Wiring

    wiring = Wiring()
    done: list[Dealt] = []

    def say(dealt: Dealt) -> None:
        done.append(dealt)
        if form is not Format.JSON:
            for one in dealt.outcomes:
                about = f"{one.about}: " if one.about else ""
                typer.echo(output.printable(f"{one.did.value:<10} {about}{one.why} [{dealt.mail}]"))

    with wiring.store() as store:
        given = Given(store, effective(wiring, store), wiring.clock())
        try:
            fine = read_all(given, mails(source, wiring.settings.imap_password), say)
        finally:
            if form is Format.JSON:
                output.json_document(msgspec.to_builtins(done))
    if form is not Format.JSON:
        typer.echo(f"{len(done)} mails read.")
    if not fine:
        raise typer.Exit(3)
