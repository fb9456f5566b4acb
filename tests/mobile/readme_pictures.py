"""The pictures of README: made by the tests that use the app, so that they show it as it is."""

import io

from PIL import Image, ImageChops
from playwright.sync_api import Page

from tests.support.places import PROJECT

IMAGES = PROJECT / "docs" / "images"
MAX_BYTES = 150_000
N_COLOURS = 128
# A picture that differs in fewer pixels shows the same: another time of day, another shade.
MAX_SAME = 0.03


def picture_for_readme(page: Page, name: str) -> None:
    """Take a picture, and replace the stored one where that shows something else."""
    page.wait_for_timeout(500)  # what slides in has arrived
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    IMAGES.mkdir(exist_ok=True)
    path = IMAGES / f"{name}.png"
    if not (path.exists() and look_alike(Image.open(path).convert("RGB"), shot)):
        shot.quantize(N_COLOURS).save(path, optimize=True)
    assert path.stat().st_size < MAX_BYTES


def look_alike(stored: Image.Image, shot: Image.Image) -> bool:
    """Return whether few pixels differ more than colours that were rounded."""
    if stored.size != shot.size:
        return False
    difference = ImageChops.difference(stored, shot).convert("L")
    n_other = sum(difference.histogram()[48:])
    return n_other <= MAX_SAME * shot.width * shot.height
