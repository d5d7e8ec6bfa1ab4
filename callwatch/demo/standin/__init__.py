"""The stand-in: a real HTTP server on loopback that answers like the Funding & Tenders portal, and as strictly."""
