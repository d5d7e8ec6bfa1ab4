"""Forte, the Swedish research council for health, working life and welfare: all calls in one list."""

from spiders.base.json_list import JsonListSpider


class Forte(JsonListSpider):
    __doc__ = JsonListSpider.__doc__
    name = "forte"
