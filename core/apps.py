"""The ground floor: what every app above it may use."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "core"
