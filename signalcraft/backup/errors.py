"""Why a backup or a restore is refused."""

from core.errors import SignalCraftError


class BackupRefused(SignalCraftError):
    """It cannot be done as things are; nothing was changed."""

    status_code = 409
    code = "refused"
