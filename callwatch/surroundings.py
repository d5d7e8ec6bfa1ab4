"""What callwatch stands on: disk, clock, time zones, files, the way to the portals."""

from __future__ import annotations

import http.client
import os
import shutil
import ssl
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from callwatch import sources
from callwatch.finding import Finding
from callwatch.paths import config_dir
from callwatch.settings import misspelt
from callwatch.wiring import Wiring
from pipeline.errors import StoreError
from pipeline.store import Store, marks, runs

LEAST_FREE, LEAST_SHARE = 500 * 10**6, 0.05
"""Bytes, and the share of the disk, below which it is nearly full."""
EARLIEST = datetime(2026, 11, 1, tzinfo=UTC)
"""This code is younger; a clock that says otherwise is wrong."""
AHEAD = timedelta(minutes=5)
OLD_ZONES = 2
"""Years after which time zone data may miss a change of the law."""
SECONDS = 10.0


def settings(wiring: Wiring) -> Iterator[Finding]:
    """Variables of the environment that begin like a setting, and are none."""
    portals = wiring.portals.values()
    known = [f"CALLWATCH_{portal.name.upper()}_BASE_URL" for portal in portals]
    known += [portal.key_env for portal in portals if portal.key_env]
    contacts = wiring.subscriptions.contacts.values()
    known += [str(contact.apprise).removeprefix("env:") for contact in contacts if contact.apprise]
    for name, near in misspelt(os.environ, known).items():
        yield Finding("settings", f"{name} is set, and no setting has this name", near or "unset it")


def disk(path: Path) -> str:
    """What is wrong with the space on the disk of `path`, or nothing."""
    total, _, free = shutil.disk_usage(path)
    if free >= LEAST_FREE and free >= total * LEAST_SHARE:
        return ""
    return f"{free / 10**6:,.0f} MB of {total / 10**6:,.0f} MB are free where {path} lies"


def database(store: Store) -> Iterator[Finding]:
    """Whether it can be written to, and has space."""
    try:
        with store.begin() as conn:  # the same value again: nothing changes
            marks.note_time(conn, "examined at", marks.time_of(conn, "examined at") or EARLIEST)
    except StoreError as error:
        yield Finding("database", str(error), "make it writable for this user, see what it says")
        return
    yield Finding("database", f"{store.name}: current, can be written to")
    if store.path is not None:
        folder = store.path.resolve().parent
        problem = disk(folder)
        remedy = "free some space, or move the database to another disk" if problem else ""
        yield Finding("disk", problem or f"enough space where {folder} lies", remedy)


def clock(store: Store, now: datetime) -> Iterator[Finding]:
    """Whether the clock stands behind what was written by it."""
    with store.read() as conn:
        latest = runs.latest(conn, limit=1)
        times = [run.finished_at or run.started_at for run in latest]
        times += filter(None, [marks.time_of(conn, "planned at")])
    newest = max(times, default=EARLIEST)
    if now < EARLIEST or now + AHEAD < newest:
        said = f"it says {now:%Y-%m-%d %H:%M} UTC, but something was stored at {newest:%Y-%m-%d %H:%M}"
        yield Finding("clock", said, "set it, best by NTP: what is due is told by it")
    else:
        yield Finding("clock", f"{now:%Y-%m-%d %H:%M} UTC, not behind what is stored")


def zones(now: datetime) -> list[Finding]:
    """Whether time zones are known, and how old that knowledge is."""
    remedy = "install the package tzdata of today (pip install --upgrade tzdata), or that of the system"
    try:
        ZoneInfo("Europe/Stockholm")
        version = metadata.version("tzdata")
    except (ZoneInfoNotFoundError, metadata.PackageNotFoundError) as error:
        return [Finding("time zones", f"there is no data of time zones ({error})", remedy)]
    old = now.year - int(version.partition(".")[0]) > OLD_ZONES
    return [Finding("time zones", f"tzdata {version}", remedy if old else "")]


def files(wiring: Wiring) -> Iterator[Finding]:
    """Whether files can be read and written by us, and not be changed by everybody."""
    config, out = config_dir(wiring.settings.config), wiring.settings.out_dir
    places = [("configuration", config), *(("configuration", path) for path in sorted(config.glob("*.yml")))]
    url = wiring.settings.database_url.get_secret_value()
    if url.startswith("sqlite:///") and Path(url.removeprefix("sqlite:///")).exists():
        places.append(("database", Path(url.removeprefix("sqlite:///"))))
    for what, path in places:
        if not os.access(path, os.R_OK):
            yield Finding(what, f"{path} cannot be read by this user", f"chown or chmod {path}")
        elif path.stat().st_mode & stat.S_IWOTH:
            yield Finding(what, f"{path} can be changed by everybody on this machine", f"chmod o-w {path}")
        elif what == "database" and path.stat().st_mode & stat.S_IROTH:
            problem = f"{path} holds people's addresses and can be read by everybody on this machine"
            yield Finding(what, problem, f"chmod o-r {path}*")
    place = out if out.exists() else out.absolute().parent
    if not os.access(place, os.W_OK):
        remedy = f"chown or chmod {place}, or set CALLWATCH_OUT_DIR"
        yield Finding("files", f"{out} cannot be written by this user: the file channel needs it", remedy)


def reach(wiring: Wiring) -> list[Finding]:
    """Whether each portal that is watched answers; one request each, for its robots.txt."""
    found = []
    for portal in sources.watched(wiring.portals.values()):
        base = os.environ.get(f"CALLWATCH_{portal.name.upper()}_BASE_URL") or portal.url
        said = ask(base)
        remedy = (
            ""
            if said.startswith("answers")
            else "look at it in a browser; see whether a proxy or firewall is between"
        )
        found.append(Finding(f"portal {portal.name}", said, remedy))
    return found


def ask(base: str) -> str:
    """What the host of an address says when it is asked for its robots.txt."""
    parts = urlsplit(base)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.netloc, timeout=SECONDS)
    try:
        connection.request("GET", "/robots.txt", headers={"User-Agent": "callwatch"})
        status = connection.getresponse().status
    except (OSError, http.client.HTTPException, ssl.SSLError) as error:
        return f"{parts.netloc} cannot be reached ({error or type(error).__name__})"
    finally:
        connection.close()
    return f"answers ({parts.netloc}, HTTP {status})" if status < 500 else f"{parts.netloc} answers HTTP {status}"
