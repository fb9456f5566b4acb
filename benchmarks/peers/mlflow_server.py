"""MLflow's scoring server around one of our artifacts, in an environment of its own.

MLflow is no requirement of the project: the benchmark installs it.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks.support.load import Request
from benchmarks.support.processes import run_server

ROOT = Path(__file__).resolve().parents[2]
# What analysis imports; installed in the versions of the project.
NEEDED = ("numpy", "scipy", "soundfile", "av", "soxr")
MLFLOW = "mlflow==3.17.2"
# No telemetry; our packages can be imported.
ENVIRONMENT = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "PYTHONPATH": str(ROOT),
    "OPENBLAS_NUM_THREADS": "1",
}

# Runs in MLflow's environment: the same decoding, the same detector, the same explanation.
MODEL = """
import base64
from dataclasses import asdict
from pathlib import Path

import mlflow
from analysis import detectors
from analysis.sound.audio import decode
from analysis.sound.evidence import measure_evidence
from analysis.sound.quality import assess_quality


class Analyzer(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.artifact = detectors.read(Path(context.artifacts["serving_form"]).read_bytes())

    def predict(self, context, model_input, params=None):
        return [self.analyze(base64.b64decode(recording)) for recording in model_input["recording"]]

    def analyze(self, content):
        clip = decode(content)
        quality, prediction = assess_quality(clip), self.artifact.predict(clip.waveform, clip.codec)
        score = prediction.anomaly_score
        return {
            "anomaly_score": score,
            "label": self.artifact.calibration.label(score),
            "quality": asdict(quality),
            "evidence": asdict(measure_evidence(clip.waveform, quality.level_dbfs)),
            "segments": [asdict(segment) for segment in prediction.explanation.segments],
            "curve": prediction.explanation.curve.tolist(),
        }


mlflow.models.set_model(Analyzer())
"""
SAVE = """
import sys
import mlflow
folder, code, serving_form = sys.argv[1:]
mlflow.pyfunc.save_model(folder, python_model=code, artifacts={"serving_form": serving_form})
"""


def install(venv: Path) -> Path:
    """Make the environment unless it is there, and return its Python."""
    python = venv / "bin" / "python"
    if not (venv / "bin" / "mlflow").exists():
        lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        prefixes = tuple(f"{name}==" for name in NEEDED)
        pins = [line.split("#")[0].strip() for line in lines if line.startswith(prefixes)]
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", MLFLOW, *pins], check=True)
    return python


@contextmanager
def run_mlflow_server(
    python: Path, folder: Path, serving_form: bytes, *, port: int, workers: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Save the artifact as a model of MLflow, and let MLflow serve it."""
    folder.mkdir()
    for name, content in {"model.py": MODEL.encode(), "serving.npz": serving_form}.items():
        (folder / name).write_bytes(content)
    arguments = [folder / "saved", folder / "model.py", folder / "serving.npz"]
    environment: Mapping[str, str] = ENVIRONMENT | {"PATH": f"{python.parent}:/usr/bin:/bin"}
    subprocess.run(
        [python, "-c", SAVE, *arguments],
        check=True,
        cwd=folder,
        env=environment,
        capture_output=True,
    )
    where = ("--host", "127.0.0.1", "--port", str(port), "--workers", str(workers))
    command = (
        python,
        "-m",
        "mlflow",
        "models",
        "serve",
        "--model-uri",
        folder / "saved",
        "--env-manager",
        "local",
    )
    with run_server(*command, *where, port=port, ready="/ping", env=environment) as server:
        yield server


def make_mlflow_request(wavs: Sequence[bytes]) -> Request:
    """Make the request by which MLflow gets a recording: base64 in JSON."""
    bodies = [
        json.dumps({"inputs": {"recording": [base64.b64encode(wav).decode()]}}).encode()
        for wav in wavs
    ]
    return Request("/invocations", {"Content-Type": "application/json"}, bodies)
