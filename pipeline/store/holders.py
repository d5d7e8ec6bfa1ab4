"""Who holds a lease: a process of a machine, named so exactly that another one there can see that it is gone.

A lease has to outlast the longest post. Where its holder can be seen to be dead nobody need wait for that: what
was killed on this machine is taken over by the next one here; of what other machines hold nothing is known, and
their leases run out.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import socket
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection, select, update

from pipeline.outbox import MessageState
from pipeline.store.tables_outbox import messages

_PROC = Path("/proc")


def token() -> str:
    """A new fencing token: machine, process, when that began, and what makes it unlike any other."""
    pid = os.getpid()
    return f"{_machine()}/{pid}/{_began(pid)}/{secrets.token_hex(8)}"


def is_gone(holder: str) -> bool:
    """Whether the process that made this token runs no more. False when that cannot be known from here."""
    machine, _, rest = holder.partition("/")
    pid, _, rest = rest.partition("/")
    began = rest.partition("/")[0]
    if not began or not pid.isdecimal() or machine != _machine():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:  # somebody else's, and there
        pass
    now = _began(int(pid))
    return now not in ("", began)


def of_the_dead(conn: Connection) -> list[str]:
    """Tokens of leases whose holders are gone."""
    statement = select(messages.c.lease_token).where(messages.c.state == MessageState.LEASED.value).distinct()
    return [holder for holder in conn.scalars(statement) if is_gone(holder)]


def end(conn: Connection, tokens: list[str], now: datetime) -> int:
    """Let the leases with these tokens be over at `now`; how many there were."""
    mine = (messages.c.state == MessageState.LEASED.value) & messages.c.lease_token.in_(tokens)
    return conn.execute(update(messages).where(mine).values(lease_until=now - timedelta(seconds=1))).rowcount


def _machine() -> str:
    """This machine since it was started, and the container: process numbers mean something only within."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text()
        space = (_PROC / "self/ns/pid").readlink()
    except OSError:
        return ""
    return hashlib.sha256(f"{socket.gethostname()} {boot} {space}".encode()).hexdigest()[:12]


def _began(pid: int) -> str:
    """When a process began, in ticks since the machine did; "dead" once it is, "" when it may not be seen."""
    try:
        state, *more = (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "dead" if state in ("Z", "X") else more[18]
