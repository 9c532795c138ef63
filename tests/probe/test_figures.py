"""Figures that real matplotlib code draws, with Agg in this process and with Jupyter's inline backend in a kernel."""

import io
import json
import math
import textwrap
import time

import numpy as np
import pytest
from pydantic import TypeAdapter

from grader.probe import figures
from grader.probe.recorder import Recorder, Settings
from grader.records import Figure

pytestmark = pytest.mark.data


@pytest.fixture
def recorder():
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    plt.close("all")
    recorder = Recorder(Settings(), {"plt": plt, "np": np, "io": io})
    figures.install(recorder)
    yield recorder
    plt.close("all")


def run(recorder, code):
    """The figures of a question with this code."""
    recorder.begin("q1")
    figures.begin(recorder)
    exec(textwrap.dedent(code), recorder.namespace)
    return figures.observe(recorder, {})["figures"]


def as_record(figure):
    """The figure as the grader reads it: strictly, from JSON."""
    return TypeAdapter(Figure).validate_json(json.dumps(figure, allow_nan=False))


def size(png):
    from PIL import Image

    return Image.open(io.BytesIO(png)).size


def test_curves_with_labels_and_legend(recorder):
    (figure,) = run(
        recorder,
        """
        plt.plot([0.5, 0.7, 0.8], label="train")
        plt.plot([1, 2, 3], [0.4, 0.6, np.nan], label="validation")
        plt.axhline(0.5); plt.axvline(1); plt.axline((0, 0), (1, 1)); plt.grid()
        plt.plot([], [])
        plt.title("Accuracy"); plt.xlabel("epoch"); plt.ylabel("accuracy"); plt.legend()
        plt.suptitle("GoogLeNet")
        """,
    )
    axes = figure["axes"][0]
    assert (figure["title"], axes["title"]) == ("GoogLeNet", "Accuracy")
    assert (axes["xlabel"], axes["ylabel"], axes["legend"]) == ("epoch", "accuracy", ["train", "validation"])
    assert axes["lines"] == [
        {"label": "train", "x": [0.0, 1.0, 2.0], "y": [0.5, 0.7, 0.8], "points": 3},
        {"label": "validation", "x": [1.0, 2.0], "y": [0.4, 0.6], "points": 3},
    ]
    assert size(recorder.blobs[figure["png"]])[0] <= 1000
    assert as_record(figure).axes[0].lines[1].y == (0.4, 0.6)


def test_pictures_bars_and_scatter_without_colourbars(recorder):
    (figure,) = run(
        recorder,
        """
        fig, (a, b, c) = plt.subplots(1, 3)
        picture = np.zeros((8, 8)); picture[:2, :2] = 4; picture[7, 7] = np.nan
        fig.colorbar(a.imshow(picture))
        a.plot([1, 2])
        b.bar(["cat", "dog"], [1, 2]); b.scatter([1, 2, 3], [1, 2, 3])
        c.pcolormesh(np.eye(3))
        """,
    )
    first, second, third = figure["axes"]
    (picture,) = first["pictures"]
    assert (picture["shape"], picture["low"], picture["high"]) == ([8, 8], 0.0, 4.0)
    assert picture["signature"] == [4.0] + [0.0] * 15
    assert first["lines"][0]["label"] == ""
    assert (second["bars"], second["scatter_points"]) == (2, 3)
    assert third["pictures"][0]["shape"] == [3, 3]
    assert as_record(figure).axes[0].pictures[0].shape == (8, 8)


def test_seaborn_draws_figures_like_any_other(recorder):
    lines, confusion, counts = run(
        recorder,
        """
        import pandas as pd, seaborn as sns
        sns.set_theme()
        table = pd.DataFrame({"epoch": [1, 2, 3] * 2, "split": list("aaabbb")})
        table["accuracy"] = [0.5, 0.6, 0.7, 0.4, 0.5, 0.5]
        sns.lineplot(data=table, x="epoch", y="accuracy", hue="split"); plt.title("Accuracy"); plt.figure()
        sns.heatmap(np.arange(9).reshape(3, 3), annot=True); plt.xlabel("predicted"); plt.figure()
        sns.countplot(x=[0, 1, 1, 2])
        """,
    )
    axes = as_record(lines).axes[0]
    assert (axes.title, axes.xlabel, axes.ylabel) == ("Accuracy", "epoch", "accuracy")
    assert [len(line.y) for line in axes.lines if len(line.y)] == [3, 3]
    assert set(axes.legend) >= {"a", "b"}
    (picture,) = as_record(confusion).axes[0].pictures
    assert (picture.shape, picture.low, picture.high) == ((3, 3), 0, 8)
    assert as_record(counts).axes[0].bars == 3


def test_many_points_are_kept_evenly(recorder):
    (figure,) = run(recorder, "plt.plot(np.arange(10_001))")
    line = figure["axes"][0]["lines"][0]
    assert (line["points"], len(line["x"]), line["x"][0], line["x"][-1]) == (10_001, 2000, 0.0, 10_000.0)
    assert max(np.diff(line["x"])) <= 6


def test_a_figure_counts_once_and_in_its_final_state(recorder):
    found = run(
        recorder,
        """
        fig = plt.figure(); plt.plot([1, 2])
        fig.savefig(io.BytesIO())
        plt.title("final"); fig.savefig(io.BytesIO()); fig.savefig(io.BytesIO())
        plt.close(fig)
        """,
    )
    assert [figure["axes"][0]["title"] for figure in found] == ["final"]


