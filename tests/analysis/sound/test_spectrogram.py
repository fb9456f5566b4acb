"""The spectrogram shows sounds and marks where they are, with any colour vision."""

from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from analysis.sound import palette, spectrogram
from analysis.sound.explanation import Band, Segment
from analysis.sound.features import FeatureSpec
from training.fitters.front_end import make_front_end

RATE_HZ = 16_000
SECONDS = 4.0
MARK = tuple(bytes.fromhex(palette.MARK))
# Linear red, green and blue as seen without one kind of cone (Machado, Oliveira and Fernandes,
# 2009).
EYES = {
    "all cones": np.eye(3),
    "no red": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "no green": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "no blue": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}


@pytest.fixture(scope="module")
def front_end():
    return make_front_end(FeatureSpec(clip_seconds=SECONDS))


def hiss(seconds=SECONDS):
    return 0.01 * np.random.default_rng(1).standard_normal(round(seconds * RATE_HZ)).astype(
        np.float32
    )


def tone(hz):
    return hiss() + 0.1 * np.sin(2 * np.pi * hz * np.arange(len(hiss())) / RATE_HZ).astype(
        np.float32
    )


def knock(at_s):
    waveform = hiss()
    waveform[round(at_s * RATE_HZ) :][:400] *= 30
    return waveform


def open_image(png):
    image = Image.open(BytesIO(png))
    image.load()
    return image


def render(waveform, front_end, **options):
    return np.asarray(open_image(spectrogram.render_spectrogram(waveform, front_end, **options)))


def axes_of(front_end, *, seconds=SECONDS, has_bands=False):
    sheet = spectrogram.Sheet(spectrogram.DEFAULT_WIDTH, spectrogram.DEFAULT_HEIGHT)
    return spectrogram.lay_out(sheet, seconds, front_end.band_hz, has_bands=has_bands)


def sound_in(pixels, axes):
    """Return the colours between the axes; trimmed ends count as silent."""
    plot = axes.crop(pixels)
    return np.where(plot < palette.N_COLOURS, plot, 0).astype(int)


# What is shown


def test_it_is_a_png_that_a_phone_shows_sharply(front_end):
    image = open_image(spectrogram.render_spectrogram(hiss(), front_end))
    assert (image.format, image.size) == ("PNG", (1080, 720))


@pytest.mark.parametrize("size", [(320, 240), (320, 1440), (2160, 240), (2160, 1440)])
@pytest.mark.parametrize("seconds", [1.0, 120.0])
@pytest.mark.parametrize("em", [None, spectrogram.MIN_EM, spectrogram.MAX_EM])
def test_it_is_drawn_at_any_size_and_for_any_length(front_end, size, seconds, em):
    marks = {"segments": [Segment(0.1, seconds)], "bands": [Band(30.0, 7600.0, -12.0)]}
    png = spectrogram.render_spectrogram(
        hiss(seconds), front_end, width=size[0], height=size[1], em=em, **marks
    )
    assert open_image(png).size == size


@pytest.mark.parametrize("em", [20, 40])
def test_letters_have_the_requested_height(front_end, em):
    pixels = render(hiss(), front_end, width=1080, height=720, em=em)
    sheet = spectrogram.Sheet(1080, 720, em)
    axes = spectrogram.lay_out(sheet, SECONDS, front_end.band_hz, has_bands=False)
    below = pixels[
        axes.bottom + sheet.to_pixels(0.4) :, axes.left - em : axes.right
    ]  # the seconds, under their ticks
    inked = np.flatnonzero((below != palette.INK_BEGINS).any(axis=1))
    assert np.ptp(inked) + 1 == pytest.approx(0.7 * em, abs=2)  # a digit is 0.7 em high


def test_letters_never_leave_a_plot_too_small_to_see(front_end):
    axes = spectrogram.lay_out(
        spectrogram.Sheet(320, 240, spectrogram.MAX_EM), SECONDS, front_end.band_hz, has_bands=True
    )
    assert axes.right - axes.left > 320 / 3
    assert axes.bottom - axes.top > 240 / 3


@pytest.mark.parametrize("hz", [250, 1000, 4000])
def test_a_tone_lies_where_its_number_is_written(front_end, hz):
    pixels = render(tone(hz), front_end)
    axes = axes_of(front_end)
    loudest = axes.top + sound_in(pixels, axes).mean(axis=1).argmax()
    assert abs(loudest - axes.to_y(hz)) <= (axes.bottom - axes.top) / front_end.spec.n_mels
    beside = pixels[axes.to_y(hz) - 2 : axes.to_y(hz) + 3, axes.left - 5]
    assert (beside != palette.INK_BEGINS).any(), "no tick leads to the number"


@pytest.mark.parametrize("at_s", [0.5, 2.0, 3.5])
def test_a_knock_lies_where_its_second_is_written(front_end, at_s):
    pixels = render(knock(at_s), front_end)
    axes = axes_of(front_end)
    loudest = axes.left + sound_in(pixels, axes).mean(axis=0).argmax()
    frame = front_end.spec.n_fft / RATE_HZ * (axes.right - axes.left) / SECONDS
    assert abs(loudest - axes.to_x(at_s)) <= frame
    below = pixels[axes.bottom + 4, axes.to_x(at_s) - 2 : axes.to_x(at_s) + 3]
    assert (below != palette.INK_BEGINS).any(), "no tick leads to the number"


def test_trimmed_ends_are_not_shown_as_silence(front_end):
    axes = axes_of(front_end)
    plot = axes.crop(render(hiss(), front_end))
    first_column = axes.to_x(front_end.spec.trim_seconds) - axes.left
    assert (plot[:, :first_column] == palette.BACKGROUND).all()
    assert (plot[:, first_column] < palette.N_COLOURS).all()


