"""Outputs: who is told what, when, in which words and on which channel."""
