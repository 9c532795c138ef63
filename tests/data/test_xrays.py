from __future__ import annotations

import numpy as np
import pytest

from grader.data.xrays import CLASSES, COUNTS, SIZE, draw_folder, picture


def test_pictures_use_the_whole_range_and_are_the_same_for_a_seed():
    drawn = [picture(clouded, np.random.default_rng(7)) for clouded in (False, False, True)]
    assert all(one.shape == (SIZE, SIZE) and one.dtype == np.uint8 and np.ptp(one) == 255 for one in drawn)
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_clouds_are_no_matter_of_brightness_alone():
    rng = np.random.default_rng(0)
    means = [[picture(kind, rng).mean() for _ in range(20)] for kind in (False, True)]
    assert max(means[0]) > min(means[1])


@pytest.mark.data
def test_the_folder_is_laid_out_like_the_usual_set(tmp_path):
    draw_folder(tmp_path)
    for part, counts in COUNTS.items():
        for name, count in zip(CLASSES, counts, strict=True):
            assert len([*(tmp_path / "chest_xray" / part / name).glob("*.jpeg")]) == count
