"""EuroAccess: one table of all calls, and the facts on the page of each."""

from spiders.base.pages import PagesSpider


class Euroaccess(PagesSpider):
    __doc__ = PagesSpider.__doc__
    name = "euroaccess"
