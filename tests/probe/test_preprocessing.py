"""Maps from served images to what a model was fed are found again from a few shuffled rows."""

from collections.abc import Callable

import numpy as np
import pytest

from grader.probe.preprocessing import bilinear, find_map


def pictures(*shape: int) -> np.ndarray:
    """Smooth random pictures: noise of a quarter of the size, enlarged."""
    rng = np.random.default_rng(1)
    n, height, width, *channels = shape
    small = rng.uniform(0, 255, (n, height // 4, width // 4, *channels))
    return np.rint(small.repeat(4, axis=1).repeat(4, axis=2)).astype(np.uint8)


GREY, COLOUR = pictures(60, 28, 28), pictures(50, 32, 32, 3)
MEAN, STD = np.array([0.4914, 0.4822, 0.4465]), np.array([0.2023, 0.1994, 0.2010])


def larger(images: np.ndarray, size: int) -> np.ndarray:
    """Bilinear enlargement with rounding, as Pillow does it on whole numbers."""
    matrix = bilinear(images.shape[1], size)
    return np.rint(np.einsum("hi,nij,wj->nhw", matrix, images, matrix))


PREPARATIONS: dict[str, tuple[np.ndarray, Callable[[np.ndarray], np.ndarray]]] = {
    "channel axis first, 0 to 1": (GREY, lambda x: x[:, None] / 255.0),
    "channel axis last, -1 to 1": (GREY, lambda x: x[..., None] / 127.5 - 1),
    "untouched": (GREY, lambda x: x),
    "flat": (GREY, lambda x: x.reshape(len(x), -1) / 255.0),
    "padded before normalising": (GREY, lambda x: (np.pad(x, ((0, 0), (2, 2), (2, 2)))[:, None] / 255 - 0.13) / 0.31),
    "padded after normalising": (GREY, lambda x: np.pad((x / 255 - 0.13) / 0.31, ((0, 0), (2, 2), (2, 2)))[:, None]),
    "resized": (GREY, lambda x: (larger(x, 32)[:, None] / 255 - 0.1307) / 0.3081),
    "resized by nearest": (GREY, lambda x: x.repeat(2, axis=1).repeat(2, axis=2)[:, None] / 255),
    "grey repeated and enlarged": (GREY, lambda x: np.stack([larger(x, 64) / 255] * 3, axis=1)),
    "colour normalised, channels first": (COLOUR, lambda x: ((x / 255 - MEAN) / STD).transpose(0, 3, 1, 2)),
    "colour as BGR": (COLOUR, lambda x: x[..., ::-1] - np.array([103.9, 116.8, 123.7])),
    "colour flattened, channels first": (COLOUR, lambda x: x.transpose(0, 3, 1, 2).reshape(len(x), -1) / 255),
}


@pytest.mark.parametrize("name", PREPARATIONS)
def test_a_map_is_found_from_shuffled_rows(name: str) -> None:
    images, prepare = PREPARATIONS[name]
    prepared = prepare(images)
    found = find_map(prepared[[17, 3, 40, 8]].astype(np.float32), images)
    assert found is not None
    applied = found.apply(images)
    assert applied.shape == prepared.shape
    assert applied.dtype == np.float32
    assert np.abs(applied - prepared).max() <= 0.01 * np.ptp(prepared)


def test_rows_that_match_outvote_rows_that_do_not() -> None:
    rows = GREY[[5, 6, 7, 8]][:, None] / 255.0
    rows[0] = rows[0, :, ::-1]
    found = find_map(rows, GREY)
    assert found is not None
    assert np.allclose(found.apply(GREY[:3]), GREY[:3, None] / 255.0, atol=1e-5)


def test_a_map_is_described_in_words() -> None:
    found = find_map(larger(GREY[:4], 32)[:, None] / 255, GREY)
    assert found is not None
    assert found.describe() == "resized to 32x32 (bilinear), pixel values times 0.00392, channels first"


@pytest.mark.parametrize(
    "rows",
    [
        np.random.default_rng(0).normal(size=(4, 1, 28, 28)),
        np.zeros((4, 1, 28, 28)),
        np.full((2, 1, 28, 28), np.nan),
        np.ones((3, 17)),
        np.ones((0, 1, 28, 28)),
        np.ones((2, 1, 600, 600)),
        np.ones((4,)),
    ],
    ids=["noise", "blank", "not a number", "features", "no rows", "huge", "no axes"],
)
def test_rows_that_are_no_served_image_give_no_map(rows: np.ndarray) -> None:
    assert find_map(rows, GREY) is None


def test_scaling_each_image_by_its_own_mean_is_not_taken_for_one_map() -> None:
    own = GREY / GREY.mean(axis=(1, 2), keepdims=True) ** 2
    assert find_map(own[:6, None], GREY) is None
