"""One call with four news posts in three languages, as its readers see it: `python -m tests.portals.news_shown`.

Posts come before the call, with it, and after it; `--mails` prints what came by mail whole.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.harvest.commands import Zygote
from tests.portals.news import World, world
from tests.portals.test_news import CALL, OTHER, POSTS

MOVED = (date(2027, 2, 18), date(2027, 3, 4))


def before(office: World) -> None:
    """Four posts, and two days later the call."""
    office.writes(*POSTS)
    told(office, "four posts")
    office.later(days=2)
    office.shows(OTHER, CALL)
    told(office, "the call")


def together(office: World) -> None:
    """All on one day."""
    office.writes(*POSTS)
    office.shows(OTHER, CALL)
    told(office, "the call and four posts")


def after(office: World) -> None:
    """The call, then four posts, then its deadline moves."""
    office.shows(OTHER, CALL)
    told(office, "the call")
    office.later(days=1)
    office.writes(*POSTS)
    told(office, "four posts")
    office.later(days=8)
    office.shows(OTHER, CALL, moved=MOVED)
    told(office, "a later deadline")


def alone(office: World) -> None:
    """A post whose call no portal shows."""
    office.writes(POSTS[0])
    told(office, "one post")
    for days in (6, 1, 7):
        office.later(days=days)
        told(office, f"{days} more days")


def told(office: World, what: str) -> None:
    """One line: what was new, and what came of it."""
    mails, cards = office.works()
    links = [sum(post.url in text for post in POSTS) for text in (*mails, *cards)]
    shown = (
        f"{len(mails)} mail, {len(cards)} card; links to posts: {', '.join(map(str, links))}"
        if links
        else "silence"
    )
    sys.stdout.write(f"  {office.now:%d %b}  {what:26}{shown}\n")
    if "--mails" in sys.argv:
        sys.stdout.writelines(mails)


def main() -> None:
    """Each story in a fresh world."""
    zygote = Zygote()
    stories: list[Callable[[World], None]] = [before, together, after, alone]
    for story in stories:
        with TemporaryDirectory() as folder, world(zygote, Path(folder)) as office:
            office.shows(OTHER)
            office.works()
            office.later(days=1)
            sys.stdout.write(f"{story.__doc__}\n")
            story(office)
    zygote.stop()


if __name__ == "__main__":
    main()
