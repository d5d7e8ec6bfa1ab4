"""Interreg Aurora: the calls page, the file of planned calls that it leads to, and news."""

from spiders.base.article49_file import PlannedSpider


class InterregAurora(PlannedSpider):
    __doc__ = PlannedSpider.__doc__
    name = "interreg_aurora"
