"""Unattended operation, with real processes."""
