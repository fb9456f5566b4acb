"""Reads the environment and .env; a bad value is an error that names the variable."""

import re
from math import isfinite

import environ
from django.core.exceptions import ImproperlyConfigured

SWITCH_VALUES = {
    "true": True,
    "on": True,
    "yes": True,
    "1": True,
    "false": False,
    "off": False,
    "no": False,
    "0": False,
}
UNIT_SECONDS = {"s": 1, "min": 60, "h": 3600}


class Environment(environ.Env):
    """The environment, and .env below it."""

    def switch(self, name: str, *, default: bool) -> bool:
        """Read true or false; a typing error must not pass for false."""
        text = self.str(name, default=str(default))
        if text.lower() not in SWITCH_VALUES:
            raise ImproperlyConfigured(f'{name} is "{text}". Write true or false.')
        return SWITCH_VALUES[text.lower()]

    def integer(
        self, name: str, unit: str, *, default: int, minimum: int, maximum: int, hint: str = ""
    ) -> int:
        """Read a whole number of units."""
        text = self.str(name, default=str(default))
        # No more digits than are needed: Python refuses to read thousands of them.
        is_number = re.fullmatch(r"[0-9]{1,16}", text)
        if not is_number or not minimum <= int(text) <= maximum:
            expected = f"a whole number of {unit} from {minimum} to {maximum}"
            raise ImproperlyConfigured(f'{name} is "{text}". Write {expected}{hint}.')
        return int(text)

    def positive_float(self, name: str, unit: str, *, default: float) -> float:
        """Read a number of units above 0."""
        text = self.str(name, default=str(default))
        try:
            number = float(text)
        except ValueError:
            number = 0.0
        if not (isfinite(number) and number > 0):
            raise ImproperlyConfigured(f'{name} is "{text}". Write a number of {unit} above 0.')
        return number

    def rate_limit(self, name: str, *, default: str) -> tuple[int, int] | None:
        """Read "120/min" or "10/5min" as (count, seconds), and "off" as None."""
        text = self.str(name, default=default)
        if text == "off":
            return None

        match = re.fullmatch(r"([1-9][0-9]{0,9})/([1-9][0-9]{0,5})?(s|min|h)", text)
        if match is None:
            examples = 'a limit such as 120/min, 10/5min or 1000/h, or "off"'
            raise ImproperlyConfigured(f'{name} is "{text}". Write {examples}.')
        return int(match[1]), int(match[2] or 1) * UNIT_SECONDS[match[3]]
