"""Interreg Sverige-Norge, with Jämtland Härjedalen and Västernorrland in Nordens gröna bälte."""

from pipeline.normalise.interreg import SVERIGE_NORGE, portal_of

identify, assemble = portal_of("interreg_sverige_norge", SVERIGE_NORGE)
