"""The recorded announcements as posts: all harvested by the real command, three with the call they tell of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipeline.extract import extract
from pipeline.models import Kind
from tests.harvest.commands import Callwatch, Zygote
from tests.harvest.conftest import callwatch, zygote
from tests.harvest.state import stored_calls
from tests.portals.news import TOPIC_PAGE, Post, answers, recorded_posts, world
from tests.portals.site_server import site_server
from tests.portals.sites import NOW, harvest

__all__ = ["callwatch", "zygote"]

NO_CALL = "sv_23_regionvasterbotten_84.txt"
CALL, OTHER = "SMP-COSME-2021-CLUSTER-01", "SMP-COSME-2024-CLUSTER-01"


def test_each_becomes_an_announcement_with_what_the_extractor_finds(recorded: Path, callwatch: Callwatch) -> None:
    folder = recorded / "announcements"
    posts = recorded_posts(folder)
    assert len(posts) == 44
    with site_server(answers(posts.values()), hosts=2) as server:
        done = harvest(callwatch, "regional_news", server, at=NOW)
    assert done.report["verdict"] == "complete"
    found = {reference: stored.call for reference, stored in stored_calls(callwatch).items()}
    assert len(found) == done.report["new"] == 43
    for file, post in posts.items():
        call = found.get(f"northsweden-2026-{post.slug}")
        if call is None:
            assert file == NO_CALL
            continue
        facts = extract((folder / file).read_text(encoding="utf-8"), published=post.published)
        assert call.kind is Kind.ANNOUNCEMENT
        assert [deadline.at for deadline in call.deadlines] == sorted(moment.at for moment in facts.deadlines), (
            file
        )
        assert call.opens_at == facts.opens_at, file
        assert call.language == facts.language, file
        total = call.budget.total if call.budget else None
        assert total == (facts.budget.amount if facts.budget else None), file
        for identifier in facts.identifiers:
            assert identifier.casefold() in f"{call.title}\n{call.text}".casefold()


def euroclusters(folder: Path) -> list[Post]:
    """Three recorded posts on one call and one of our own; two name it only by a link."""
    known = recorded_posts(folder)
    files = (
        "sv_01_northsweden_eurokluster_2021.txt",
        "fr_01_occitanie_euroclusters.txt",
        "ro_01_uncjr_euroclusters.txt",
    )
    posts = [known[file] for file in files]
    for post in posts[::2]:
        post.more = f"{TOPIC_PAGE}{CALL.lower()}"
    own = ["Dags att söka: Eurokluster", f"Utlysningen {CALL} delar ut 42 000 000 euro. Sista dag är 30 november."]
    return [*posts, Post("dags-att-soeka-eurokluster", own, published=date(2021, 10, 1), year=2021)]


@pytest.mark.slow
def test_euroclusters_of_2021_with_four_posts_in_three_languages(
    recorded: Path, zygote: Zygote, tmp_path: Path
) -> None:
    posts = euroclusters(recorded / "announcements")
    with world(zygote, tmp_path, datetime(2021, 10, 4, 9, tzinfo=UTC)) as office:
        office.shows("HORIZON-CL5-2026-11-D3-05")
        office.works()
        office.later(days=1)
        office.writes(*posts[:2])
        assert office.works() == ([], [])
        office.later(days=1)
        office.writes(*posts)
        office.shows("HORIZON-CL5-2026-11-D3-05", CALL)
        (mail,), (card,) = office.works()
        office.later(days=9)
        assert office.works() == ([], [])
    for text in (mail, card):
        assert CALL in text
        assert "30 November 2021 at 17:00" in text
        assert "EUR 42,000,000" in text
        assert all(post.url in text for post in posts)
