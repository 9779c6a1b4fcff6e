"""Stimme: clicks for and against what organisations do, counted in the open."""

__version__ = "0.1.0"
