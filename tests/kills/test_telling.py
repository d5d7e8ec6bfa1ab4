"""A few kills of planning and delivery on each store; `make kills` kills two hundred times."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.store import Outbox, Store
from tests.delivery import world
from tests.delivery.oracle import figures
from tests.delivery.processes import Forks, servers, was_killed
from tests.kills.outcome import Wish
from tests.kills.telling import Campaign, campaign

COMMITS = 5
"""Write transactions of a planning: deadlines that come near, three times six subscriptions, the time of it."""


SEED = 20261126


@pytest.mark.slow
def test_killed_over_sqlite(forks: Forks, tmp_path: Path, on_sqlite: str) -> None:
    found = campaign(forks, tmp_path, on_sqlite, Wish(6, SEED), 2)
    assert all(outcome.is_good for outcome in found), found


@pytest.mark.slow
def test_killed_over_postgresql(forks: Forks, tmp_path: Path, on_postgresql: str) -> None:
    found = campaign(forks, tmp_path, on_postgresql, Wish(4, SEED), 4)
    assert all(outcome.is_good for outcome in found), found


@pytest.mark.parametrize("after", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_one_killed_in_the_window_and_nothing_but_its_one_mail_comes_twice(
    forks: Forks, tmp_path: Path, on_sqlite: str, after: bool
) -> None:
    """Faults 3, 4 and 6: killed before a post, and when the other side has taken it."""
    with servers(tmp_path) as env:
        work = Campaign(forks, tmp_path, on_sqlite, env, 1, mails=12, posts=6)
        work.happens()
        work.plan()
        tamper = {"die_after_send" if after else "die_before_send": 5}
        assert was_killed(work.play.start("deliver", tamper).wait())
        work.come_to_rest()
        plan, deliver = work.outcomes()
    assert plan.is_good, plan
    assert deliver.is_good, deliver
    assert deliver.ambiguous <= after


@pytest.mark.parametrize("when", ["kill_before", pytest.param("kill_after", marks=pytest.mark.slow)])
def test_killed_at_each_commit_of_a_planning(forks: Forks, tmp_path: Path, on_sqlite: str, when: str) -> None:
    """Fault 2: what is told and what counts as told are there together, or not at all."""
    with servers(tmp_path) as env:
        work = Campaign(forks, tmp_path, on_sqlite, env, 1, mails=12, posts=6)
        for commit in range(1, COMMITS + 2):
            work.happens()
            killed = was_killed(work.play.start("plan", {when: commit}).wait())
            assert killed == (commit <= COMMITS)
            both_or_none(work)
            work.plan()
            work.play.later(60)
        work.come_to_rest()
        assert all(outcome.is_good for outcome in work.outcomes())


def both_or_none(work: Campaign) -> None:
    """Every event in an outbox message is on record as told, and the other way round."""
    with work.play.callwatch.store() as store:
        outbox = Outbox(store)
        said = {(e.message.subscription, n) for e in outbox.messages() for n in e.message.event_ids}
        numbers = sorted({number for _, number in said})
        keys = sorted({e.message.subscription for e in outbox.messages()})
        on_record = {(key, n) for key, told in outbox.memory(keys, numbers).told.items() for n in told}
    assert said == on_record


def test_the_oracle_sees_what_is_wrong(forks: Forks, tmp_path: Path, on_sqlite: str) -> None:
    """A mail that is missing, one too many, and one that nobody planned."""
    with servers(tmp_path) as env:
        work = Campaign(forks, tmp_path, on_sqlite, env, 1, mails=4, posts=1)
        work.happens()
        work.plan()
        work.come_to_rest()
    log = tmp_path / "mails.jsonl"
    lines = log.read_text().splitlines()
    strange = lines[2].replace('"id": "<', '"id": "<0')
    log.write_text("\n".join([lines[1], lines[1], *lines[2:], strange]))
    with Store.open(on_sqlite) as store:
        found = figures(store, tmp_path)
        assert (found.lost, found.mail_repeats, found.outside, found.strange) == (1, 1, 1, 1)
        assert world.told(store)
