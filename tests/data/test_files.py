import sys

import numpy as np
import pytest

from grader.data import prepare_files
from grader.errors import OperatorError


@pytest.mark.data
def test_the_picture_is_a_photograph_in_jpeg(tmp_path):
    from PIL import Image

    (served,) = prepare_files({"sample.jpg": "picture"}, tmp_path)
    assert served.target == "sample.jpg"
    with Image.open(served.source) as image:
        assert (image.format, image.mode, image.size) == ("JPEG", "RGB", (451, 300))
        assert np.asarray(image).std() > 20


@pytest.mark.data
def test_faces_is_a_stratified_image_folder_that_says_it_stands_in(tmp_path):
    from PIL import Image

    (served,) = prepare_files({"dataset": "faces"}, tmp_path)
    counts = {
        f"{part.name}/{kind.name}": len(list(kind.glob("*.png")))
        for part in served.source.iterdir()
        for kind in part.iterdir()
    }
    halves = {"train": 70, "val": 15, "test": 15}
    assert counts == {f"{part}/{kind}": half for part, half in halves.items() for kind in ("face", "nonface")}
    with Image.open(next(served.source.glob("train/face/*.png"))) as image:
        assert (image.mode, image.size) == ("RGB", (64, 64))
    assert len({path.read_bytes() for path in served.source.rglob("*.png")}) > 190
    assert "stand in" in served.stand_in


def test_an_unknown_file(tmp_path):
    with pytest.raises(OperatorError, match=r"no file 'movie' to serve\. There are: astronaut, cat, .*, table, xrays$"):
        prepare_files({"movie.mp4": "movie"}, tmp_path)


def test_without_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "skimage.data", None)
    with pytest.raises(OperatorError, match=r"'skimage'.*pip install 'dl-homework-grader\[data\]'"):
        prepare_files({"sample.jpg": "picture"}, tmp_path)
