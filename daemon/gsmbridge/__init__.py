"""gsmbridge: what the SIMs of a modem farm receive, pushed once, under the right number."""

__version__ = "0.1.0"

RELEASED = 1795478400
"""Unix time of this release, 2026-11-24 00:00 UTC. No correct clock reads earlier than this."""
