"""Region Västernorrland: project grants, on a page in English."""

from pipeline.normalise.region_money import region

identify, assemble = region("region_vasternorrland", "Project grants, Region Västernorrland", "en")
