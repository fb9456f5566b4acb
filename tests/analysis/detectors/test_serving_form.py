"""A serving form that is damaged, foreign or hostile is refused by name, at once, and never runs."""

import io
import json
import struct
import time
import zipfile
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from analysis import detectors
from analysis.detectors.artifact import FORMAT_VERSION, Artifact
from analysis.detectors.base import MAX_DOMAIN_SHIFTS
from analysis.detectors.plain_arrays import MAX_UNPACKED_BYTES, unpack
from analysis.errors import InvalidArtifact
from tests.support.trained_detectors import (
    AUTOENCODER,
    DETECTOR_TYPES,
    FOREST,
    MAHALANOBIS,
    artifact,
    trained,
)

MAX_SECONDS = 1.0
REMOVED = object()


@pytest.fixture(params=DETECTOR_TYPES)
def detector_type(request):
    return request.param


def serving_form(detector_type):
    return trained(detector_type).serving_form


@cache
def arrays_of(detector_type):
    with np.load(io.BytesIO(serving_form(detector_type))) as archive:
        return dict(archive)


def packed(arrays):
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def with_arrays(detector_type, **changed):
    """The serving form with some arrays in place of its own, or gone."""
    arrays = arrays_of(detector_type) | changed
    return packed({name: array for name, array in arrays.items() if array is not REMOVED})


def with_header(detector_type, text):
    return with_arrays(detector_type, header=np.frombuffer(text, np.uint8))


def with_field(detector_type, path, text):
    """The serving form with one field of its header in place of its own, as JSON text: json.dumps is too careful."""
    header = json.loads(arrays_of(detector_type)["header"].tobytes())
    *parents, last = path.split(".")
    part = header
    for parent in parents:
        part = part[parent]
    part[last] = "HERE"
    return with_header(detector_type, json.dumps(header).replace('"HERE"', text).encode())


def is_refused(content):
    """Whether it is refused by name; anything else that happens fails the test. Slowly is a failure, too."""
    started = time.process_time()
    with pytest.raises(InvalidArtifact) as refusal:
        detectors.read(content)
    assert time.process_time() - started < MAX_SECONDS
    assert (refusal.value.status_code, refusal.value.code) == (503, "artifact_corrupt")
    return True


# Not an archive of plain arrays


