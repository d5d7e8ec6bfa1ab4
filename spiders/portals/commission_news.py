"""News of the Commission's agencies: a feed of each, and the page of each post."""

from spiders.base.pages import PagesSpider


class CommissionNews(PagesSpider):
    __doc__ = PagesSpider.__doc__
    name = "commission_news"
