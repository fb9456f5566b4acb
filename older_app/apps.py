"""The app of the older API."""

from django.apps import AppConfig


class OlderAppConfig(AppConfig):
    name = "older_app"
    verbose_name = "older app"
