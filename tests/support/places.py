"""Where things lie that tests look at from outside."""

from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
# Real recordings beside the project; tests that need them skip where they are not.
REAL = PROJECT.parent / "shared" / "data"
