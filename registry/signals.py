"""Signals that other apps may connect to; each is sent after its transaction (docs/extend.md)."""

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

# Sent with: version.
version_published = Signal()
# Another version serves. Sent with: model, promotion.
serving_changed = Signal()
# This model became or stopped being the default. Sent with: model, promotion.
default_changed = Signal()


def publish_event(signal: Signal, sender: type, **params: Any) -> None:
    """Send a signal after the commit; a receiver that fails is logged and undoes nothing."""
    transaction.on_commit(partial(signal.send_robust, sender, **params))
