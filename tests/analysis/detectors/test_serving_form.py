"""A damaged, foreign or hostile serving form is refused by name, at once, and never executed."""

import io
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from analysis import detectors
from analysis.detectors.artifact import Artifact
from analysis.detectors.base import MAX_DOMAIN_SHIFTS
from analysis.detectors.plain_arrays import MAX_UNPACKED_BYTES, unpack
from analysis.errors import InvalidArtifact
from tests.support.serving_forms import (
    REMOVED,
    arrays_of,
    is_refused,
    pack,
    serving_form,
    with_arrays,
    with_field,
    with_header,
)
from tests.support.trained_detectors import (
    AUTOENCODER,
    DETECTOR_TYPES,
    FOREST,
    MAHALANOBIS,
    get_artifact,
)


@pytest.fixture(params=DETECTOR_TYPES)
def detector_type(request):
    return request.param


# Not an archive of plain arrays


class Bomb:
    """Writes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (Path(self.path),)


@pytest.mark.parametrize("name", ["header", "mel_filterbank", "detector_evil"])
def test_objects_are_refused_and_not_unpickled(tmp_path, name):
    trap = np.array([Bomb(tmp_path / "ran")], dtype=object)
    assert is_refused(with_arrays(FOREST, **{name: trap}))
    assert not (tmp_path / "ran").exists()
    with np.load(io.BytesIO(with_arrays(FOREST, **{name: trap})), allow_pickle=True) as archive:
        archive[name]
    assert (tmp_path / "ran").exists(), "the trap is a trap"


def zip_of(entries, compression=zipfile.ZIP_STORED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression, compresslevel=1) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return file.getvalue()


def npy(descr="'<f4'", shape="(4,)", content=b""):
    """Return an .npy file with any header."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def bomb():
    """Return a few megabytes that unpack to more zeros than any artifact has."""
    zeros = bytes(MAX_UNPACKED_BYTES)
    return zip_of(
        {"header.npy": npy(shape=f"({len(zeros) // 4},)", content=zeros)}, zipfile.ZIP_DEFLATED
    )


def liar():
    """Return a zip whose directory declares that an entry unpacks to four gigabytes."""
    content = bytearray(zip_of({"header.npy": npy(content=bytes(16))}))
    directory = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, directory + 24, 2**32 - 2)
    return bytes(content)


def flagged(offset, value):
    """Return a zip with another value in its first entry: at 8 its flags, at 10 its compression."""
    content = bytearray(zip_of({"header.npy": npy(content=bytes(16))}))
    for signature, start in ((b"PK\x01\x02", offset), (b"PK\x03\x04", offset - 2)):
        struct.pack_into("<H", content, content.index(signature) + start, value)
    return bytes(content)


