"""Recordings of many channels in every container and codec that has them, made by ffmpeg."""

import subprocess

from tests.support.needs import need_ffmpeg

# name: (file suffix, arguments of the encoder, numbers of channels it takes)
FORMATS = {
    "m4a_aac": ("m4a", ["-c:a", "aac"], (3, 4, 5, 6, 8, 16)),
    "aac": ("aac", ["-c:a", "aac"], (6, 8)),
    "m4a_alac": ("m4a", ["-c:a", "alac"], (4, 6)),
    "ogg_opus": ("opus", ["-c:a", "libopus"], (6, 8)),
    "ogg_opus_apart": ("opus", ["-c:a", "libopus", "-mapping_family", "255"], (3, 4, 8, 16)),
    "webm_opus": ("webm", ["-c:a", "libopus"], (6, 8)),
    "webm_opus_apart": ("webm", ["-c:a", "libopus", "-mapping_family", "255"], (4, 8)),
    "ogg_vorbis": ("ogg", ["-c:a", "libvorbis"], (3, 4, 6, 8)),
    "caf_s16": ("caf", ["-c:a", "pcm_s16be"], (3, 4, 6, 8, 16)),
    "caf_f32": ("caf", ["-c:a", "pcm_f32le"], (8, 16)),
    "caf_alac": ("caf", ["-c:a", "alac"], (5, 6)),
    "wav": ("wav", ["-c:a", "pcm_s16le"], (8, 16)),
    "flac": ("flac", ["-c:a", "flac"], (4, 6, 8)),
    "aiff": ("aiff", ["-c:a", "pcm_s24be"], (8,)),
}
CASES = [(name, n) for name, (_, _, counts) in FORMATS.items() for n in counts]


def record(folder, name, channels, seconds=2):
    """Return a whine on every channel, all of them in step."""
    suffix, encoder, _ = FORMATS[name]
    path = folder / f"{name}_{channels}.{suffix}"
    whine = "0.1*sin(2*PI*440*t)"
    source = f"aevalsrc={'|'.join([whine] * channels)}:s=48000:d={seconds}"
    command = [need_ffmpeg(), "-v", "error", "-y", "-f", "lavfi", "-i", source]
    subprocess.run([*command, *encoder, "-strict", "-2", str(path)], check=True, timeout=60)
    return path.read_bytes()
