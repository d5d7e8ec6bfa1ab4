"""Svenska ESF-rådet: the list of calls with a page each, and the plan by region."""

from spiders.base.pages import PagesSpider


class EsfRadet(PagesSpider):
    __doc__ = PagesSpider.__doc__
    name = "esf_radet"
