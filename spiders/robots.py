"""robots.txt as RFC 9309 has it: while a portal cannot say what it allows, it is not asked."""

from __future__ import annotations

from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.robotstxt import RobotParser


class CarefulRobots(RobotsTxtMiddleware):
    """Scrapy takes an error page for rules, which then forbid nothing; here 5xx forbids all, 4xx nothing."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._silent: dict[str, int] = {}

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        if response.status >= 500:
            response = response.replace(body=b"User-agent: *\nDisallow: /\n")
            self._silent[netloc] = response.status
        elif response.status >= 400:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    def process_request_2(self, rp: RobotParser | None, request: Request) -> None:
        """Raises IgnoreRequest with the reason."""
        try:
            super().process_request_2(rp, request)
        except IgnoreRequest as forbidden:
            place = urlsplit(request.url).netloc
            if status := self._silent.get(place):
                problem = (
                    f"{place}/robots.txt answers HTTP {status}: nothing is asked until it says what is allowed"
                )
                raise IgnoreRequest(problem) from forbidden
            raise IgnoreRequest("the portal's robots.txt forbids it") from forbidden
