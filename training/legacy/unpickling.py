"""Opens the older system's files, as a program of its own with limits of time and memory.

`python -m training.legacy.unpickling TYPE FILE...` writes an .npz of plain arrays: what the
detector has learnt, and reference features with the scores that scikit-learn or PyTorch give them.
A pickle can name any function there is; this program finds only what a scaler and an isolation
forest are made of.
"""

import io
import pickle
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
from joblib.numpy_pickle import NumpyUnpickler
from sklearn.ensemble import IsolationForest
from sklearn.preprocessing import StandardScaler

from analysis.detectors.legacy import LegacyAutoencoder, LegacyIsolationForest
from core.errors import SignalCraftError
from training.fitters.forest import flatten

ALLOWED = {
    ("joblib.numpy_pickle", "NumpyArrayWrapper"),
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "scalar"),
    ("sklearn.ensemble._iforest", "IsolationForest"),
    ("sklearn.preprocessing._data", "StandardScaler"),
    ("sklearn.tree._classes", "ExtraTreeRegressor"),
    ("sklearn.tree._tree", "Tree"),
}
REFUSED = 3  # the exit status that goes with a sentence on stderr
N_REFERENCES = 64
MAX_MEMORY_BYTES = 8 * 1024**3
MAX_CPU_SECONDS = 60
LAYERS = ("encoder.0", "encoder.3", "encoder.5", "decoder.0", "decoder.3", "decoder.5")
# What torch.load and reading the layers raise for other files.
NOT_A_STATE_DICT = (
    pickle.UnpicklingError,
    RuntimeError,
    KeyError,
    TypeError,
    AttributeError,
    EOFError,
    ValueError,
)

Arrays = dict[str, npt.NDArray[Any]]


class Refused(Exception):
    """The file is not what it should be; the message says why in a sentence."""


class RestrictedUnpickler(NumpyUnpickler):
    """Finds the classes of ALLOWED and no others."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise Refused(
                f"The pickle asks for {module}.{name}, which no scaler and no forest needs."
            )
        return super().find_class(module, name)


def unpickle(file: BinaryIO) -> Any:
    """Read one pickle as joblib writes it."""
    try:
        return RestrictedUnpickler("", file, ensure_native_byte_order=True).load()
    except (Refused, MemoryError):
        raise
    except Exception as exc:  # bytes that are no pickle end in whatever they happen to mean
        raise Refused("The file is not a readable pickle of a scaler or a forest.") from exc


def open_forest(model: Path, scaler: Path) -> Arrays:
    """Open a forest and its scaler."""
    forest = _open(model)
    scaling = _open(scaler)
    if type(forest) is not IsolationForest or type(scaling) is not StandardScaler:
        raise Refused("The files do not hold an isolation forest and a scaler.")
    if any((chosen != np.arange(len(chosen))).any() for chosen in forest.estimators_features_):
        raise Refused("The trees of the forest do not use all features.")
    offset = np.array([forest.offset_], dtype=np.float64)
    arrays = flatten(forest) | {"mean": scaling.mean_, "scale": scaling.scale_, "offset": offset}
    # Before anything walks through the trees: of their shape nothing is known yet.
    LegacyIsolationForest.from_arrays(arrays)
    random = np.random.default_rng(0)
    noise = random.standard_normal((N_REFERENCES, len(scaling.mean_)))
    features = scaling.mean_ + 3 * scaling.scale_ * noise
    scores = 0.5 - forest.decision_function(scaling.transform(features))
    return arrays | make_references(features, scores)


def _open(path: Path) -> Any:
    with path.open("rb") as file:
        return unpickle(file)


def open_autoencoder(model: Path) -> Arrays:
    """Open a state_dict with torch's own restricted unpickler."""
    # Imported late: a forest needs none of it, and it takes seconds.
    import torch
    from torch.nn.functional import linear, relu

    try:
        state = torch.load(model, map_location="cpu", weights_only=True)
        layers = [(state[f"{name}.weight"], state[f"{name}.bias"]) for name in LAYERS]
        arrays = {f"weight_{i}": weight.T.numpy() for i, (weight, _) in enumerate(layers)}
        arrays |= {f"bias_{i}": bias.numpy() for i, (_, bias) in enumerate(layers)}
    except NOT_A_STATE_DICT as exc:
        raise Refused("The file is not a state_dict of the older system's autoencoder.") from exc
    LegacyAutoencoder.from_arrays(arrays)

    features = np.random.default_rng(0).random((N_REFERENCES, len(arrays["weight_0"])))
    values = target = torch.from_numpy(features.astype(np.float32))
    for name, (weight, bias) in zip(LAYERS, layers, strict=True):
        values = linear(values, weight, bias)
        values = values if name.endswith(".5") else relu(values)
    scores = ((values - target) ** 2).mean(dim=1).numpy()
    return arrays | make_references(features, scores)


OPENERS: dict[str, Callable[..., Arrays]] = {
    LegacyIsolationForest.type: open_forest,
    LegacyAutoencoder.type: open_autoencoder,
}


def make_references(features: npt.NDArray[Any], scores: npt.NDArray[Any]) -> Arrays:
    """Return what the serving form is compared with, by name."""
    return {
        "reference_features": np.ascontiguousarray(features, dtype=np.float64),
        "reference_scores": np.asarray(scores, dtype=np.float64),
    }


def limit_this_process() -> None:
    """Limit memory, time and files to what opening a file needs, where the system can."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main(detector_type: str, *files: str) -> int:
    """Open the files of one model and write its arrays to stdout."""
    limit_this_process()
    # scikit-learn warns of pickles of another release; the reference scores decide.
    warnings.simplefilter("ignore")
    try:
        arrays = OPENERS[detector_type](*map(Path, files))
    except (Refused, SignalCraftError) as exc:
        sys.stderr.write(f"{exc}\n")
        return REFUSED
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    sys.stdout.buffer.write(content.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
