"""Region Norrbotten: project money, on utvecklanorrbotten.se."""

from pipeline.normalise.region_money import region

identify, assemble = region("region_norrbotten", "Projektstöd, Region Norrbotten")
