"""Operators hear of a thing once, however many deliverers meet with it at the same moment."""

from __future__ import annotations

import threading
from pathlib import Path

from alerts.delivery import DeliveryReport, Detail
from callwatch.telling import look_over
from pipeline.store import Store
from tests.delivery.office import Office, readers


def test_four_deliverers_find_the_same_trouble(store: Store, tmp_path: Path) -> None:
    office = Office(store, tmp_path, readers("anna"))
    for turn in range(5):
        failed = Detail(f"m{turn}", f"anna{turn}", "s", "email", "a@b.example", "failed", "550 no such user")
        report, start = DeliveryReport(failed=1, details=[failed]), threading.Barrier(4)

        def watch(report: DeliveryReport = report, start: threading.Barrier = start) -> None:
            start.wait()
            look_over(office.wiring, store, report, office.now)

        workers = [threading.Thread(target=watch) for _ in range(4)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        office.later(1)
    assert len(office.told_operators()) == 5
