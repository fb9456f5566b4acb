#!/usr/bin/env python
"""Django's command line for SignalCraft."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    """Run a command; a setting that cannot be is told in its sentence alone."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "signalcraft.settings")
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as exc:
        sys.exit(f"SignalCraft cannot start: {exc}")


if __name__ == "__main__":
    main()
