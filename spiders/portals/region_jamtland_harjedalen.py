"""Region Jämtland Härjedalen: the pages that say when its project money can be applied for."""

from spiders.base.pages import PagesSpider


class RegionJamtlandHarjedalen(PagesSpider):
    __doc__ = PagesSpider.__doc__
    name = "region_jamtland_harjedalen"
