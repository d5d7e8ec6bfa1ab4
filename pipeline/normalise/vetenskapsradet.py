"""Vetenskapsrådet, the Swedish Research Council: records of the GDP interface."""

from pipeline.normalise.gdp import Council

COUNCIL = Council("vetenskapsradet", "202100-5208", "https://www.vr.se/")

identify, assemble = COUNCIL.identify, COUNCIL.assemble
