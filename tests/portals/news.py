"""News posts on loopback, a portal that shows the call they speak of, and the people who are told.

Posts are texts; the site that is made of them has the shape of northsweden.eu (a list, and a page of each post),
of centralsweden.se (a feed) or of an agency of the Commission.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import yaml

from callwatch.demo.edits import replace_everywhere
from callwatch.demo.sample import records
from callwatch.demo.standin.server import StandIn
from tests.alerts.slack_server import SlackServer, slack_server
from tests.alerts.smtp_server import Postbox, smtp_server
from tests.conftest import ROOT
from tests.harvest.commands import PORTAL, Callwatch, Done, Zygote
from tests.portals.site_server import TYPES, Answer, SiteServer, site_server
from tests.portals.sites import hosts

LIST = "https://www.northsweden.eu/nyheter/"
FEED = "https://www.centralsweden.se/kategorier/nyheter/feed/"
AGENCIES = {
    "eismea": "eismea.ec.europa.eu",
    "cinea": "cinea.ec.europa.eu",
    "hadea": "hadea.ec.europa.eu",
    "eic": "eic.ec.europa.eu",
    "neb": "new-european-bauhaus.europa.eu",
    "clima": "climate.ec.europa.eu",
}
TOPIC_PAGE = "https://ec.europa.eu/info/funding-tenders/opportunities/portal/screen/opportunities/topic-details/"


@dataclass
class Post:
    """A text, its first line the title. `site`: northsweden, centralsweden, an agency; `more`: where it leads."""

    slug: str
    lines: list[str]
    site: str = "northsweden"
    published: date | None = None
    language: str = "sv"
    more: str = ""
    year: int = 2026

    @property
    def url(self) -> str:
        """Its address."""
        if self.site == "northsweden":
            return f"{LIST}{self.year}/{self.slug}/"
        if self.site == "centralsweden":
            return f"https://www.centralsweden.se/{self.slug}/"
        return f"https://{AGENCIES[self.site]}/news/{self.slug}_en"

    def page(self) -> Answer:
        """Its page."""
        title, *lines = self.lines
        body = "\n".join(f"<p>{escape(line)}</p>" for line in lines if line.strip())
        more = f'<p><a href="{self.more}">→</a></p>' if self.more else ""
        day = f'<p class="date">{self.published:%d %b %Y}</p>' if self.published else ""
        head = f'<html lang="{self.language}"><head><title>{escape(title)}</title></head>'
        main = f"<main><h1>{escape(title)}</h1>\n{body}\n{more}{day}</main>"
        return Answer(f"<!DOCTYPE html>{head}<body><nav>Meny</nav>{main}</body></html>".encode())


QUIET = Post(
    "vi-har-flyttat", ["Vi har flyttat", "Kontoret ligger nu en trappa upp."], published=date(2026, 11, 2)
)
"""Sites are never empty; this one announces no call."""


def answers(posts: Iterable[Post]) -> dict[str, Answer]:
    """All lists, feeds and pages of the sites."""
    shown = [
        *posts,
        *(Post("quiet", ["Quiet", "We moved."], site) for site in ("centralsweden", *AGENCIES)),
        QUIET,
    ]
    rows = "".join(
        f'<a href="{post.url}"><h2>{escape(post.lines[0])}</h2></a>'
        for post in shown
        if post.site == "northsweden"
    )
    found = {LIST: Answer(f"<main><h1>Nyheter</h1>{rows}</main>".encode()), FEED: _feed(shown, "centralsweden")}
    found |= {f"https://{host}/node/2/rss_en": _feed(shown, site) for site, host in AGENCIES.items()}
    return found | {post.url: post.page() for post in shown}


def _feed(posts: Iterable[Post], site: str) -> Answer:
    items = "".join(
        f"<item><title>{escape(post.lines[0])}</title><link>{post.url}</link></item>"
        for post in posts
        if post.site == site
    )
    text = f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{items}</channel></rss>'
    return Answer(text.encode(), TYPES[".xml"])


def recorded_posts(folder: Path) -> dict[str, Post]:
    """The 44 announcements as posts of northsweden.eu, by file."""
    with (folder / "facts.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = {}
    for row in rows:
        lines = (folder / row["file"]).read_text(encoding="utf-8").strip().splitlines()
        day = date.fromisoformat(row["published_iso"]) if row["published_iso"] else None
        slug = row["file"].removesuffix(".txt").replace("_", "-")
        found[row["file"]] = Post(slug, lines, published=day, language=row["language"])
    return found


SUBSCRIPTIONS: dict[str, Any] = {
    "vouched": True,
    "contacts": {
        "cluster": {"name": "Klustret", "email": "cluster@example.org", "language": "en"},
        "university": {"name": "University", "slack": "#calls", "language": "en"},
    },
    "subscriptions": [
        {"key": "mail", "contact": "cluster", "channel": "email", "cadence": "at_once"},
        {"key": "slack", "contact": "university", "channel": "slack", "cadence": "at_once"},
    ],
}


@dataclass
class World:
    """callwatch with three portals, two readers and a clock."""

    callwatch: Callwatch
    portal: StandIn
    news: SiteServer
    postbox: Postbox
    slack: SlackServer
    now: datetime
    began: datetime
    seen: list[int] = field(default_factory=lambda: [0, 0])

    def shows(self, *identifiers: str, moved: tuple[date, date] | None = None) -> None:
        """The portal shows the sample's calls with these identifiers from now on; `moved`: one day is another."""
        rows = [row for row in records(self.began.date()) if _identifier(row) in identifiers]
        assert {_identifier(row) for row in rows} == set(identifiers)
        for written in ("%Y-%m-%d", "%d %B %Y") if moved else ():
            before, after = (f"{day:{written}}" for day in moved or ())
            rows = [replace_everywhere(row, before, after) for row in rows]
        self.portal.replace(rows)

    def writes(self, *posts: Post) -> None:
        """The sites have these posts from now on."""
        self.news.answers = {self.news.place(url, 9): answer for url, answer in answers(posts).items()}

    def run(self, *command: str) -> Done:
        """A command, now."""
        done = self.callwatch(*command, at=self.now)
        assert done.code == 0, done.out + done.err
        return done

    def works(self) -> tuple[list[str], list[str]]:
        """Harvest, plan and deliver; what came by mail and in Slack, as text."""
        self.run("harvest", PORTAL, "regional_news", "commission_news")
        self.run("plan")
        self.run("deliver")
        mails, posts = self.postbox.mails[self.seen[0] :], self.slack.posts[self.seen[1] :]
        self.seen = [len(self.postbox.mails), len(self.slack.posts)]
        return [_text(mail) for mail in mails], [str(post) for post in posts]

    def later(self, **time: float) -> None:
        """Some time passes."""
        self.now += timedelta(**time)


