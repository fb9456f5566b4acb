"""Words for the methods and notes of calibrations, on the pages of the admin."""

import numpy as np
import pytest

from analysis.admin.calibration_words import (
    METHODS,
    describe_more_sessions,
    format_method,
    format_notes,
)
from analysis.detectors import device_calibration
from analysis.detectors.calibration import Calibration
from analysis.models import CalibrationRecord
from core.admin.tables import format_value
from training import recalibration
from training.fitters import held_out

CALIBRATIONS = "/admin/analysis/calibrationrecord/"


def test_every_method_that_is_stored_has_words():
    assert set(METHODS) == {held_out.METHOD, recalibration.METHOD, device_calibration.METHOD}


@pytest.mark.parametrize(
    ("n_sessions", "notes", "words"),
    [
        (2, (), "fewer false alarms, and fainter faults heard"),
        (12, (), "little, from 12 on"),
        (3, ("few_takes",), "not known: the recordings do not tell their sessions"),
        (None, (), "not known: the recordings do not tell their sessions"),
    ],
)
def test_what_more_sessions_would_bring_is_said(n_sessions, notes, words):
    scores = np.linspace(0, 1, 48)
    sessions = None if n_sessions is None else (np.arange(48) % n_sessions).astype(np.int32)
    calibration = Calibration(scores, 0.05, n_sessions or 1, "made up", notes, sessions)
    assert describe_more_sessions(calibration) == words


def test_where_warning_would_be_without_one_session_is_said():
    sessions = (np.arange(48) // 12).astype(np.int32)
    calibration = Calibration(np.linspace(0, 1, 48), 0.05, 4, "made up", (), sessions)
    low, high = map(format_value, calibration.compute_warning_range())
    assert describe_more_sessions(calibration).endswith(f"WARNING would be from {low} to {high}")


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
