"""One pace on one host, whoever asks; other hosts do not wait."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from spiders import pace


class Visits:
    """Who was inside, and when each came."""

    def __init__(self) -> None:
        self.inside = self.most = 0
        self.came: list[tuple[str, float]] = []

    async def visit(self, user: str, *, place: str = "h:443", at_once: int = 1, pause: float = 0.0) -> None:
        async with pace.gate("https", place).passing(user, at_once, pause):
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.came.append((user, asyncio.get_running_loop().time()))
            await asyncio.sleep(0.01)
            self.inside -= 1


def together(*visits: Coroutine[Any, Any, None]) -> None:
    async def run() -> None:
        await asyncio.gather(*visits)

    asyncio.run(run())


def test_two_portals_on_one_host_are_asked_one_after_the_other() -> None:
    seen = Visits()
    together(*(seen.visit(user, at_once=4 if user == "b" else 1) for user in "abababab"))
    assert (seen.most, len(seen.came)) == (1, 8)


def test_a_portal_alone_may_be_asked_several_times_at_once() -> None:
    seen = Visits()
    together(*(seen.visit("a", at_once=3) for _ in range(9)))
    assert seen.most == 3


def test_other_hosts_do_not_wait() -> None:
    seen = Visits()
    together(*(seen.visit("a", place=f"h{n}:443") for n in range(5)))
    assert seen.most == 5


def test_the_longest_pause_of_all_counts_between_two_portals_and_not_within_one() -> None:
    seen = Visits()
    together(seen.visit("a", pause=0.2), seen.visit("a", pause=0.2), seen.visit("b", pause=0.05))
    (_, first), (_, second), (_, third) = seen.came
    assert second - first < 0.15, "its own spacing is Scrapy's"
    assert third - second >= 0.2


def test_who_has_left_holds_nobody_up() -> None:
    async def run() -> int:
        seen = Visits()
        await seen.visit("careful")
        pace.leave("careful")
        await asyncio.gather(*(seen.visit("b", at_once=2) for _ in range(4)))
        return seen.most

    assert asyncio.run(run()) == 2


def test_a_failure_or_an_end_inside_lets_the_next_one_in() -> None:
    async def fail() -> None:
        async with pace.gate("https", "h").passing("a", 1, 0):
            raise OSError

    async def run() -> int:
        with pytest.raises(OSError):  # noqa: PT011 - which one does not matter
            await fail()
        gate = pace.gate("https", "h")
        held = asyncio.ensure_future(_hold(gate))
        await asyncio.sleep(0)
        waits = asyncio.ensure_future(_hold(gate))
        await asyncio.sleep(0)
        for task in (waits, held):
            task.cancel()
        await asyncio.gather(held, waits, return_exceptions=True)
        seen = Visits()
        await asyncio.wait_for(seen.visit("b", place="h"), 5)
        return len(seen.came)

    assert asyncio.run(run()) == 1


async def _hold(gate: pace.Gate) -> None:
    async with gate.passing("a", 1, 0):
        await asyncio.sleep(60)
