"""A clone whose tools are stand-ins, and a port that is free."""

from tests.bootstrap.stand_in_clone import folder, port  # noqa: F401  # fixtures
