"""Fuzzes the container readers, guided by coverage, by hand and in an environment of its own.

`pip install atheris==3.0.0`, then from the root of the project, with options of libFuzzer:
`python -m benchmarks.fuzz_readers mp4 CORPUS -max_total_time=600 -timeout=5`.
"""

import sys

import atheris

with atheris.instrument_imports(include=["analysis"]):
    from analysis.errors import RecordingRefused
    from analysis.sound import container_units, containers

# What each container's files begin with, so that no time is spent on finding that out.
BEGINNINGS = {
    "wav": b"RIFF\0\0\0\0WAVE",
    "aiff": b"FORM\0\0\0\0AIFF",
    "ogg": b"OggS",
    "mp4": b"\0\0\0\x10ftyp",
    "webm": b"\x1a\x45\xdf\xa3",
    "caf": b"caff\0\1\0\0",
    "amr": b"#!AMR\n",
    "amr_wb": b"#!AMR-WB\n",
    "aac": b"\xff\xf1",
    "mp3": b"\xff\xfb",
    "id3": b"ID3\4\0\0",
}


def main() -> None:
    """Fuzz one family until libFuzzer's time is over."""
    beginning = BEGINNINGS[sys.argv[1]]
    atheris.Setup([sys.argv[0], *sys.argv[2:]], lambda data: read(beginning + data))
    atheris.Fuzz()


def read(content: bytes) -> None:
    """Read a file; a result and a named refusal are right, all else is a finding."""
    try:
        file = containers.identify_container(content)
    except RecordingRefused:
        return
    assert file.seconds >= 0
    container = file.container
    if container.read_unit is None:
        return
    position = container.start
    while (unit := container.read_unit(content, position)) and position < len(content):
        assert isinstance(unit, container_units.Unit)
        assert unit.next > position, (container.name, position)
        position = unit.next


if __name__ == "__main__":
    main()
