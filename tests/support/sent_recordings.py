"""Recordings uploaded and analysed as the app does it."""

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.support.pump_sounds import pump

URL = "/api/v1/analyses"


def send(api, content=None, *, name="pump.wav"):
    """Upload a recording of the pump; return the address of its analysis."""
    file = SimpleUploadedFile(name, pump() if content is None else content)
    response = api.post(URL, {"file": file, "model_id": "pump_forest"}, format="multipart")
    assert response.status_code == 201, response.json()
    return response["Location"]
