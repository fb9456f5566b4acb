"""What a plant writes into the environment, read so that a mistake is told in a sentence that names the variable."""

import re
from math import isfinite

import environ
from django.core.exceptions import ImproperlyConfigured

SWITCH = {
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
        """Read a switch; what is neither on nor off must not pass for off."""
        text = self.str(name, default=str(default))
        if text.lower() not in SWITCH:
            raise ImproperlyConfigured(f'{name} is "{text}", neither true nor false.')
        return SWITCH[text.lower()]

    def whole(
        self, name: str, of: str, *, default: int, least: int, most: int, hint: str = ""
    ) -> int:
        """Read a whole number of something."""
        text = self.str(name, default=str(default))
        # No more digits than are needed: Python refuses to read thousands of them.
        if not re.fullmatch(r"[0-9]{1,16}", text) or not least <= int(text) <= most:
            raise ImproperlyConfigured(
                f'{name} is "{text}", not a whole number of {of} from {least} to {most}.{hint}'
            )
        return int(text)

    def above_zero(self, name: str, of: str, *, default: float) -> float:
        """Read a number of something, which may be broken."""
        text = self.str(name, default=str(default))
        try:
            number = float(text)
        except ValueError:
            number = 0.0
        if not (isfinite(number) and number > 0):
            raise ImproperlyConfigured(f'{name} is "{text}", not a number of {of} above 0.')
        return number

    def limit(self, name: str, *, default: str) -> tuple[int, int] | None:
        """Read "120/min" or "10/5min" as how many in how many seconds; "off" is no limit."""
        text = self.str(name, default=default)
        if text == "off":
            return None
        match = re.fullmatch(r"([1-9][0-9]{0,9})/([1-9][0-9]{0,5})?(s|min|h)", text)
        if match is None:
            raise ImproperlyConfigured(
                f'{name} is "{text}", which is not a limit. Write one like 120/min, 10/5min or 1000/h, or "off".'
            )
        return int(match[1]), int(match[2] or 1) * UNIT_SECONDS[match[3]]
