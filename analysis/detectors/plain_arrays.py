"""The arrays of an .npz, read as plain numbers or not at all: nothing in it can be unpickled."""

import io
import re
import zipfile
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.errors import InvalidArtifact

MAX_UNPACKED_BYTES = 512 * 1024 * 1024
ZIP_MAGIC = b"PK\x03\x04"
MAGIC = b"\x93NUMPY\x01\x00"
# Magic and the length of the header.
PREFIX_BYTES = len(MAGIC) + 2
# As numpy writes it for numbers. Its own reader evaluates it as Python, which takes longer than all the rest.
HEADER = re.compile(
    rb"\{'descr': '([<|][iuf][1248])', 'fortran_order': (False|True), 'shape': \(((?:\d+, ?)*\d*)\), \} *\n"
)


def unpack(content: bytes) -> dict[str, npt.NDArray[Any]]:
    """The arrays of an .npz; objects are refused, and so is more than could be meant."""
    try:
        # zipfile would look for an archive behind whatever else there is.
        if not content.startswith(ZIP_MAGIC):
            raise zipfile.BadZipFile
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if sum(entry.file_size for entry in entries) <= MAX_UNPACKED_BYTES:
                return {
                    entry.filename.removesuffix(".npy"): parse(archive.read(entry))
                    for entry in entries
                }
    except Exception as exc:
        # What zipfile, its four decompressors and numpy raise at damaged bytes is a list that none of them promises.
        raise InvalidArtifact("The artifact is not a readable .npz of plain arrays.") from exc
    raise InvalidArtifact(f"The artifact unpacks to more than {MAX_UNPACKED_BYTES} bytes.")


def parse(content: bytes) -> npt.NDArray[Any]:
    """The array of an .npy of numbers, not copied; ValueError unless it is one and nothing else."""
    start = PREFIX_BYTES + int.from_bytes(content[len(MAGIC) : PREFIX_BYTES], "little")
    header = HEADER.fullmatch(content[PREFIX_BYTES:start])
    if not content.startswith(MAGIC) or header is None:
        raise ValueError("These bytes are no array of numbers.")
    dtype, is_transposed, shape = header.groups()
    numbers = np.frombuffer(content, dtype.decode(), offset=start)
    return numbers.reshape(
        [int(n) for n in shape.split(b",") if n.strip()],
        order="F" if is_transposed == b"True" else "C",
    )
