"""The root of every error that is raised on purpose."""


class SignalCraftError(Exception):
    """A named condition: the API renders {code, detail}, commands print the sentence."""

    status_code = 500
    code = "internal_error"
    # What HTTP wants to be told beside the body.
    headers: dict[str, str] = {}
    # Which values of the form it is about, where it is not about all: as validation tells it.
    fields: dict[str, dict[str, list[str]]] = {}

    def for_item(self, field: str, index: int) -> "SignalCraftError":
        """Say which value of a list it is about, counted from 0."""
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
