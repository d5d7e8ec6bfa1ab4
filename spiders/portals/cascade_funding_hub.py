"""Cascade Funding Hub: calls in a script of its page, and its feed."""

from spiders.base.pages import PagesSpider


class CascadeFundingHub(PagesSpider):
    __doc__ = PagesSpider.__doc__
    name = "cascade_funding_hub"
