"""What other apps may listen to; each is sent once its transaction is committed (docs/extend.md)."""

from functools import partial
from typing import Any

from django.db import transaction
from django.dispatch import Signal

# version
version_published = Signal()
# model, promotion: another version serves
serving_changed = Signal()
# model, promotion: this model became the default, or is it no more
default_changed = Signal()


def publish_event(signal: Signal, sender: type, **said: Any) -> None:
    """Send after the commit; a listener that fails is logged, and undoes nothing."""
    transaction.on_commit(partial(signal.send_robust, sender, **said))
