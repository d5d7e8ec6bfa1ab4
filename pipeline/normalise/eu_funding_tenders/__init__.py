"""Funding & Tenders portal of the European Commission: rows of its search index -> calls.

Three kinds of calls share the index: topics (type 1), calls of external action (type 2) and cascade calls (type
8). News of topics (type 6) are rows of their own. One call has many rows: languages, generations, stubs, news.
What the index means by its fields was found by looking at its answers; it is noted where it is used.
"""

from pipeline.normalise.eu_funding_tenders.assembly import assemble
from pipeline.normalise.eu_funding_tenders.identity import identify

__all__ = ["assemble", "identify"]
