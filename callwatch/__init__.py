"""Composition root: the command line, the settings, the daemon and the demonstration."""

__version__ = "0.1.0"
