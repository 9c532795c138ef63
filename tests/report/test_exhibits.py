import base64
import io
import math
import struct
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from grader.records import FigureShown, Grade, LayerRow, LayerTable, Measurement
from grader.report.exhibits import LONGEST_TABLE, bar, excerpt, facts, whole
from grader.report.pictures import PICTURES_OF_A_PAGE, PNG_MAGIC, pictures

ACCURACY = Measurement("accuracy", 0.596, 0.994, 0.58, 0.61, 0.5, 0.9, "share")


def test_a_share_is_drawn_from_0_to_1() -> None:
    drawing = bar(ACCURACY)
    assert drawing is not None
    assert drawing.measured is not None
    assert drawing.claimed is not None
    assert drawing.interval is not None
    assert (drawing.measured.at, drawing.measured.text) == (59.6, "measured 59.6 %")
    assert (drawing.claimed.at, drawing.claimed.anchor) == (99.4, "end")
    assert (drawing.interval.start, drawing.interval.width) == (58.0, 3.0)
    assert [(z.zone, z.start, z.width) for z in drawing.zones] == [("none", 0, 50), ("part", 50, 40), ("full", 90, 10)]


def test_where_less_is_better_the_zones_run_the_other_way() -> None:
    drawing = bar(Measurement("time", 2.0, no_credit=10.0, full_credit=3.0, unit="× the reference"))
    assert drawing is not None
    zones = {zone.zone: (zone.start, zone.start + zone.width) for zone in drawing.zones}
    assert zones["full"][0] == 0
    assert zones["full"][1] == pytest.approx(zones["part"][0])
    assert zones["part"][1] == pytest.approx(zones["none"][0])
    assert zones["none"][1] == pytest.approx(100)


@pytest.mark.parametrize("value", [None, math.nan, math.inf])
def test_without_a_finite_value_nothing_is_drawn(value: float | None) -> None:
    assert bar(Measurement("accuracy", value, no_credit=0.5, full_credit=0.9)) is None


@pytest.mark.parametrize("value", [0.0, -3.0, 1e12])
def test_every_finite_value_lies_on_the_bar(value: float) -> None:
    drawing = bar(Measurement("loss", value, 2.0))
    assert drawing is not None
    assert drawing.measured is not None
    assert drawing.claimed is not None
    assert 0 <= drawing.measured.at <= 100
    assert 0 <= drawing.claimed.at <= 100


def test_facts_say_what_the_bar_shows() -> None:
    assert facts(ACCURACY) == [
        ("measured", "59.6 %"),
        ("95 % interval", "58.0 % to 61.0 %"),
        ("you reported", "99.4 %"),
        ("no points at", "50.0 %"),
        ("all points at", "90.0 %"),
    ]
    assert facts(Measurement("time", None, 12.0, unit="s")) == [("you reported", "12.0 s")]


def test_a_single_number_is_words_and_no_drawing() -> None:
    parameters = Measurement("parameters", 61750.0, full_credit=61706.0)
    assert bar(parameters) is None
    assert facts(parameters) == [("measured", "61,750"), ("expected", "61,706")]
    assert bar(Measurement("accuracy", 0.9)) is None
    assert bar(Measurement("accuracy", 0.9, 0.99)) is not None


def table(rows: int, first: int | None) -> LayerTable:
    return LayerTable((LayerRow("a", "a", True),) * rows, first)


@pytest.mark.parametrize(
    ("rows", "first", "shown"),
    [
        (7, 2, range(7)),
        (143, 60, range(57, 65)),
        (143, 0, range(5)),
        (143, 142, range(139, 143)),
        (143, None, range(0)),
    ],
)
def test_of_a_long_table_the_rows_around_the_first_difference(rows: int, first: int | None, shown: range) -> None:
    assert excerpt(table(rows, first)) == shown


def test_a_table_without_end_has_one_on_the_page() -> None:
    assert len(whole(table(5000, 3))) == LONGEST_TABLE


def shown(grade: Grade, names: list[str]) -> Grade:
    """The grade with these figures at its first criterion."""
    question = grade.questions[0]
    first = question.criteria[0]
    verdict = replace(first.verdict, exhibits=tuple(FigureShown(name) for name in names))
    changed = replace(question, criteria=(replace(first, verdict=verdict),))
    return replace(grade, questions=(changed,))


def header(width: int, height: int, size: int) -> bytes:
    chunk = struct.pack(">I", 13) + b"IHDR" + struct.pack(">II", width, height)
    return (PNG_MAGIC + chunk).ljust(size, b"\0")


def test_only_what_is_a_png_of_bearable_size_is_shown(samples: dict) -> None:
    blobs = {
        "good": header(640, 480, 100),
        "svg": b"<svg onload=alert(1)>" + b" " * 100,
        "short": PNG_MAGIC,
        "bomb": header(60_000, 60_000, 100),
        "empty": header(0, 10, 100),
        "large": header(640, 480, 2_000_001),
    }
    found = pictures(shown(samples["good"].grade, [*blobs, "gone"]), blobs)
    assert list(found) == ["good"]
    assert (found["good"].width, found["good"].height, found["good"].number) == (640, 480, 1)
    assert base64.b64decode(found["good"].uri.removeprefix("data:image/png;base64,")) == blobs["good"]


def noise(side: int, seed: int) -> bytes:
    """A real PNG that hardly shrinks."""
    target = io.BytesIO()
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)).save(target, "PNG")
    return target.getvalue()


def test_on_a_full_page_large_pictures_are_made_smaller(samples: dict) -> None:
    blobs = {f"large{i}": noise(700, i) for i in range(3)} | {f"p{i}": noise(60, i) for i in range(20)}
    assert sum(map(len, blobs.values())) > PICTURES_OF_A_PAGE
    found = pictures(shown(samples["good"].grade, list(blobs)), blobs)
    assert list(found) == list(blobs)
    reduced = [name for name, picture in found.items() if picture.reduced]
    assert reduced
    assert all(name.startswith("large") for name in reduced)
    assert sum(len(picture.uri) for picture in found.values()) < 5_000_000


def test_a_damaged_picture_on_a_full_page_is_left_out(samples: dict) -> None:
    blobs = {f"damaged{i}": header(900, 900, 1_900_000) for i in range(2)} | {"good": noise(60, 0)}
    found = pictures(shown(samples["good"].grade, list(blobs)), blobs)
    assert "good" in found
    assert len(found) < 3
