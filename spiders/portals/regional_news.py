"""Regional offices' news: lists and feeds of posts, and the page of each."""

from spiders.base.pages import PagesSpider


class RegionalNews(PagesSpider):
    __doc__ = PagesSpider.__doc__
    name = "regional_news"
