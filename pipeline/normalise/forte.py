"""Forte, the Swedish research council for health, working life and welfare: records of the GDP interface."""

from pipeline.normalise.gdp import Council

COUNCIL = Council("forte", "202100-5240", "https://forte.se/sok-finansiering/utlysningar")

identify, assemble = COUNCIL.identify, COUNCIL.assemble
