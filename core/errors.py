"""The base class of every error that is raised on purpose, and the errors of core."""


class SignalCraftError(Exception):
    """A named condition: the API renders it as {code, detail}, commands print the sentence."""

    status_code = 500
    code = "internal_error"
    # HTTP headers of the answer.
    headers: dict[str, str] = {}
    # The values of the form that it is about, in the shape of validation errors.
    fields: dict[str, dict[str, list[str]]] = {}

    def for_item(self, field: str, index: int) -> "SignalCraftError":
        """Name the value of a list that it is about, counted from 0."""
        self.fields = {field: {str(index): [str(self)]}}
        return self


class InvalidRequest(SignalCraftError):
    """The request or an option does not make sense, whatever the recording holds."""

    status_code = 400
    code = "invalid"


class RowIsImmutable(SignalCraftError):
    """The row is never changed or deleted."""

    status_code = 409
    code = "written_once"


class ServerBusy(SignalCraftError):
    """Whatever the request waits for is taken by others; nothing is wrong with the request."""

    status_code = 503
    code = "server_busy"
    headers = {"Retry-After": "5"}


class DatabaseUnavailable(SignalCraftError):
    """The database is away, locked for too long, or all its connections are taken."""

    status_code = 503
    code = "database_unavailable"
    headers = {"Retry-After": "5"}


class TooSlow(SignalCraftError):
    """The body of the request arrives more slowly than any network of a plant is."""

    status_code = 408
    code = "too_slow"