NOT_ARRAYS = {
    "nothing": lambda: b"",
    "random bytes": lambda: np.random.default_rng(0).bytes(10_000),
    "a single array": lambda: npy(content=bytes(16)),
    "a pickle": lambda: b"\x80\x04]\x94.",
    "an empty zip": lambda: zip_of({}),
    "a zip of text": lambda: zip_of({"header": b"{}", "header.npy": b"{}"}),
    "a header that is no array": lambda: zip_of({"header": b"{}"}),
    "an array before a zip": lambda: npy(content=bytes(16)) + serving_form(FOREST),
    "half of one": lambda: serving_form(FOREST)[: len(serving_form(FOREST)) // 2],
    "the end of one": lambda: serving_form(FOREST)[-5000:],
    "all but its last byte": lambda: serving_form(FOREST)[:-1],
    "half a gigabyte of zeros": bomb,
    "four gigabytes, it says": liar,
    "an array of a petabyte": lambda: zip_of({"header.npy": npy(shape=f"({2**48},)")}),
    "an array of more than there is": lambda: zip_of(
        {"header.npy": npy(shape=f"({2**62}, {2**62})")}
    ),
    "an array of less than nothing": lambda: zip_of({"header.npy": npy(shape="(-4,)")}),
    "an array that is shorter": lambda: zip_of({"header.npy": npy(content=b"123")}),
    "a dtype that is none": lambda: zip_of({"header.npy": npy(descr="()")}),
    "a shape that is none": lambda: zip_of({"header.npy": npy(shape="'four'")}),
    "an endless tuple": lambda: zip_of({"header.npy": npy(shape="(" * 5000)}),
    "an encrypted entry": lambda: flagged(8, 1),
    "an unknown compression": lambda: flagged(10, 99),
    "a compression that it is not": lambda: flagged(10, zipfile.ZIP_DEFLATED),
    "another that it is not": lambda: flagged(10, zipfile.ZIP_LZMA),
    "a third that it is not": lambda: flagged(10, zipfile.ZIP_BZIP2),
}


@pytest.mark.parametrize("make", NOT_ARRAYS.values(), ids=NOT_ARRAYS)
def test_content_that_is_not_an_archive_of_arrays_is_refused(make):
    assert is_refused(make())


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(), (3,), (3, 4), (2, 3, 4)])
@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<i4", "|u1"])
def test_arrays_are_read_as_numpy_reads_them(dtype, shape, order):
    written = np.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape), dtype, order=order)
    content = pack({"a": written})
    with np.load(io.BytesIO(content)) as archive:
        expected = archive["a"]
    read = unpack(content)["a"]
    assert (read.dtype, read.shape, read.strides) == (
        expected.dtype,
        expected.shape,
        expected.strides,
    )
    assert (read == expected).all()


# Arrays that do not fit


def test_every_array_is_needed(detector_type):
    for name in arrays_of(detector_type):
        assert is_refused(with_arrays(detector_type, **{name: REMOVED})), name


def test_every_array_has_one_shape_and_one_dtype(detector_type):
    for name, array in arrays_of(detector_type).items():
        for other in (
            array[:0],
            array[np.newaxis],
            array.astype(">f2"),
            array.astype("U8"),
            np.float64(1),
        ):
            assert is_refused(with_arrays(detector_type, **{name: other})), (
                name,
                other.dtype,
                other.shape,
            )


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
def test_every_number_is_finite(detector_type, number):
    for name, array in arrays_of(detector_type).items():
        if array.dtype.kind == "f":
            spoilt = array.copy()
            spoilt.flat[-1] = number
            assert is_refused(with_arrays(detector_type, **{name: spoilt})), name


@pytest.mark.parametrize("name", ["feature", "left", "right", "roots"])
@pytest.mark.parametrize("index", [2**31 - 1, -2, -(2**31)])
def test_an_index_out_of_range_is_refused(name, index):
    indices = arrays_of(FOREST)[f"detector_{name}"].copy()
    indices[0] = index
    assert is_refused(with_arrays(FOREST, **{f"detector_{name}": indices}))


@pytest.mark.parametrize("name", ["left", "right"])
@pytest.mark.parametrize("back", [0, 1])
def test_a_walk_through_a_tree_cannot_turn_back(name, back):
    arrays = arrays_of(FOREST)
    inner = np.flatnonzero(arrays["detector_feature"] >= 0)[1]
    children = arrays[f"detector_{name}"].copy()
    children[inner] = inner - back
    assert is_refused(with_arrays(FOREST, **{f"detector_{name}": children}))


def test_a_tree_that_is_one_long_chain_is_refused():
    n_nodes = 300_000
    after = np.minimum(np.arange(1, n_nodes + 1), n_nodes - 1).astype(np.int32)
    chain = {
        "feature": np.append(np.zeros(n_nodes - 1), -1).astype(np.int32),
        "threshold": np.zeros(n_nodes),
        "left": after,
        "right": after,
        "path_length": np.zeros(n_nodes),
        "roots": np.zeros(1, np.int32),
    }
    assert is_refused(
        with_arrays(FOREST, **{f"detector_{name}": array for name, array in chain.items()})
    )


