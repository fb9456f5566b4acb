"""A mark for the methods of models that write."""

from collections.abc import Callable
from typing import Any, TypeVar

Verb = TypeVar("Verb", bound=Callable[..., Any])


def alters_data(verb: Verb) -> Verb:
    """Keep templates from calling a method that writes."""
    verb.__dict__["alters_data"] = True
    return verb
