"""What all commands of manage.py have in common: their help ends with an example."""

from typing import Any, ClassVar

from django.core.management.base import BaseCommand, CommandParser, DjangoHelpFormatter

EXAMPLE = "Example: "


class CommandWithExample(BaseCommand):
    """A command whose --help ends with one line that works, with names to be replaced."""

    example: ClassVar[str]

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        line = f"{EXAMPLE}.venv/bin/python manage.py {subcommand} {self.example}".rstrip()
        kwargs = {"formatter_class": HelpWithExample, "epilog": line} | kwargs
        return super().create_parser(prog_name, subcommand, **kwargs)


class HelpWithExample(DjangoHelpFormatter):
    """Keeps the example in one line, to be copied."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        if text.startswith(EXAMPLE):
            return indent + text
        return super()._fill_text(text, width, indent)
