"""Region Västerbotten: project money in rounds that follow those of the EU's funds."""

from pipeline.normalise.region_money import region

identify, assemble = region("region_vasterbotten", "Regionala projektmedel, Region Västerbotten")