def _identifier(row: Mapping[str, Any]) -> str:
    return next(iter((row.get("metadata") or {}).get("identifier", [])), "")


def _text(mail: Any) -> str:
    part = mail.get_body(("plain",))
    return str(part.get_content()) if part else ""


@contextmanager
def world(zygote: Zygote, folder: Path, now: datetime = datetime(2026, 11, 26, 9, tzinfo=UTC)) -> Iterator[World]:
    """A fresh one."""
    config = folder / "config"
    (config / "portals").mkdir(parents=True)
    (config / "subscriptions.yml").write_text(yaml.safe_dump(SUBSCRIPTIONS), encoding="utf-8")
    for name in (PORTAL, "regional_news", "commission_news"):
        shutil.copy(ROOT / "config" / "portals" / f"{name}.yml", config / "portals")
    many = hosts("commission_news")
    with (
        smtp_server() as (postbox, smtp),
        slack_server() as slack,
        StandIn([]) as portal,
        site_server(answers([]), hosts=many) as news,
    ):
        environment = {
            "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": portal.base_url,
            "CALLWATCH_REGIONAL_NEWS_BASE_URL": news.base_url,
            "CALLWATCH_COMMISSION_NEWS_BASE_URL": news.base_url,
            "CALLWATCH_CONFIG": str(config),
            "CALLWATCH_SMTP_URL": smtp,
            "CALLWATCH_MAIL_FROM": "callwatch <alerts@callwatch.example>",
            "CALLWATCH_SLACK_TOKEN": "xoxb-secret",
            "CALLWATCH_SLACK_BASE_URL": f"{slack.url}/",
        }
        yield World(Callwatch(zygote, folder, env=environment), portal, news, postbox, slack, now, now)
