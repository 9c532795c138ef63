"""Pictures and curves that are those of the network, and those that only look so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from grader.checks.figure import FigureParameters, figure
from grader.probe.layer_pictures import described
from grader.probe.signature import signature
from grader.records import Axes, Cell, Figure, LayerPictures, Line, Picture

RANDOM = np.random.default_rng(3)
FILTERS, MAPS = RANDOM.normal(size=(16, 3, 11, 11)), RANDOM.normal(size=(16, 20, 20))
BOTH = FigureParameters(figures=2, pictures=16, title=True, model=True, shows=("filters", "maps"))
CURVES = FigureParameters(lines=1, agree=True)


def grid(pictures: Any, title: str) -> Figure:
    drawn = [Picture(p.shape, float(p.min()), float(p.max()), tuple(signature(p))) for p in pictures]
    return Figure(title, tuple(Axes(pictures=(one,)) for one in drawn))


def scaled(filters: Any) -> Any:
    return [(f - f.min()) / (f.max() - f.min()) for f in filters]


PHOTO, OTHER = (np.kron(RANDOM.random((6, 6)), np.ones((16, 16))) for _ in range(2))


def pictures(fed: Any = None) -> LayerPictures:
    return TypeAdapter(LayerPictures).validate_python({"model": 0, **described("features.0", FILTERS, MAPS, fed)})


@pytest.fixture
def judge(evidence: Any, lenet: Any) -> Any:
    own = pictures()

    def verdict(*figures: Figure) -> Any:
        return figure(evidence(figures=figures, models=(lenet(),), layer_pictures=(own,)), BOTH, None)

    return verdict


def test_filters_and_maps_in_the_ways_they_are_drawn(judge: Any) -> None:
    colour = grid(scaled(FILTERS.transpose(0, 2, 3, 1)), "Filters")
    grey, channel = grid(FILTERS.mean(axis=1), "Filters"), grid(FILTERS[:, 0], "Filters")
    for filters in (colour, grey, channel):
        for maps in (MAPS, np.maximum(MAPS, 0), -3 + 7 * MAPS):
            assert judge(filters, grid(maps, "Maps")).share == 1.0
    assert judge(grid(MAPS, "Maps"), grey).share == 1.0


def test_noise_is_neither(judge: Any) -> None:
    noise = grid(RANDOM.random((16, 11, 11)), "Filters")
    assert judge(noise, grid(RANDOM.random((16, 20, 20)), "Maps")).share == 0.0
    half = judge(grid(FILTERS.mean(axis=1), "Filters"), noise)
    assert half.share == 0.5
    assert "0 of 16 different pictures" in half.rationale
    assert judge(grid(FILTERS.mean(axis=1), "Filters"), grid(FILTERS.mean(axis=1), "Filters again")).share == 0.5


def test_without_the_networks_own_pictures_a_person_looks(evidence: Any, lenet: Any) -> None:
    drawn = grid(MAPS, "Maps")
    assert figure(evidence(figures=(drawn, drawn), models=(lenet(),)), BOTH, None).share is None


def as_one(pictures: Any, gap: int, edge: int, columns: int = 4) -> Any:
    """What `make_grid`, or a loop over a block of zeros, makes of pictures."""
    height, width = pictures[0].shape
    rows = -(-len(pictures) // columns)
    whole = np.zeros((2 * edge + rows * (height + gap) - gap, 2 * edge + columns * (width + gap) - gap))
    for i, one in enumerate(pictures):
        y, x = edge + i // columns * (height + gap), edge + i % columns * (width + gap)
        whole[y : y + height, x : x + width] = one
    return whole


def drawn_as_one(whole: Any, title: str, npy: Any) -> tuple[Figure, dict[str, bytes]]:
    picture = Picture(whole.shape, float(whole.min()), float(whole.max()), tuple(signature(whole)), f"{title}.npy")
    return Figure(title, (Axes(pictures=(picture,)),)), {f"{title}.npy": npy(whole)}


@pytest.mark.parametrize(("gap", "edge"), [(2, 2), (0, 0), (1, 0)])
def test_a_grid_in_one_picture_is_taken_apart(evidence: Any, lenet: Any, npy: Any, gap: int, edge: int) -> None:
    def judged(filters: Any, maps: Any) -> Any:
        (one, first), (two, second) = (
            drawn_as_one(as_one(drawn, gap, edge), title, npy)
            for drawn, title in ((filters, "Filters"), (maps, "Maps"))
        )
        seen = {"models": (lenet(),), "layer_pictures": (pictures(),)}
        return figure(evidence(figures=(one, two), blobs=first | second, **seen), BOTH, None)

    filters = FILTERS.mean(axis=1)
    right = judged(filters - filters.min(), MAPS)
    assert right.share == 1.0
    assert "16 of 16 different pictures" in right.rationale
    half = judged(filters, RANDOM.random(MAPS.shape))
    assert half.share == 0.5, half
    assert judged(RANDOM.random(filters.shape), RANDOM.random(MAPS.shape)).share == 0.0


@pytest.mark.parametrize(
    ("fed", "share", "said"),
    [
        (PHOTO, 1.0, ""),
        (0.2 * PHOTO[4:92, 4:92] - 1, 1.0, ""),
        (RANDOM.random((96, 96)), 0.5, "The network was fed noise"),
        (OTHER, None, "fed another picture"),
    ],
)
def test_maps_must_be_of_the_given_picture(evidence: Any, lenet: Any, fed: Any, share: float | None, said: str) -> None:
    asked = BOTH.model_copy(update={"given_picture": True})
    drawn = (grid(FILTERS.mean(axis=1), "Filters"), grid(MAPS, "Maps"))
    reference = evidence(layer_pictures=(pictures(PHOTO),))
    verdict = figure(evidence(figures=drawn, models=(lenet(),), layer_pictures=(pictures(fed),)), asked, reference)
    assert verdict.share == share
    assert said in verdict.rationale


@pytest.mark.parametrize(("window", "share"), [(FILTERS.shape[-1], 1.0), (7, 0.0)])
def test_the_filters_of_another_network_earn_nothing(evidence: Any, lenet: Any, window: int, share: float) -> None:
    drawn = grid(FILTERS.mean(axis=1), "Filters"), grid(MAPS, "Maps")
    asked = BOTH.model_copy(update={"window": window})
    verdict = figure(evidence(figures=drawn, models=(lenet(),), layer_pictures=(pictures(),)), asked, None)
    assert verdict.share == share
    assert ("the network's first filters are 11×11, expected 7×7" in verdict.rationale) == (not share)


def curve(*y: float, label: str = "training loss") -> Figure:
    return Figure("t", (Axes(lines=(Line(label, tuple(range(len(y))), y, len(y)),)),))


def test_curves_agree_with_the_recorded_training(evidence: Any, training: Any) -> None:
    keras = (training(framework="keras", history={"loss": (2.0, 1.0, 0.5), "accuracy": (0.3, 0.6, 0.8)}),)
    for y in ((2.0, 1.0, 0.5), (0.3, 0.6, 0.8), (30.0, 60.0, 80.0)):
        assert figure(evidence(figures=(curve(*y),), trainings=keras), CURVES, None).share == 1.0
    assert figure(evidence(figures=(curve(0.9, 0.95, 0.99),), trainings=keras), CURVES, None).share == 0.5
    torch = (training(history={"loss": (2.0, 1.0, 0.5)}),)
    assert figure(evidence(figures=(curve(2.1, 1.1, 0.45),), trainings=torch), CURVES, None).share == 1.0
    assert figure(evidence(figures=(curve(0.2, 0.1, 0.05),), trainings=torch), CURVES, None).share == 0.5


TWO = (("training accuracy", (0.3, 0.6, 0.8)), ("validation accuracy", (0.2, 0.5, 0.55)))


def curves(*named: tuple[str, tuple[float, ...]], ylabel: str = "") -> Figure:
    lines = tuple(Line(label, tuple(range(len(y))), y, len(y)) for label, y in named)
    return Figure("t", (Axes(lines=lines, ylabel=ylabel),))


@pytest.mark.parametrize(
    ("drawn", "share"),
    [
        (TWO, 1.0),
        ((TWO[0], ("validation accuracy", (0.2, 0.5, 0.9))), 0.5),
        ((("train", (30.0, 60.0, 80.0)), ("test", (20.0, 50.0, 55.0))), 1.0),
        ((("train", (0.9, 0.95, 0.99)), ("test", (0.9, 0.94, 0.98))), 0.0),
        ((("train", TWO[1][1]), ("test", TWO[0][1])), 0.0),
    ],
)
@pytest.mark.parametrize("framework", ["torch", "keras"])
def test_accuracies_agree_with_the_recorded_ones(
    evidence: Any, training: Any, framework: str, drawn: Any, share: float
) -> None:
    recorded = {"loss": (2.0, 1.0, 0.5), "accuracy": TWO[0][1], "val_accuracy": TWO[1][1]}
    seen = {
        "figures": (curves(*drawn, ylabel="accuracy"),),
        "trainings": (training(framework=framework, history=recorded),),
    }
    verdict = figure(evidence(**seen), CURVES.model_copy(update={"lines": 2}), None)
    swapped = drawn[0][1] == TWO[1][1]
    assert verdict.share == pytest.approx(0 if swapped else 1 / 2 + share / 2)
    assert ("not the one that its label says" in verdict.rationale) == swapped


def test_what_a_cut_training_recorded_is_held_against_nobody(evidence: Any, training: Any) -> None:
    cut = training(history={"loss": (2.0, 1.0, 0.5)}, cut="after 2 s")
    assert figure(evidence(figures=(curve(0.2, 0.1, 0.05),), trainings=(cut,)), CURVES, None).share == 1.0


def test_pairs_of_axes_are_counted(evidence: Any) -> None:
    pair = Figure("t", (Axes(bars=3), Axes(lines=(Line("", (0, 1), (0, 1), 2),)), Axes()))
    assert figure(evidence(figures=(pair,)), FigureParameters(axes=2), None).share == 1.0
    assert figure(evidence(figures=(pair,)), FigureParameters(axes=4), None).share == 0.75


def test_curves_of_two_stages_one_after_the_other(evidence: Any, training: Any) -> None:
    stages = tuple(training(framework="keras", history={"loss": losses}) for losses in ((2.0, 1.0), (0.9, 0.8)))
    assert figure(evidence(figures=(curve(2.0, 1.0, 0.9, 0.8),), trainings=stages), CURVES, None).share == 1.0


KERAS = {"loss": (2.0, 1.0, 0.5), "val_loss": (2.2, 1.3, 0.9), "accuracy": (0.3, 0.6, 0.8)}


@pytest.mark.parametrize(
    ("label", "share"), [("training loss", 1.0), ("loss", 1.0), ("Validation loss", 0.0), ("test", 0.0)]
)
def test_training_and_validation_swapped(evidence: Any, training: Any, label: str, share: float) -> None:
    stage = training(framework="keras", history=KERAS)
    by_label = evidence(figures=(curve(*KERAS["loss"], label=label),), trainings=(stage,))
    assert figure(by_label, CURVES, None).share == share
    (axes,) = curve(*KERAS["loss"], label="_child0").axes
    by_legend = Figure("t", (replace(axes, legend=(label,)),))
    assert figure(evidence(figures=(by_legend,), trainings=(stage,)), CURVES, None).share == share


def test_a_question_that_only_draws_shows_the_training_before_it(evidence: Any, training: Any) -> None:
    epochs = FigureParameters(lines=1, agree=True, points="epochs")
    drawn = evidence(figures=(curve(*KERAS["loss"]),))
    stage = training(framework="keras", epochs=3, history=KERAS)
    assert figure(replace(drawn, earlier=(stage,)), epochs, None).share == 1.0
    assert figure(drawn, epochs, None).share == 0.0


def test_the_accuracy_in_the_place_of_the_loss(evidence: Any, training: Any) -> None:
    asked = FigureParameters(lines=1, agree=True, words=("loss",))
    stage = training(framework="keras", history=KERAS)
    accuracy = replace(curve(*KERAS["accuracy"], label="training"), title="Accuracy")
    assert figure(evidence(figures=(accuracy,), trainings=(stage,)), asked, None).share == 0.0
    cost = replace(curve(*KERAS["loss"], label="training"), title="Cost")
    assert figure(evidence(figures=(cost,), trainings=(stage,)), asked, None).share is None


def test_the_validation_loss_of_pytorch_is_not_recorded(evidence: Any, training: Any) -> None:
    torch = (training(history={"loss": (2.0, 1.0, 0.5)}),)
    assert figure(evidence(figures=(curve(3.0, 3.1, 3.3, label="val loss"),), trainings=torch), CURVES, None).share == 1


def test_a_curve_that_stands_in_the_code_is_typed_in(evidence: Any, training: Any) -> None:
    seen = evidence(figures=(curve(2.0, 1.0, 0.5),), trainings=(training(history={"loss": (2.0, 1.0, 0.5)}),))
    verdict = figure(replace(seen, cells=(Cell(1, "code", "x = 1\nloss = [2.0, 1, 0.5]"),)), CURVES, None)
    assert verdict.share == 0.0
    assert "typed in by hand (cell 1, line 2)" in verdict.rationale


@pytest.mark.parametrize(
    ("axes", "share"),
    [(Axes(bars=3), 1.0), (Axes(scatter_points=9), 0.0), (Axes(lines=(Line("", (0, 1), (0, 1), 2),)), 0.0)],
)
def test_kinds_of_drawing_differ(evidence: Any, axes: Axes, share: float) -> None:
    assert figure(evidence(figures=(Figure("t", (axes,)),)), FigureParameters(kinds=("bar",)), None).share == share
