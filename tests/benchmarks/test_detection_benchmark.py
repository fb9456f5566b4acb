"""The detection benchmark: a set is measured, kept, and told in tables, on a peer that hears nothing but loudness."""

from argparse import Namespace

import numpy as np
import pytest
import soundfile

from benchmarks.detection import measure_once
from benchmarks.support.detection_tables import ALL_SETS, detection, nuisances, planted
from benchmarks.support.machine_sets import MachineSet
from benchmarks.support.measuring import Measurement
from benchmarks.support.methods import Method, peer
from benchmarks.support.nuisances import NUISANCES
from benchmarks.support.planted_faults import KINDS, rms
from benchmarks.support.sheets import markdown

LOUDNESS = {"train_normal": (0.1, 0.11), "test_normal": (0.1, 0.105), "test_abnormal": (0.2, 0.3)}


class Loudness:
    def score(self, waveform):
        return rms(waveform)


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
def measured(machine, tmp_path):
    """Measure by loudness, as the command would; fits are counted."""

    def measure_by_loudness(fits, tables=("detection", "planted", "nuisances")):
        method = Method(peer(lambda waveforms, seed: fits.append(seed) or Loudness()), is_ours=True)
        options = Namespace(results=tmp_path / "results", tables=tables)
        return measure_once("loudness", method, machine, 3, NUISANCES, options)

    return measure_by_loudness


def test_takes_are_told_by_the_names(machine):
    assert machine.takes["test_normal"] == ["take0", "take0", "take1", "take1", "take2", "take2"]


def test_what_is_kept_is_not_measured_again_unless_more_is_asked_for(measured):
    fits = []
    first = measured(fits, tables=("detection",))
    assert measured(fits, tables=("detection",)) == first
    assert fits == [3]
    assert set(measured(fits).planted) == set(KINDS)
    assert fits == [3, 3]
    assert isinstance(measured(fits, tables=("planted",)), Measurement)
    assert fits == [3, 3]


def test_louder_faults_are_all_detected_by_loudness(measured):
    of_set, of_all = detection([measured([])])
    assert (of_set["set"], of_all["set"]) == ("fan", ALL_SETS)
    assert of_set["AUC"] == of_all["AUC"] == (1, None, None), (
        "where all draws agree, no interval is claimed"
    )
    assert (of_set["false alarms"].value, of_set["detection"].value) == (0, 1)


def test_planted_faults_are_told_by_level_and_kind(measured):
    of_set, of_all = planted([measured([])])
    assert of_all == of_set | {"set": ALL_SETS}
    assert of_set["-6 dB"] > of_set["-26 dB"]
    assert of_set["mean"] == pytest.approx(np.mean([of_set[kind] for kind in KINDS]))


def test_nuisances_are_held_against_clips_as_recorded(measured):
    records = {record["nuisance"]: record for record in nuisances([measured([])])}
    assert set(records) == {"as recorded", *NUISANCES}
    assert records["gain -20 dB"]["pooled"] == records["as recorded"]["fan"] == 0


def test_a_page_has_a_line_a_record(measured):
    lines = markdown("Detection", detection([measured([])])).splitlines()
    assert lines[2].startswith("| set | method | AUC | pAUC | false alarms | detection |")
    assert len(lines) == 6
