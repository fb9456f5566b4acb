"""The synthesised machines sound as physics says, session by session."""

import re

import numpy as np
import pytest
import soundfile

from training.demo_sounds import (
    FAN,
    MACHINES,
    PUMP,
    SAMPLE_RATE_HZ,
    RecordingSession,
    record,
    write_machine,
)

SECONDS = 4.0
BESIDE = RecordingSession(speed=1.0, gain=1.0, tilt_db_per_octave=0.0, reflection=0.0, delay_s=1e-3)
FAULTS = [
    pytest.param(machine, fault, id=fault.__name__)
    for machine in MACHINES
    for fault in machine.faults
]


def hear(machine, fault=None, *, seed=1):
    return record(np.random.default_rng(seed), machine, BESIDE, seconds=SECONDS, fault=fault)


def spectrum(sound):
    return np.abs(np.fft.rfft(sound)) ** 2


def envelope_above(sound, low_hz):
    """Spectrum of the loudness, over blocks of 2 ms, of what lies above a frequency."""
    bins = np.fft.rfft(sound)
    bins[: round(low_hz * SECONDS)] = 0
    loudness = (np.fft.irfft(bins) ** 2).reshape(-1, 32).mean(axis=1)
    return spectrum(loudness - loudness.mean())


def line(power, frequency_hz):
    """The strongest bin within 1 % of a frequency, over the median of the bins around."""
    at = frequency_hz * SECONDS
    near = power[round(at * 0.99) : round(at * 1.01) + 1]
    around = power[round(at * 0.85) : round(at * 1.15)]
    return near.max() / np.median(around)


def share_above(sound, low_hz):
    power = spectrum(sound)
    return power[round(low_hz * SECONDS) :].sum() / power.sum()


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.machine_type)
def test_a_healthy_machine_hums_at_its_shaft_blades_and_twice_the_mains(machine):
    power = spectrum(hear(machine))
    lines = (machine.shaft_hz, machine.blades * machine.shaft_hz, 2 * machine.mains_hz)
    assert min(line(power, frequency) for frequency in lines) > 15


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.machine_type)
def test_a_defect_of_the_outer_race_knocks_at_its_own_rhythm(machine):
    (defect,) = [fault for fault in machine.faults if "outer_race" in fault.__name__]
    rhythm_hz = 3.58 * machine.shaft_hz
    assert line(envelope_above(hear(machine, defect), 2500), rhythm_hz) > 50
    assert line(envelope_above(hear(machine), 2500), rhythm_hz) < 20


@pytest.mark.parametrize("name", ["cavitation", "leak"])
def test_cavitation_and_leak_are_audible_above_3_khz(name):
    (fault,) = [fault for fault in PUMP.faults if fault.__name__ == name]
    assert share_above(hear(PUMP, fault), 3000) > 3 * share_above(hear(PUMP), 3000)


@pytest.mark.parametrize("name", ["unbalance", "damaged_blade"])
def test_a_rotor_fault_swells_once_a_revolution(name):
    (fault,) = [fault for fault in FAN.faults if fault.__name__ == name]
    swelling = line(envelope_above(hear(FAN, fault), 300), FAN.shaft_hz)
    assert swelling > 10 * line(envelope_above(hear(FAN), 300), FAN.shaft_hz)


@pytest.mark.parametrize(("machine", "fault"), FAULTS)
def test_no_recording_clips(machine, fault):
    loudest = RecordingSession(
        speed=1.0, gain=10 ** (4 / 20), tilt_db_per_octave=0.4, reflection=0.15, delay_s=1e-3
    )
    sounds = [
        record(np.random.default_rng(seed), machine, loudest, seconds=SECONDS, fault=fault)
        for seed in range(5)
    ]
    assert np.abs(sounds).max() < 1


@pytest.fixture(scope="module")
def pump_recordings(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pump")
    write_machine(folder, PUMP, n_sessions=3, clips_per_session=2, seconds=SECONDS, seed=5)
    return folder


def test_names_tell_the_session_and_no_session_is_in_two_sets(pump_recordings):
    takes = {
        part: set(
            re.findall(
                r"take\d+", " ".join(path.name for path in (pump_recordings / part).iterdir())
            )
        )
        for part in ("train_normal", "test_normal", "test_abnormal")
    }
    assert takes == {
        "train_normal": {"take1", "take2", "take3"},
        "test_normal": {"take4", "take5", "take6"},
        "test_abnormal": {"take7", "take8", "take9"},
    }


def test_recordings_are_16_bit_16_khz_mono(pump_recordings):
    facts = [soundfile.info(path) for path in pump_recordings.rglob("*.wav")]
    assert {(fact.samplerate, fact.channels, fact.subtype) for fact in facts} == {
        (SAMPLE_RATE_HZ, 1, "PCM_16")
    }
    assert {fact.duration for fact in facts} == {SECONDS}


def test_clips_of_one_session_are_more_alike_than_sessions(pump_recordings):
    def bands_db(path):
        power = spectrum(soundfile.read(path)[0])
        return 10 * np.log10([band.mean() for band in np.split(power[400:32000], 79)])

    clips = np.array(
        [bands_db(path) for path in sorted((pump_recordings / "train_normal").iterdir())]
    ).reshape(3, 2, -1)
    within = np.abs(clips[:, 0] - clips[:, 1]).mean()
    between = np.abs(clips[:, 0] - np.roll(clips[:, 0], 1, axis=0)).mean()
    assert between > 2 * within


def test_the_same_seed_writes_the_same_bytes(pump_recordings, tmp_path):
    write_machine(
        tmp_path / "same", PUMP, n_sessions=3, clips_per_session=2, seconds=SECONDS, seed=5
    )
    write_machine(
        tmp_path / "other", PUMP, n_sessions=3, clips_per_session=2, seconds=SECONDS, seed=6
    )
    clip = "test_abnormal/leak_take9_001.wav"
    assert (tmp_path / "same" / clip).read_bytes() == (pump_recordings / clip).read_bytes()
    assert (tmp_path / "other" / clip).read_bytes() != (pump_recordings / clip).read_bytes()
