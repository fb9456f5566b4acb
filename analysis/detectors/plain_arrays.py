"""Pack arrays into an .npz, and read them as plain numbers or not at all: nothing is unpickled."""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from math import isfinite
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from analysis.errors import InvalidArtifact

Arrays: TypeAlias = Mapping[str, npt.NDArray[Any]]

# The arrays that a detector learnt are stored under names that begin with this.
DETECTOR_PREFIX = "detector_"
MAX_UNPACKED_BYTES = 512 * 1024 * 1024
ZIP_MAGIC = b"PK\x03\x04"
MAGIC = b"\x93NUMPY\x01\x00"
# Magic and the length of the header.
PREFIX_BYTES = len(MAGIC) + 2
# As numpy writes it for numbers. numpy's own reader evaluates it as Python, which is slow.
HEADER = re.compile(
    rb"\{'descr': '([<|][iuf][1248])', 'fortran_order': (False|True),"
    rb" 'shape': \(((?:\d+, ?)*\d*)\), \} *\n"
)


def pack(header: Mapping[str, Any], shared: Arrays, learnt: Mapping[str, Arrays]) -> bytes:
    """Return an .npz of a JSON header, the shared arrays and those that detectors learnt.

    learnt: by the prefix of each detector.
    """
    arrays = {"header": np.frombuffer(json.dumps(header).encode(), np.uint8)}
    arrays |= shared
    for prefix, of_detector in learnt.items():
        arrays |= {f"{prefix}{name}": array for name, array in of_detector.items()}
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    return content.getvalue()


def unpack(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays of an .npz; InvalidArtifact for objects and for too many bytes."""
    try:
        # zipfile would accept an archive behind other content.
        if not content.startswith(ZIP_MAGIC):
            raise zipfile.BadZipFile
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) <= MAX_UNPACKED_BYTES:
                return {
                    entry.filename.removesuffix(".npy"): parse_array(archive.read(entry))
                    for entry in entries
                }
    except Exception as exc:
        # zipfile, its decompressors and numpy do not document what they raise for damaged bytes.
        raise InvalidArtifact("The artifact is not a readable .npz of plain arrays.") from exc
    raise InvalidArtifact(f"The artifact unpacks to more than {MAX_UNPACKED_BYTES} bytes.")


def parse_array(content: bytes) -> npt.NDArray[Any]:
    """Return the array of an .npy of numbers, not copied; ValueError for anything else."""
    start = PREFIX_BYTES + int.from_bytes(content[len(MAGIC) : PREFIX_BYTES], "little")
    header = HEADER.fullmatch(content[PREFIX_BYTES:start])
    if not content.startswith(MAGIC) or header is None:
        raise ValueError("These bytes are not an array of numbers.")
    dtype, is_fortran, shape = header.groups()
    numbers = np.frombuffer(content, dtype.decode(), offset=start)
    dimensions = [int(n) for n in shape.split(b",") if n.strip()]
    return numbers.reshape(dimensions, order="F" if is_fortran == b"True" else "C")


def select_learnt_arrays(
    arrays: Arrays, prefix: str = DETECTOR_PREFIX
) -> dict[str, npt.NDArray[Any]]:
    """Return the arrays that a detector learnt, by its own names."""
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def take_array(
    arrays: Arrays, name: str, dtype: type[np.generic], shape: tuple[int | None, ...]
) -> npt.NDArray[Any]:
    """Return the array of this name; InvalidArtifact unless its dtype, shape and numbers are right.

    A length of None in the shape stands for any but 0; all numbers must be finite.
    """
    array = arrays.get(name)
    if not isinstance(array, np.ndarray):
        raise InvalidArtifact(f"The artifact has no array {name}.")
    if array.dtype != dtype or not _has_shape(array, shape):
        raise InvalidArtifact(
            f"The artifact's array {name} is {array.dtype} {array.shape}, not"
            f" {np.dtype(dtype)} {shape}."
        )
    if not np.isfinite(array).all():
        raise InvalidArtifact(f"The artifact's array {name} has numbers that are not finite.")
    return array


def _has_shape(array: npt.NDArray[Any], shape: tuple[int | None, ...]) -> bool:
    return array.ndim == len(shape) and all(
        length == expected or (expected is None and length > 0)
        for length, expected in zip(array.shape, shape, strict=True)
    )


def require_finite(number: float) -> float:
    """Return the number; ValueError unless it is finite."""
    if not isfinite(number):
        raise ValueError(f"{number} is not finite.")
    return number