def test_a_figure_that_is_cleared_counts_each_time_it_was_saved(recorder):
    found = run(
        recorder,
        """
        for i in range(3):
            plt.plot([i, i]); plt.title(str(i)); plt.savefig(io.BytesIO()); plt.clf()
        plt.plot([9]); plt.title("never shown"); plt.close()
        """,
    )
    assert [figure["axes"][0]["title"] for figure in found] == ["0", "1", "2"]


def test_figures_of_an_earlier_question_count_only_when_drawn_again(recorder):
    assert len(run(recorder, "fig = plt.figure(); plt.plot([1]); other = plt.figure(); plt.plot([2])")) == 2
    assert run(recorder, "x = 1") == []
    assert len(run(recorder, "other.axes[0].set_title('changed')")) == 1
    assert len(run(recorder, "fig.savefig(io.BytesIO())")) == 1


def test_at_most_40_figures(recorder, monkeypatch):
    monkeypatch.setattr(figures, "RENDER_SECONDS", 0.5)
    found = run(recorder, "for i in range(45): plt.figure(figsize=(1, 1)); plt.savefig(io.BytesIO()); plt.close()")
    assert len(found) == 40
    assert "5 more figures were drawn; the first 40 are kept" in [note["message"] for note in recorder.notes]


def test_hostile_artists_and_texts_are_just_data(recorder):
    found = run(
        recorder,
        """
        class Odd(plt.Line2D):
            def get_data(self, orig=True): raise SystemExit
        plt.title("<script>" + "x" * 5000); plt.plot([1], label=chr(0xD800))
        plt.text(500, 500, "far"); plt.figtext(500, 500, "out")
        plt.figure(); plt.gca().add_line(Odd([1], [2]))
        plt.figure(figsize=(5000, 1)); plt.plot([1e308, -1e308])
        """,
    )
    assert len(found) == 3
    assert found[0]["axes"][0]["title"] == "<script>" + "x" * 292
    assert found[0]["axes"][0]["lines"][0]["label"] == "?"
    assert size(recorder.blobs[found[0]["png"]])[0] <= 1000
    assert found[1]["axes"] == []
    assert {note["kind"] for note in recorder.notes} == {"probe"}
    assert all(math.isfinite(y) for y in found[2]["axes"][0]["lines"][0]["y"])


def test_a_noisy_picture_is_kept_small(recorder):
    (figure,) = run(recorder, "plt.figure(figsize=(10, 10)).figimage(np.random.default_rng(0).random((1000, 1000, 3)))")
    assert len(recorder.blobs[figure["png"]]) <= 300_000


def test_64_maps_take_under_three_seconds(recorder):
    recorder.begin("q8")
    figures.begin(recorder)
    maps = "fig, grid = plt.subplots(8, 8, figsize=(16, 16))\nfor ax in grid.flat: ax.imshow(np.random.rand(55, 55))"
    exec(maps, recorder.namespace)
    started = time.process_time()
    (figure,) = figures.observe(recorder, {})["figures"]
    assert time.process_time() - started < 3
    assert len(figure["axes"]) == 64
    assert all(len(axes["pictures"]) == 1 for axes in figure["axes"])


@pytest.fixture(scope="module")
def kernel(kernel_with):
    import os

    inline = "module://matplotlib_inline.backend_inline"
    return kernel_with("figures", env={**os.environ, "MPLBACKEND": inline})


@pytest.mark.kernel
@pytest.mark.parametrize(
    ("code", "titles"),
    [
        ("plt.plot([1]); plt.title('left open')", ["left open"]),
        (
            "plt.plot([1]); plt.title('shown'); plt.show(); plt.plot([2]); plt.title('second'); plt.show()",
            ["shown", "second"],
        ),
        (
            "fig, ax = plt.subplots(); plt.close(fig); ax.set_title('displayed'); display(fig); display(fig)",
            ["displayed"],
        ),
        ("plt.title('failed'); 1 / 0", ["failed"]),
        ("fig = plt.figure(); plt.title('closed unseen'); plt.close()", []),
        ("import matplotlib.figure as f; g = f.Figure(); g.subplots().set_title('bare'); g.savefig('x.png')", ["bare"]),
        ("plt.title('saved'); plt.savefig('x.png'); plt.show(); plt.savefig('empty.png')", ["saved", ""]),
    ],
)
def test_the_inline_backend(kernel, code, titles):
    kernel.begin()
    kernel.cell("import matplotlib.pyplot as plt")
    kernel.cell(code)
    found = kernel.observe()["figures"]
    assert [figure["axes"][0]["title"] if figure["axes"] else "" for figure in found] == titles
    assert all(figure["png"] for figure in found)


def test_the_values_of_what_may_be_a_grid_are_kept(recorder):
    pair, many = run(
        recorder,
        """
        fig, (a, b) = plt.subplots(1, 2)
        a.imshow(np.arange(400.0).reshape(20, 20)); b.imshow(np.eye(8))
        fig, axes = plt.subplots(2, 3)
        for ax in axes.flat:
            ax.imshow(np.eye(20))
        """,
    )
    large, small = (axes["pictures"][0] for axes in pair["axes"])
    kept = np.load(io.BytesIO(recorder.blobs[large["grey"]]), allow_pickle=False)
    assert kept.dtype == np.float32
    assert (kept == np.arange(400).reshape(20, 20)).all()
    assert "grey" not in small
    assert not any("grey" in axes["pictures"][0] for axes in many["axes"])
    assert as_record(pair).axes[0].pictures[0].grey == large["grey"]
