"""Vinnova, Sweden's innovation agency: application rounds that changed since a day (open data)."""

from spiders.base.json_list import JsonListSpider


class Vinnova(JsonListSpider):
    __doc__ = JsonListSpider.__doc__
    name = "vinnova"