class Bomb:
    """Unpickled, it writes a file."""

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
    """An array's file whose header says what it likes."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}}}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + content


def bomb():
    """More zeros than any artifact holds, in a few megabytes."""
    zeros = bytes(MAX_UNPACKED_BYTES)
    return zip_of(
        {"header.npy": npy(shape=f"({len(zeros) // 4},)", content=zeros)}, zipfile.ZIP_DEFLATED
    )


def liar():
    """A zip whose directory says that an entry unpacks to four gigabytes."""
    content = bytearray(zip_of({"header.npy": npy(content=bytes(16))}))
    directory = content.rindex(b"PK\x01\x02")
    struct.pack_into("<I", content, directory + 24, 2**32 - 2)
    return bytes(content)


def flagged(offset, value):
    """A zip whose directory says something else at an offset of its first entry: 8 its flags, 10 its compression."""
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
def test_what_is_no_archive_of_arrays_is_refused(make):
    assert is_refused(make())


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("shape", [(), (3,), (3, 4), (2, 3, 4)])
@pytest.mark.parametrize("dtype", ["<f4", "<f8", "<i4", "|u1"])
def test_arrays_are_read_as_numpy_reads_them(dtype, shape, order):
    written = np.asarray(np.arange(np.prod(shape, dtype=int)).reshape(shape), dtype, order=order)
    content = packed({"a": written})
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
def test_an_index_that_leads_nowhere_is_refused(name, index):
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


def test_numbers_that_overflow_are_refused_in_silence(detector_type):
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


def test_a_deviation_of_lines_is_above_zero(detector_type):
    assert is_refused(
        with_arrays(detector_type, line_deviation=0 * arrays_of(detector_type)["line_deviation"])
    )


@pytest.mark.parametrize("n_frames", [1, 4, 20_000])
def test_a_golden_clip_is_as_long_as_a_clip(n_frames):
    golden = np.zeros((n_frames, artifact(AUTOENCODER).front_end.spec.n_mels), np.float32)
    assert is_refused(with_arrays(AUTOENCODER, golden_description=golden))


def test_more_channels_than_make_sense_are_refused(detector_type):
    channels = arrays_of(detector_type)["detector_channels"]
    assert is_refused(
        with_arrays(detector_type, detector_channels=np.repeat(channels, MAX_DOMAIN_SHIFTS, axis=0))
    )


@pytest.mark.parametrize("factor", [0.99, 1.01])
def test_a_golden_clip_that_scores_otherwise_is_refused(detector_type, factor):
    judge = artifact(detector_type)
    score = judge.golden_score + (factor - 1) * max(
        abs(judge.golden_score), judge.calibration.spread
    )
    assert is_refused(with_field(detector_type, "golden_score", repr(score)))


# Headers that make no sense


@pytest.mark.parametrize(
    "text",
    [
        b"{",
        b"\xff\xfe\xff",
        b"null",
        b"[]",
        b"1",
        b'"pump"',
        b"{}",
        b"[" * 100_000,
        b"9" * 100_000,
        b'{"a":' * 100_000,
    ],
    ids=lambda text: text[:5].decode(errors="replace"),
)
def test_a_header_that_is_no_json_object_is_refused(text):
    assert is_refused(with_header(FOREST, text))


WRONG_KINDS = ("null", "[]", "{}", '"four"', "[1]", '{"a": 1}')
NOT_NUMBERS = (*WRONG_KINDS, "NaN", "Infinity", "-Infinity", "1e999", "9" * 400)
NOT_COUNTS = (*NOT_NUMBERS, "0", "-8", "2.5", "128.0")

NONSENSE = {
    "format_version": (*NOT_NUMBERS, str(FORMAT_VERSION + 1), "0"),
    "type": (*WRONG_KINDS, '"level9_oracle"', "2"),
    "feature_spec": (*WRONG_KINDS, "4"),
    "feature_spec.clip_seconds": (*NOT_NUMBERS, "0", "-1", "1e7"),
    "feature_spec.n_mels": (*NOT_COUNTS, "65536", "127"),
    "feature_spec.n_fft": (*NOT_COUNTS, "1", "1000000000"),
    "feature_spec.hop_length": (*NOT_COUNTS, "1", "1000000000"),
    "feature_spec.sample_rate_hz": (*NOT_COUNTS, "1000000000", "8000"),
    "feature_spec.low_hz": (*NOT_NUMBERS, "0", "-30", "7600"),
    "feature_spec.high_hz": (*NOT_NUMBERS, "0", "30", "9000"),
    "feature_spec.trim_seconds": (*NOT_NUMBERS, "-0.1", "0.5"),
    "feature_spec.relative_floor": (*NOT_NUMBERS, "0", "-1", "1", "1e-300"),
    "feature_spec.bandwidth_hz": (*NOT_NUMBERS, "-1", "8000"),
    "calibration": (*WRONG_KINDS, "4"),
    "calibration.target_false_alarm_rate": (*NOT_NUMBERS, "0", "-0.1", "0.6"),
    "calibration.n_groups": (*NOT_COUNTS, "1000000"),
    "calibration.notes": ("null", "4"),
    "calibration.warning": (*NOT_NUMBERS, "0", "0.500001"),
    "calibration.critical": (*NOT_NUMBERS, "0", "0.500001"),
    "profile": (*WRONG_KINDS, "4"),
    "profile.curve_limit": NOT_NUMBERS,
    "profile.level_limit": NOT_NUMBERS,
    "profile.residual_limit": NOT_NUMBERS,
    "profile.line_limit": NOT_NUMBERS,
    "length_scale": (*WRONG_KINDS, "4"),
    "length_scale.factor": (*NOT_NUMBERS, "0", "-1"),
    "length_scale.offset": NOT_NUMBERS,
    "golden_score": (*NOT_NUMBERS, "0"),
}


@pytest.mark.parametrize("path", NONSENSE)
def test_a_header_field_that_makes_no_sense_is_refused(path):
    for text in NONSENSE[path]:
        assert is_refused(with_field(AUTOENCODER, path, text)), text[:20]


@pytest.mark.parametrize("name", ["warning", "critical"])
def test_a_threshold_that_is_missing_is_refused(name):
    header = json.loads(arrays_of(FOREST)["header"].tobytes())
    del header["calibration"][name]
    assert is_refused(with_header(FOREST, json.dumps(header).encode()))


def test_every_field_of_the_header_is_spoken_for():
    header = json.loads(arrays_of(FOREST)["header"].tobytes())
    parts = {key: part for key, part in header.items() if isinstance(part, dict)}
    paths = {*header, *(f"{key}.{name}" for key, part in parts.items() for name in part)}
    assert paths - NONSENSE.keys() <= {"calibration.method"}


def test_a_detector_of_one_type_is_not_read_as_another():
    assert is_refused(with_field(FOREST, "type", f'"{AUTOENCODER}"'))
    assert is_refused(with_field(AUTOENCODER, "type", f'"{FOREST}"'))


# Anything


def test_a_flipped_byte_is_refused_or_harmless(detector_type):
    content = serving_form(detector_type)
    rng = np.random.default_rng(0)
    # Most bytes are in arrays; the directory at the end and the headers between are where a parser trips.
    everywhere, at_the_end = (
        rng.integers(len(content), size=100),
        len(content) - rng.integers(1, 2500, size=200),
    )
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
