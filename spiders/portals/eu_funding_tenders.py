"""EU Funding & Tenders Portal: topics, external actions and cascade calls of all EU programmes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from scrapy.http import Response

from pipeline.errors import PortalDrift
from pipeline.harvest import RawBatch
from spiders.base import envelope, search_api
from spiders.base.asks import Answer, Ask, Part
from spiders.base.json_api import JsonApiSpider
from spiders.base.records import digests_of
from spiders.base.requests import rebased


class EuFundingTenders(JsonApiSpider):
    __doc__ = JsonApiSpider.__doc__
    name = "eu_funding_tenders"

    def parts(self) -> Sequence[Part]:
        today = datetime.now(UTC).date()
        return search_api.questions(self.portal, today, closed=self.over_calls, since=self.since)

    def request(self, ask: Ask) -> tuple[str, bytes, str]:
        harvest = self.portal.harvest
        address = rebased(harvest.facet if ask.facet else harvest.search, self.base_url)
        return search_api.url_of(address, harvest.index, ask), *search_api.body_of(ask, harvest.data_source)

    def read(self, response: Response, ask: Ask) -> tuple[Answer, RawBatch | None]:
        if ask.facet:
            return Answer(values=envelope.facet_values(response.body, ask.facet)), None
        page = envelope.read(response.body)
        digests = digests_of(page.items)
        check = [self.since is not None or odd for odd in self.reader.to_check(digests)]
        rows = [search_api.read_row(item) if look else None for item, look in zip(page.items, check, strict=True)]
        wrong = search_api.wrong_page(page, ask, self.portal.harvest.max_total) or next(
            (why for row in rows if row and (why := search_api.foreign(row, ask.part))), ""
        )
        if wrong:
            raise PortalDrift(wrong)
        if not ask.sort:
            return Answer(page.total), None
        late = [row is None or not self.since or not search_api.over_before(row, self.since) for row in rows]
        found = self.reader.page(page.items, response.url, datetime.now(UTC), late, digests)
        return Answer(page.total, found.keys), found.batch