@pytest.mark.parametrize(
    ("detector_type", "name"),
    [
        *((FOREST, name) for name in ("scale", "frame_std", "expected_path_length")),
        *(
            (MAHALANOBIS, name)
            for name in ("scale", "deviation", "frame_std", "precision_tonality")
        ),
        (AUTOENCODER, "input_scaling"),
    ],
)
def test_a_divisor_is_above_zero(detector_type, name):
    divisors = arrays_of(detector_type)[f"detector_{name}"].copy()
    divisors.flat[-1] = 0
    assert is_refused(with_arrays(detector_type, **{f"detector_{name}": divisors}))


def test_layers_fit_each_other():
    arrays = arrays_of(AUTOENCODER)
    assert is_refused(with_arrays(AUTOENCODER, detector_weight_1=arrays["detector_weight_1"][:-1]))
    assert is_refused(with_arrays(AUTOENCODER, detector_bias_1=arrays["detector_bias_1"][:-1]))
    assert is_refused(
        with_arrays(AUTOENCODER, **{f"detector_weight_{i}": np.ones((8, 8)) for i in range(10, 60)})
    )


def test_numbers_that_overflow_are_refused_without_a_warning(detector_type):
    name = "detector_weight_1" if detector_type == AUTOENCODER else "detector_mean"
    array = arrays_of(detector_type)[name]
    largest = np.full_like(array, np.finfo(array.dtype).max)
    assert is_refused(with_arrays(detector_type, **{name: largest}))


def test_calibration_scores_are_in_order_and_differ(detector_type):
    scores = arrays_of(detector_type)["calibration_scores"]
    for other in (scores[::-1], np.full_like(scores, 0.5), scores[:19]):
        assert is_refused(with_arrays(detector_type, calibration_scores=other.copy()))


def test_a_precision_is_positive(detector_type):
    precision = arrays_of(detector_type)["precision"]
    assert is_refused(with_arrays(detector_type, precision=-precision))


def test_the_scale_of_a_tonal_profile_is_above_zero(detector_type):
    assert is_refused(
        with_arrays(detector_type, line_deviation=0 * arrays_of(detector_type)["line_deviation"])
    )


@pytest.mark.parametrize("n_frames", [1, 4, 20_000])
def test_a_golden_clip_is_as_long_as_a_clip(n_frames):
    golden = np.zeros((n_frames, get_artifact(AUTOENCODER).front_end.spec.n_mels), np.float32)
    assert is_refused(with_arrays(AUTOENCODER, golden_description=golden))


def test_too_many_domain_shifts_are_refused(detector_type):
    shifts = arrays_of(detector_type)["detector_channels"]
    assert is_refused(
        with_arrays(detector_type, detector_channels=np.repeat(shifts, MAX_DOMAIN_SHIFTS, axis=0))
    )


@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_a_golden_clip_with_another_score_is_refused(detector_type, factor):
    artifact = get_artifact(detector_type)
    score = artifact.golden_score + (factor - 1) * max(
        abs(artifact.golden_score), artifact.calibration.spread
    )
    assert is_refused(with_field(detector_type, "golden_score", repr(score)))


# Any byte


def test_a_flipped_byte_is_refused_or_harmless(detector_type):
    content = serving_form(detector_type)
    rng = np.random.default_rng(0)
    # Most bytes are in arrays; a parser fails in the directory at the end and in the headers.
    everywhere = rng.integers(len(content), size=100)
    at_the_end = len(content) - rng.integers(1, 2500, size=200)
    n_refused = 0
    for position in np.concatenate([everywhere, at_the_end]):
        flipped = bytearray(content)
        flipped[position] ^= rng.integers(1, 256)
        try:
            assert isinstance(detectors.read(bytes(flipped)), Artifact)
        except InvalidArtifact:
            n_refused += 1
    assert n_refused > 200


def test_a_flipped_byte_in_the_header_is_refused_or_harmless(detector_type):
    header = arrays_of(detector_type)["header"]
    rng = np.random.default_rng(1)
    for position in rng.integers(len(header), size=150):
        flipped = header.copy()
        flipped[position] ^= rng.integers(1, 256)
        try:
            assert isinstance(
                detectors.read(with_header(detector_type, flipped.tobytes())), Artifact
            )
        except InvalidArtifact:
            continue
