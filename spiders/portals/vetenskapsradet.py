"""Vetenskapsrådet, the Swedish Research Council: all calls as one list (GDP interface)."""

from spiders.base.json_list import JsonListSpider


class Vetenskapsradet(JsonListSpider):
    __doc__ = JsonListSpider.__doc__
    name = "vetenskapsradet"
