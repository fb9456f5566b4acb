"""The root of every error that is raised on purpose."""


class SignalCraftError(Exception):
    """A condition with a name: the API renders it as {code, detail}, commands print the sentence."""

    status_code = 500
    code = "internal_error"
    # What HTTP wants to be told beside the body.
    headers: dict[str, str] = {}


class InvalidRequest(SignalCraftError):
    """The request or an option does not make sense, whatever the recording holds."""

    status_code = 400
    code = "invalid"
