"""All that is due now, once: harvest, plan, deliver, keep house. What a tick does, and a turn of the daemon."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec
import structlog

from callwatch.cli.output import Advance
from callwatch.due import portals_due
from callwatch.keys import with_key
from callwatch.stopping import stoppable
from callwatch.telling import deliver_messages, plan_parts
from callwatch.tracing import send_metrics, wants
from callwatch.wiring import Wiring
from pipeline.errors import Busy
from pipeline.harvest import RunReport, Verdict
from pipeline.schedule import parse
from pipeline.store import Store, slots

log = structlog.get_logger()

HOUSE, HOUSE_AT = "keep house", "daily 03:15"
PING_SECONDS = 10.0


class Ticked(msgspec.Struct):
    """What a tick did. `held` names what other processes were doing at that moment; `fault` is one of ours."""

    reports: list[RunReport] = []
    planned: int = 0
    sent: int = 0
    unsent: int = 0
    held: list[str] = []
    fault: BaseException | None = None

    @property
    def nothing_but_held(self) -> bool:
        """Whether everything was left to others."""
        return bool(self.held) and not self.reports and "plan" in self.held

    @property
    def good(self) -> bool:
        """Whether all that was due is done."""
        return not self.unsent and all(report.verdict is Verdict.COMPLETE for report in self.reports)


def harvest_due(wiring: Wiring, advance: Advance, done: Ticked, names: list[str] | None = None) -> None:
    """Harvest the portals that are due (of `names`, or of all that are on and have their key)."""
    chosen = names if names is not None else with_key(wiring.portals.values())
    with wiring.store() as store:
        due = portals_due(wiring, store, chosen, wiring.clock())
    if not due:
        return
    from callwatch.crawl import Wish, harvest_portals

    try:
        done.reports = harvest_portals(wiring, list(due), Wish(), advance, due)
    except Busy as error:
        done.held.append(str(error))
    except Exception as error:  # noqa: BLE001 - what is known already is told all the same
        done.fault = error


def tell(wiring: Wiring, done: Ticked) -> None:
    """Plan and deliver, and keep house once a day; a SIGTERM meanwhile hands back what is not being sent."""
    with wiring.store() as store, stoppable() as stopping:
        try:
            done.planned = sum(map(len, plan_parts(wiring, store, wiring.clock())))
        except Busy as error:
            done.held += ["plan", str(error)]
        report = deliver_messages(wiring, store, wiring.clock(), stopping=stopping.is_set)
        done.sent, done.unsent = report.sent, report.retried + report.failed
        keep_house(wiring, store)
        measure(wiring, store)


def measure(wiring: Wiring, store: Store) -> None:
    """Send our metrics to the collector, where there is one."""
    if wants("metrics"):
        from callwatch.metrics import gauges, without_people

        send_metrics(without_people(gauges(wiring, store, wiring.clock())))


def keep_house(wiring: Wiring, store: Store) -> None:
    """Once a day: see housekeeping."""
    now = wiring.clock()
    slot = parse(HOUSE_AT).latest(now)
    try:
        with store.lock(HOUSE):
            with store.begin() as conn:
                if not slots.begin(conn, HOUSE, slot, now):
                    return
            from callwatch import housekeeping

            done = housekeeping.keep(wiring, store, now, holding=(HOUSE,))
            with store.begin() as conn:
                slots.end(conn, HOUSE, slot.key, wiring.clock(), done=True, outcome=str(done))
    except Busy:
        log.debug("another process keeps house")


def ping(url: str) -> None:
    """Tell whoever waits for a sign of life; what goes wrong in doing so is logged, for the tick was good."""
    if urlsplit(url).scheme not in ("http", "https"):
        log.error("CALLWATCH_PING_URL is no http(s) address; nobody was told", url=url[:40])
        return
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=PING_SECONDS) as answer:  # noqa: S310 - the scheme was looked at
            answer.read(1)
    except OSError as error:
        log.warning("the sign of life was not heard", reason=str(error))
