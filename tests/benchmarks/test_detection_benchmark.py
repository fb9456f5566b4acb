"""The detection benchmark measures, stores and tabulates a peer that only knows loudness."""

from argparse import Namespace
from dataclasses import replace

import numpy as np
import pytest
import soundfile

from benchmarks.detection import measure_once
from benchmarks.support.detection_tables import (
    ALL_SETS,
    CHOSEN_ON,
    JUDGED_ON,
    make_scopes,
    summarize_detection,
    summarize_nuisances,
    summarize_planted_faults,
)
from benchmarks.support.machine_sets import MachineSet
from benchmarks.support.measuring import Measurement
from benchmarks.support.methods import Method, make_peer_fit
from benchmarks.support.nuisances import NUISANCES
from benchmarks.support.planted_faults import FAULT_TYPES, compute_rms
from benchmarks.support.sheets import render_markdown

ALL = {ALL_SETS: frozenset({"fan"})}
LOUDNESS = {"train_normal": (0.1, 0.11), "test_normal": (0.1, 0.105), "test_abnormal": (0.2, 0.3)}


class Loudness:
    def score(self, waveform):
        return compute_rms(waveform)


@pytest.fixture
def machine(tmp_path):
    rng = np.random.default_rng(0)
    for part, loudness in LOUDNESS.items():
        (tmp_path / "fan" / part).mkdir(parents=True)
        for i, volume in enumerate(np.linspace(*loudness, 6)):
            soundfile.write(
                tmp_path / "fan" / part / f"take{i // 2}_{i}.wav",
                rng.normal(size=16_000) * volume,
                16_000,
            )
    return MachineSet.read(tmp_path / "fan", r"take\d")


@pytest.fixture
def measure_loudness(machine, tmp_path):
    """Measure by loudness as the command does, and list the seeds of the fits."""

    def measure_by_loudness(fits, tables=("detection", "planted", "nuisances")):
        fit = make_peer_fit(lambda waveforms, seed: fits.append(seed) or Loudness())

        def fit_ours(machine, seed):
            fitted = fit(machine, seed)
            return replace(fitted, score_stored=lambda waveform, codec: fitted.score(waveform))

        method = Method(fit_ours, is_ours=True)
        options = Namespace(results=tmp_path / "results", tables=tables, rotate_all=False)
        return measure_once("loudness", method, machine, 3, NUISANCES, options)

    return measure_by_loudness


def test_groups_are_found_in_the_names(machine):
    assert machine.groups["test_normal"] == ["take0", "take0", "take1", "take1", "take2", "take2"]


def test_stored_scores_are_used_unless_more_tables_are_wanted(measure_loudness):
    fits = []
    first = measure_loudness(fits, tables=("detection",))
    assert measure_loudness(fits, tables=("detection",)) == first
    assert fits == [3]
    assert set(measure_loudness(fits).planted_faults) == set(FAULT_TYPES)
    assert fits == [3, 3]
    assert isinstance(measure_loudness(fits, tables=("planted",)), Measurement)
    assert fits == [3, 3]


def test_louder_faults_are_all_detected_by_loudness(measure_loudness):
    of_set, of_all = summarize_detection([measure_loudness([])], ALL)
    assert (of_set["set"], of_all["set"]) == ("fan", ALL_SETS)
    assert of_set["AUC"] == of_all["AUC"] == (1, None, None), (
        "where all resamples agree, there is no interval"
    )
    assert (of_set["false alarms"].value, of_set["detection"].value) == (0, 1)


def test_planted_faults_are_summarized_by_level_and_type(measure_loudness):
    of_set, of_all = summarize_planted_faults([measure_loudness([])], ALL)
    assert of_all == of_set | {"set": ALL_SETS}
    assert of_set["-6 dB"] > of_set["-26 dB"]
    assert of_set["mean"] == pytest.approx(
        np.mean([of_set[fault_type] for fault_type in FAULT_TYPES])
    )


def test_nuisances_are_compared_with_clips_as_recorded(measure_loudness):
    records = {
        record["nuisance"]: record for record in summarize_nuisances([measure_loudness([])], ALL)
    }
    assert set(records) == {"as recorded", *NUISANCES}
    assert records["gain -20 dB"]["pooled"] == records["as recorded"]["fan"] == 0


def test_a_page_has_a_line_a_record(measure_loudness):
    lines = render_markdown(
        "Detection", summarize_detection([measure_loudness([])], ALL)
    ).splitlines()
    assert lines[2].startswith("| set | method | AUC | pAUC | false alarms | detection |")
    assert len(lines) == 6


def test_scores_stored_by_another_release_are_measured_again(measure_loudness, tmp_path):
    fits = []
    measure_loudness(fits, tables=("detection",))
    [stored] = (tmp_path / "results").iterdir()
    stored.write_text(stored.read_text().replace("normal_groups", "normal_takes"))
    measure_loudness(fits, tables=("detection",))
    assert fits == [3, 3]


def test_sets_that_nothing_was_chosen_on_get_a_row_of_their_own(measure_loudness):
    fan = measure_loudness([])
    pump = replace(fan, machine="pump", normal=fan.abnormal)
    scopes = make_scopes([fan, pump], judged_on=["pump"])
    records = {one["set"]: one for one in summarize_detection([fan, pump], scopes)}
    assert set(records) == {"fan", "pump", ALL_SETS, CHOSEN_ON, JUDGED_ON}
    assert records[CHOSEN_ON]["AUC"] == records["fan"]["AUC"]
    assert records[JUDGED_ON]["AUC"] == records["pump"]["AUC"]
