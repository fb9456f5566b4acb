"""Words for the methods and notes of calibrations, on the pages of the admin."""

import numpy as np
import pytest

from analysis.admin.calibration_words import METHODS, format_method, format_notes
from analysis.detectors import device_calibration
from analysis.detectors.calibration import Calibration
from analysis.models import CalibrationRecord
from training import recalibration
from training.fitters import held_out

CALIBRATIONS = "/admin/analysis/calibrationrecord/"


def test_every_method_that_is_stored_has_words():
    assert set(METHODS) == {held_out.METHOD, recalibration.METHOD, device_calibration.METHOD}


def test_an_unknown_method_is_shown_as_it_is():
    assert format_method("conformal") == "conformal"


def test_notes_are_sentences_with_the_number_of_recordings():
    assert format_notes([], n=48) == "none"
    assert format_notes(["extrapolated", "of_the_plant"], n=48) == (
        "the CRITICAL limit is an estimate: only 48 healthy recordings were available; of the plant"
    )


@pytest.mark.django_db
def test_calibrations_are_filtered_by_their_method_in_words(client, curator, publish):
    version = publish()
    for method in METHODS:
        calibration = Calibration(np.arange(20.0), 0.1, 4, method, ())
        CalibrationRecord.record(calibration, version=version, by=None)
    client.force_login(curator)
    page = client.get(CALIBRATIONS, {"method": device_calibration.METHOD})
    assert "adjusted to this machine" in page.content.decode()
    found = page.context["cl"].result_list
    assert [row.method for row in found] == [device_calibration.METHOD]
