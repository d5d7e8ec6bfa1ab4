"""Formas, the Swedish research council for sustainable development: all calls as one list (GDP interface)."""

from spiders.base.json_list import JsonListSpider


class Formas(JsonListSpider):
    __doc__ = JsonListSpider.__doc__
    name = "formas"
