"""Tillväxtverket: a feed, and the page of each call."""

from spiders.base.pages import PagesSpider


class Tillvaxtverket(PagesSpider):
    __doc__ = PagesSpider.__doc__
    name = "tillvaxtverket"
