"""The pages of the API: every operation has a summary and examples, and the examples are true."""

import shlex
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from drf_spectacular.generators import SchemaGenerator

from analysis.models import Analysis, Device
from signalcraft.pages.curl_lines import HOST, write_address
from tests.support.pump_sounds import pump, send

pytestmark = pytest.mark.django_db
OPERATIONS = {
    (method, path): operation
    for path, operations in SchemaGenerator().get_schema(public=True)["paths"].items()
    for method, operation in operations.items()
}
every_operation = pytest.mark.parametrize("asked", OPERATIONS, ids=" ".join)
FORM = "application/x-www-form-urlencoded"
BINARY = (
    "/api/v1/analyses/{id}/audio",
    "/api/v1/analyses/{id}/spectrogram.png",
    "/api/v1/demo/{device_id}/{kind}",
)


def examples(body):
    """The examples of a request or of an answer."""
    return [
        example["value"]
        for kind in body["content"].values()
        for example in kind.get("examples", {}).values()
    ]


def answer_of(operation):
    return next(body for status, body in operation["responses"].items() if status in ("200", "201"))


@pytest.fixture
def api(sign_in, field_engineer, curator, settings):
    """The API as one who may do everything; the field engineer of the examples signs in, too."""
    settings.ALLOW_SIGNUP = True
    return sign_in(curator)


@pytest.fixture
def plant(api, publish, pump_artifact, media):
    """What the examples speak of."""
    (media / "demo" / "pump-07").mkdir(parents=True)
    (media / "demo" / "pump-07" / "healthy.wav").write_bytes(pump())
    publish("pump_forest", type="level1_isolation_forest", content=pump_artifact)
    model = publish("pump_autoencoder", content=pump_artifact).registered_model
    Device.objects.create(
        device_id="pump-07", name="Pump 7", machine_type_id="pump", preferred_model=model
    )
    analysis_id = send(api).rpartition("/")[2]
    Analysis.objects.update(device=Device.objects.get())
    return {
        **dict.fromkeys(("id", "task_id", "analysis_id"), analysis_id),
        "model_id": "pump_autoencoder",
        "device_id": "pump-07",
        "kind": "healthy",
    }


def calibrated_twice(api, path, plant):
    """Calibrations to list and to undo; the id of the newest."""
    url = f"{path.partition('/calibrations')[0]}/calibrations"
    _, made = (run(api, "post", url, plant).json() for _ in range(2))
    return made.get("calibration", made)["id"]


def run(api, method, path, plant):
    """Send the example of an operation, to what is there."""
    operation = OPERATIONS[method, path]
    body = dict(examples(operation["requestBody"])[0]) if "requestBody" in operation else None
    if path.endswith("refresh"):
        body = {"refresh": run(api, "post", "/api/v1/auth/token", plant).json()["refresh"]}
    if "/calibrations" in path and (method == "get" or path.endswith("/undo")):
        plant = plant | {"calibration_id": calibrated_twice(api, path, plant)}
    if body and "files" in body:
        body["files"] = [
            SimpleUploadedFile(name, pump(seed)) for seed, name in enumerate(body["files"])
        ]
        return api.post(path.format(**plant), body, format="multipart")
    if body and "file" in body:
        body["file"] = SimpleUploadedFile(body["file"], pump())
        return api.post(path, body, format="multipart")
    if is_form(OPERATIONS[method, path]):
        return api.post(path, urlencode(body), content_type=FORM)
    return getattr(api, method)(path.format(**plant), body, format="json" if body else None)


def is_form(operation):
    return FORM in operation.get("requestBody", {}).get("content", {})


@every_operation
def test_it_says_in_a_sentence_what_it_does(asked):
    operation = OPERATIONS[asked]
    assert 10 < len(operation["summary"]) < 120
    assert operation["description"].startswith(operation["summary"])
    assert {"401", "429"} < set(operation["responses"])


@every_operation
def test_it_shows_a_line_of_curl(asked):
    method, path = asked
    operation = OPERATIONS[asked]
    line = operation["description"].split("```")[-2]
    words = shlex.split(line)
    assert words[:2] == ["curl", "-s"]
    address = next(word for word in words if word.startswith(HOST))
    assert address == write_address(path)
    needs_token = {} not in operation.get("security", [{}])
    assert ("Authorization: Bearer $TOKEN" in words) == needs_token
    if method in ("patch", "put", "delete"):
        assert words[2:4] == ["-X", method.upper()]
    for example in examples(operation.get("requestBody", {"content": {}}))[:1]:
        assert all(name in line for name in example)


@every_operation
def test_its_examples_run_and_answer_as_they_say(asked, api, plant):
    response = run(api, *asked, plant)
    assert response.status_code in (200, 201), response.content
    if asked[1] not in BINARY:
        (shown,) = examples(answer_of(OPERATIONS[asked]))
        assert shape(response.json()) == shape(shown)
    response.close()


def shape(value):
    """The names in a piece of JSON; free-form parts and what may be null are not looked into."""
    if isinstance(value, list):
        return [shape(each) for each in value[:1]]
    if not isinstance(value, dict):
        return None
    free = (
        "metrics",
        "timing_ms",
        "explanation",
        "feedback",
        "findings",
        "last_verdict",
        "preferred_model",
        "bands",
        "detected_peaks",
        "peak_frequencies",
        "segments",
        "voting_result",
        "warnings",
    )
    return {name: None if name in free else shape(part) for name, part in value.items()}
