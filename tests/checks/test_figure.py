from __future__ import annotations

from typing import Any

import pytest

from grader.checks.figure import FigureParameters, figure
from grader.records import Axes, ErrorTrace, Figure, FigureShown, Line, Note, Picture

CURVES = FigureParameters(lines=2, labels=True, legend=True, points="epochs", words=("acc",))
FILTERS = FigureParameters(pictures=64, partial_pictures=32, title=True, words=("filter", "kernel"))


def line(*y: float) -> Line:
    return Line("train", tuple(range(len(y))), y, len(y))


def curves(*lines: Line, **changes: Any) -> Figure:
    values = {"title": "Accuracy", "xlabel": "epoch", "ylabel": "accuracy", "legend": ("train", "validation")}
    return Figure("", (Axes(lines=lines, **{**values, **changes}),), "figure.png")


def pictures(count: int, title: str = "Filters", *, same: bool = False, blank: int = 0) -> Figure:
    drawn = [
        Picture((11, 11, 3), 0.0, 0.0 if i < blank else 1.0, tuple(float(0 if same else i) for _ in range(16)))
        for i in range(count)
    ]
    return Figure(title, tuple(Axes(pictures=(picture,)) for picture in drawn), "figure.png")


def judge(evidence: Any, asked: FigureParameters, *figures: Figure, **more: Any) -> Any:
    return figure(evidence(figures=figures, **more), asked, None)


UP, UP_LATE = line(0.1, 0.3, 0.5, 0.6, 0.7), line(0.1, 0.2, 0.4, 0.5, 0.5)


def test_right_curves(evidence: Any, training: Any) -> None:
    verdict = judge(evidence, CURVES, curves(UP, UP_LATE), trainings=(training(epochs=5),))
    assert verdict.share == 1.0
    assert verdict.exhibits == (FigureShown("figure.png", "Accuracy"),)


@pytest.mark.parametrize(
    ("changes", "share", "said"),
    [
        ({"legend": ()}, 0.8, "a legend: missing"),
        ({"xlabel": ""}, 0.8, "axis labels: missing"),
        ({"legend": (), "xlabel": ""}, 0.6, "a legend: missing"),
    ],
)
def test_what_is_missing_costs_its_part(evidence: Any, training: Any, changes: Any, share: float, said: str) -> None:
    verdict = judge(evidence, CURVES, curves(UP, UP_LATE, **changes), trainings=(training(epochs=5),))
    assert verdict.share == pytest.approx(share)
    assert said in verdict.rationale


def test_one_point_per_run_is_not_one_per_epoch(evidence: Any, training: Any) -> None:
    verdict = judge(evidence, CURVES, curves(line(0.7), line(0.5)), trainings=(training(epochs=5),))
    assert verdict.share == pytest.approx(0.8)
    assert "1 point per curve, expected one per epoch, that is 5" in verdict.rationale


def test_a_cut_training_does_not_make_curves_wrong(evidence: Any, training: Any) -> None:
    cut = (training(epochs=2, epochs_asked=5, cut="2 of 5 epochs"),)
    assert judge(evidence, CURVES, curves(UP, UP_LATE), trainings=cut).share == 1.0
    assert judge(evidence, CURVES, curves(line(0.1, 0.4), line(0.1, 0.3)), trainings=cut).share == 1.0


def test_curves_of_two_stages_may_be_joined(evidence: Any, training: Any) -> None:
    stages = (training(epochs=2), training(epochs=3))
    assert judge(evidence, CURVES, curves(UP, UP_LATE), trainings=stages).share == 1.0


def test_curves_typed_in_by_hand_earn_nothing(evidence: Any) -> None:
    verdict = judge(evidence, CURVES, curves(UP, UP_LATE))
    assert verdict.share == 0.0
    assert "no training was seen" in verdict.rationale


@pytest.mark.parametrize("lines", [(line(0, 0, 0), line(0, 0, 0)), (line(0.9, 0.9, 0.9), line(0.8, 0.8, 0.8)), ()])
def test_flat_curves_earn_nothing_for_their_labels(evidence: Any, lines: tuple[Line, ...]) -> None:
    assert judge(evidence, CURVES, curves(*lines)).share == 0.0


@pytest.mark.parametrize(("count", "share"), [(64, 1.0), (70, 1.0), (32, 2.5 / 3), (63, 2.5 / 3), (31, 0.0), (1, 0.0)])
def test_pictures(evidence: Any, count: int, share: float) -> None:
    verdict = judge(evidence, FILTERS, pictures(count))
    assert verdict.share == pytest.approx(share)
    assert f"{count} of 64 different pictures" in verdict.rationale


def test_the_same_picture_again_and_blank_ones_earn_nothing(evidence: Any) -> None:
    assert judge(evidence, FILTERS, pictures(64, same=True)).share == 0.0
    assert judge(evidence, FILTERS, pictures(64, blank=64)).share == 0.0
    assert judge(evidence, FILTERS, pictures(64, blank=5)).share == 1.0


