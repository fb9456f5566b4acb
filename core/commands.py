"""What all commands of manage.py have in common: their help ends with an example."""

from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser


class CommandWithExample(BaseCommand):
    """A command whose --help ends with one line that works, with names to be replaced."""

    example: ClassVar[str]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        line = f"Example: .venv/bin/python manage.py {subcommand} {self.example}".rstrip()
        return super().create_parser(prog_name, subcommand, epilog=line, **kwargs)
