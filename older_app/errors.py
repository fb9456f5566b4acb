"""The errors of the older API that no other part of the server has."""

from core.errors import SignalCraftError


class SignUpOff(SignalCraftError):
    """People do not register themselves at this server."""

    status_code = 403
    code = "sign_up_off"


class EmailTaken(SignalCraftError):
    """A user with this e-mail address exists."""

    status_code = 409
    code = "email_taken"


class UnknownMachineType(SignalCraftError):
    """No machine type is named, or none has this name."""

    status_code = 422
    code = "unknown_machine_type"
