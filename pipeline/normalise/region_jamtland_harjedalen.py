"""Region Jämtland Härjedalen: co-financing of projects, with a table of days for each meeting that decides."""

from pipeline.normalise.region_money import region

identify, assemble = region("region_jamtland_harjedalen", "Projektstöd, Region Jämtland Härjedalen")
