"""Unattended operation, with real processes; over years; and as it is installed."""
