"""Formas, the Swedish research council for sustainable development: records of the GDP interface."""

from pipeline.normalise.gdp import Council

COUNCIL = Council("formas", "202100-5232", "https://formas.se/soka-finansiering/alla-utlysningar.html")

identify, assemble = COUNCIL.identify, COUNCIL.assemble