def test_no_figure(evidence: Any) -> None:
    assert judge(evidence, FILTERS).share == 0.0
    assert judge(evidence, FILTERS, Figure("empty")).share == 0.0


def test_several_figures_count_for_their_share(evidence: Any) -> None:
    two = FigureParameters(figures=2, pictures=64)
    assert judge(evidence, two, pictures(64), pictures(64, "Maps")).share == 1.0
    verdict = judge(evidence, two, pictures(64))
    assert verdict.share == 0.5
    assert "Draw the other figures too." in verdict.hint


def test_a_figure_that_says_it_is_another_one_goes_to_a_person_or_earns_nothing(evidence: Any) -> None:
    complete = judge(evidence, FILTERS, pictures(64, "Feature maps"))
    assert complete.share is None
    assert "another name" in complete.rationale
    assert judge(evidence, FILTERS, pictures(32, "Feature maps")).share == 0.0
    untitled = judge(evidence, FILTERS, pictures(64, ""))
    assert untitled.share == pytest.approx(1 / 3)


def test_a_grid_in_one_picture_goes_to_a_person(evidence: Any) -> None:
    grid = Figure("Filters", (Axes(pictures=(Picture((106, 106, 3), 0, 1, (0.5,) * 16),)),), "grid.png")
    verdict = judge(evidence, FILTERS, grid)
    assert verdict.share is None
    assert verdict.exhibits == (FigureShown("grid.png", "Filters"),)


def test_a_missing_picture_is_no_zero_and_what_was_drawn_is_shown(evidence: Any) -> None:
    note = Note("missing", "No such file.", "sample.jpg", "q6", 1)
    error = ErrorTrace("FileNotFoundError", "sample.jpg", 1, 40)
    verdict = judge(evidence, FILTERS, pictures(64, "Feature maps"), notes=(note,), error=error)
    assert verdict.share is None
    assert "sample.jpg: No such file." in verdict.rationale
    assert verdict.exhibits


def test_stand_in_weights_are_named(evidence: Any) -> None:
    note = Note("stand-in", "weights of AlexNet are drawn at random here", "alexnet", "q6")
    assert (
        " Weights of AlexNet are drawn at random here."
        in judge(evidence, FILTERS, pictures(64), notes=(note,)).rationale
    )


def test_scatter_is_not_a_curve_but_something(evidence: Any) -> None:
    dots = Figure("t", (Axes(scatter_points=9),))
    assert judge(evidence, FigureParameters(), dots).share == 1.0
    assert judge(evidence, FigureParameters(lines=1), dots).share == 0.0


MAPS = FigureParameters(figures=2, pictures=64, title=True, model=True)


def test_pictures_without_a_network_earn_nothing(evidence: Any, lenet: Any) -> None:
    noise = (pictures(64, "Filters"), pictures(64, "Feature maps"))
    verdict = judge(evidence, MAPS, *noise)
    assert verdict.share == 0.0
    assert "no network was built or loaded" in verdict.rationale
    assert verdict.exhibits
    assert judge(evidence, MAPS, *noise, models=(lenet(trained=False),)).share == 1.0


def test_pictures_of_a_network_whose_weights_are_missing_go_to_a_person(evidence: Any) -> None:
    note = Note("missing", "No weights.", "alexnet.pth", "q6", 1)
    error = ErrorTrace("URLError", "alexnet.pth", 1)
    assert judge(evidence, MAPS, pictures(64), notes=(note,), error=error).share is None


def test_each_figure_is_named_by_its_place_and_title(evidence: Any) -> None:
    drawn = (pictures(1, ""), pictures(64, "Feature maps"))
    verdict = judge(evidence, FigureParameters(figures=2, pictures=64), *drawn)
    assert "figure 2 (“Feature maps”): 64 of 64 different pictures" in verdict.rationale
    assert "figure 1: 1 of 64 different pictures" in verdict.rationale


def test_the_references_figure_stands_beside_where_the_rubric_says_so(evidence: Any, training: Any) -> None:
    theirs = Figure("", (Axes(lines=(UP, UP_LATE), title="Accuracy"),), "reference.png")
    other = Figure("Confusion", (Axes(title="Confusion"),), "other.png")
    seen = evidence(figures=(curves(UP, UP_LATE),), trainings=(training(epochs=5),))
    shown = figure(seen, CURVES.model_copy(update={"show_reference": True}), evidence(figures=(other, theirs)))
    assert shown.exhibits == (
        FigureShown("figure.png", "Accuracy"),
        FigureShown("reference.png", "Accuracy", reference=True),
    )
    assert figure(seen, CURVES, evidence(figures=(theirs,))).exhibits == shown.exhibits[:1]
    none_drawn = figure(evidence(), CURVES.model_copy(update={"show_reference": True}), evidence(figures=(theirs,)))
    assert none_drawn.exhibits == ()
