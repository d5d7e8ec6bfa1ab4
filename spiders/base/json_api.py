"""Base of spiders that read a JSON search API page by page and prove that they saw all of it (planned.py)."""

from __future__ import annotations

from pipeline.errors import ConfigError
from pipeline.source import SearchPortal
from spiders.base.asks import Limits
from spiders.base.planned import PlannedSpider
from spiders.base.portal_spider import PortalSpider


class JsonApiSpider(PlannedSpider):
    __doc__ = PortalSpider.__doc__
    portal: SearchPortal

    def limits(self) -> Limits:
        if not isinstance(self.portal, SearchPortal):
            raise ConfigError(f'{self.name} is no search API: its YAML says "base: {self.portal.harvest.base}"')
        harvest = self.portal.harvest
        return Limits(
            page_size=min(harvest.page_size, self.limit or harvest.page_size),
            window=harvest.window,
            scans=harvest.scans,
            other_sort=harvest.other_sort,
            split_by=harvest.split_by,
            rows=self.limit,
        )
