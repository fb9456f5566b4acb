"""Every picture is there, small, described, and taken by the tests, so that none goes stale."""

import pytest
from PIL import Image

from tests.docs.pages import PAGES, ROOT
from tests.docs.pictures import IMAGES, MAX_BYTES, names_taken, pictures_on

SHOWN = {path: alt for page in PAGES for path, alt in pictures_on(page)}


def test_readme_has_pictures():
    assert len(pictures_on(ROOT / "README.md")) >= 3


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.stem)
def test_a_picture_is_there_small_and_described(path):
    assert path.stat().st_size < MAX_BYTES
    assert len(SHOWN[path]) >= 20
    with Image.open(path) as image:
        image.verify()


def test_the_tests_take_every_picture_and_every_one_is_shown():
    assert {path.parent for path in SHOWN} == {IMAGES}
    names = {path.stem for path in SHOWN}
    assert names == names_taken() == {path.stem for path in IMAGES.iterdir()}
