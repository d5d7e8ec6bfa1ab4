"""Interreg Northern Periphery and Arctic."""

from pipeline.normalise.interreg import NPA, portal_of

identify, assemble = portal_of("interreg_npa", NPA)
