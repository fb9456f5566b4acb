"""How fast and how well: measured beside peers, never asserted in a test."""