def test_the_scale_shows_every_colour_from_loud_to_quiet(front_end):
    axes = axes_of(front_end)
    pixels = render(hiss(), front_end)
    scale = pixels[axes.top : axes.bottom, spectrogram.Sheet(1080, 720).scale_left + 2].astype(int)
    assert (np.diff(scale) <= 0).all()
    assert set(scale) == set(range(palette.N_COLOURS))


def test_colours_reach_from_the_quiet_to_the_loud(front_end):
    levels = spectrogram.Levels.span(front_end.extract_frames(tone(1000)))
    share = levels.to_fraction(front_end.extract_frames(tone(1000)))
    assert levels.low % 5 == levels.high % 5 == 0
    assert 0 <= np.percentile(share, 1) < np.percentile(share, 99.9) <= 1


def test_one_level_throughout_is_no_division_by_zero():
    levels = spectrogram.Levels.span(np.zeros((10, 128), np.float32))
    assert levels.low < levels.high


def test_marks_lie_above_the_moments_and_beside_the_bands(front_end):
    segment = Segment(1.0, 2.0)
    band = Band(900.0, 1100.0, 8.0)
    image = open_image(
        spectrogram.render_spectrogram(hiss(), front_end, segments=[segment], bands=[band])
    ).convert("RGB")
    axes = axes_of(front_end, has_bands=True)
    above = axes.top - 12
    beside = axes.right + 12
    assert image.getpixel((axes.to_x(1.5), above)) == MARK
    assert MARK not in {image.getpixel((axes.to_x(second), above)) for second in (0.9, 2.1)}
    assert image.getpixel((beside, axes.to_y(1000))) == MARK
    assert MARK not in {image.getpixel((beside, axes.to_y(hz))) for hz in (800, 1250)}


@pytest.mark.parametrize(
    "marks", [{"segments": [Segment(1.5, 1.516)]}, {"bands": [Band(1000.0, 1001.0, 8.0)]}]
)
def test_the_briefest_and_the_narrowest_marks_are_visible(front_end, marks):
    added = (render(hiss(), front_end, **marks) == palette.FULL_MARK).sum()
    assert added > 30


def test_the_sound_is_visible_behind_the_marks(front_end):
    marks = {"segments": [Segment(n / 3, n / 3 + 0.1) for n in range(10)]}
    plot = axes_of(front_end).crop(render(hiss(), front_end, **marks))
    assert 0 < (plot == palette.FULL_MARK).mean() < 0.01


def test_the_deviation_of_a_band_is_written_unless_it_rounds_to_zero(front_end):
    def shades_beside(excess_db):
        pixels = render(hiss(), front_end, bands=[Band(900.0, 1100.0, excess_db)])
        return (
            pixels[:, axes_of(front_end, has_bands=True).right + 25 : -105] > palette.MARK_BEGINS
        ).sum()

    assert shades_beside(0.4) == shades_beside(-0.4) == 0
    assert shades_beside(-12.0) > 100
    assert shades_beside(8.0) > 100


def test_numbers_never_lie_over_each_other():
    assert spectrogram.keep_distance([(1000, 50), (4000, 10), (2000, 40), (500, 61)], 11) == [
        (1000, 50),
        (4000, 10),
        (500, 61),
    ]


def test_nothing_is_marked_in_a_normal_recording(front_end):
    assert (render(hiss(), front_end) <= palette.MARK_BEGINS).all()


def test_a_quiet_phone_and_a_loud_one_give_the_same_picture(front_end):
    assert spectrogram.render_spectrogram(tone(500), front_end) == spectrogram.render_spectrogram(
        tone(500) / 8, front_end
    )


def test_threads_that_draw_at_once_draw_the_same(front_end):
    waveform = tone(500)
    with ThreadPoolExecutor(8) as pool:
        pictures = list(
            pool.map(lambda _: spectrogram.render_spectrogram(waveform, front_end), range(16))
        )
    assert len(set(pictures)) == 1


# With any colour vision


def linear(rgb):
    share = rgb / 255
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


def luminance(rgb, eyes="all cones"):
    return np.clip(linear(rgb) @ np.transpose(EYES[eyes]), 0, 1) @ [0.2126, 0.7152, 0.0722]


def lightness_of_colours(eyes):
    """L* of CIELAB."""
    y = luminance(palette.interpolate_colours(palette.MAGMA, palette.N_COLOURS), eyes)
    return np.where(y > 0.008856, 116 * np.cbrt(y) - 16, 903.3 * y)


@pytest.mark.parametrize("eyes", EYES)
def test_louder_is_lighter_with_any_colour_vision(eyes):
    lightness = lightness_of_colours(eyes)
    assert lightness[-1] - lightness[0] > 90
    # Eight bits a channel: a step alone may round to nothing.
    assert (lightness[4:] > lightness[:-4]).all()


def test_lightness_rises_evenly():
    lightness = lightness_of_colours("all cones")
    assert np.abs(lightness - np.linspace(lightness[0], lightness[-1], len(lightness))).max() < 6


@pytest.mark.parametrize("writing", [palette.INK, palette.MARK])
@pytest.mark.parametrize("eyes", EYES)
def test_text_has_enough_contrast_for_sunlight(writing, eyes):
    paper, ink = (
        luminance(np.array(list(bytes.fromhex(colour))), eyes)
        for colour in (palette.PAPER, writing)
    )
    assert (ink + 0.05) / (paper + 0.05) > 7  # WCAG 2.1, level AAA
