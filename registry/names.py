"""The rules for the names of models, of detector types and of files."""

import re

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from registry.errors import InvalidName

MAX_MODEL_ID_LENGTH = 100
MAX_FILE_NAME_BYTES = (
    200  # file systems stop at 255, and a temporary name is longer than the final one
)
# Windows takes these for devices, whatever the extension and the case.
RESERVED_STEM = re.compile(r"con|nul|aux|prn|(com|lpt)[0-9¹²³]", re.IGNORECASE)
# From the older system, which had no thresholds: their artifacts hold no calibration.
TYPES_WITHOUT_CALIBRATION = ("level1_legacy_isolation_forest", "level2_legacy_autoencoder")

model_id_validator = RegexValidator(
    # `match` is reserved for asking which model fits a device.
    re.compile(rf"\A(?!match\Z)[a-z0-9][a-z0-9_-]{{0,{MAX_MODEL_ID_LENGTH - 1}}}\Z"),
    "A model id has at most 100 characters: small letters, digits, _ and -, "
    "a letter or digit first; "
    '"match" is reserved.',
)
type_validator = RegexValidator(
    re.compile(r"\Alevel[1-9]_[a-z0-9_]+\Z"),
    "A type begins with its level, as in level2_autoencoder: small letters, digits and _.",
)


def check_model_id(model_id: str) -> None:
    """Refuse an id that a registered model may not have."""
    _check(model_id_validator, model_id)


def check_type(detector_type: str) -> None:
    """Refuse a type that does not begin with its level."""
    _check(type_validator, detector_type)


def check_file_name(name: str) -> None:
    """Refuse a name that is a path, is hidden, or that some file system cannot store."""
    if re.fullmatch(r"\w[\w.-]*", name) is None:
        raise InvalidName(
            f"{name!r} is no file name: use letters, digits, _, - and dots, and no folder."
        )
    if name.endswith("."):
        raise InvalidName(f"{name!r} ends with a dot, which Windows drops.")
    if RESERVED_STEM.fullmatch(name.partition(".")[0]):
        raise InvalidName(f"{name!r} is the name of a device on Windows.")
    if len(name.encode()) > MAX_FILE_NAME_BYTES:
        raise InvalidName(f"A file name has at most {MAX_FILE_NAME_BYTES} bytes.")


def _check(validator: RegexValidator, value: str) -> None:
    try:
        validator(value)
    except ValidationError as exc:
        raise InvalidName(f"{value!r}: {exc.message}") from exc
