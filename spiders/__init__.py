"""Inputs: fetch what portals publish and hand over raw records. No database, no alerts."""
