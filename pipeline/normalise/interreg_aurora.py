"""Interreg Aurora: Sweden, Finland, Norway and Sápmi."""

from pipeline.normalise.interreg import AURORA, portal_of

identify, assemble = portal_of("interreg_aurora", AURORA)
