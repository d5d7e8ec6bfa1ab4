"""European Cluster Collaboration Platform: sitemap, feed, and the page of each call."""

from spiders.base.pages import PagesSpider


class Eccp(PagesSpider):
    __doc__ = PagesSpider.__doc__
    name = "eccp"
