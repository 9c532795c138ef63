"""The check `figure`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field, model_validator

from grader.checks import code
from grader.checks.absence import absent, cause, lacked, observed
from grader.checks.curves import agreement, named_otherwise, trainings
from grader.checks.drawn import Shows, of_the_given_picture, only, other_windows
from grader.checks.registry import Parameters, check
from grader.checks.tiles import taken_apart
from grader.records import Axes, Evidence, Figure, FigureShown, LayerPictures, Line, Note, Picture, Place, Verdict

_MOST_SHOWN = 6
_DRAWING = ("plot", "imshow", "scatter", "bar", "hist", "matshow", "heatmap", "lineplot", "subplots", "figure")
_PART = 0.5  # what `partial_pictures` earns
_GRID_CELL = 64  # pixels: the least that one cell of a grid drawn as one picture takes


class FigureParameters(Parameters):
    """What the figures must show. Every part that is asked for has the same weight."""

    figures: int = Field(1, ge=1, description="How many figures of this kind are asked for.")
    axes: int = Field(0, ge=0, description="Least number of pairs of axes in each figure that show something.")
    lines: int = Field(0, ge=0, description="Least number of curves in one pair of axes.")
    pictures: int = Field(0, ge=0, description="Least number of different pictures in each figure.")
    partial_pictures: int | None = Field(None, ge=1, description="Number of pictures that earns half of their part.")
    labels: bool = Field(False, description="Both axes are labelled.")
    legend: bool = Field(False, description="A legend names the curves.")
    title: bool = Field(False, description="The figure or its axes have a title.")
    points: Literal["epochs"] | int | None = Field(None, description="Points per curve: a number, or one per epoch.")
    kinds: tuple[Literal["plot", "scatter", "bar", "image"], ...] = Field(
        (), description="Kinds of drawing that there must be, each in some pair of axes of the figure."
    )
    agree: bool = Field(
        False,
        description="The curves must be those of the training: not typed in, as the recorded loss and accuracy where "
        "these are known, and each under its own name.",
    )
    shows: tuple[Shows, ...] = Field(
        (), description="Per figure what its pictures must be: `filters` or `maps` of the network's first convolution."
    )
    window: int | None = Field(
        None, ge=1, description="Height and width of the filters of that convolution: 11 for AlexNet."
    )
    given_picture: bool = Field(
        False, description="With `shows: [maps]`: the network must be fed the picture that the reference's is fed."
    )
    not_blank: bool = Field(True, description="Blank pictures and constant curves do not count.")
    words: tuple[str, ...] = Field((), description="One of them must stand in a title, label or legend.")
    show_reference: bool = Field(
        False, description="Students may see the reference's figures of this question, beside their own."
    )
    model: bool = Field(
        False,
        description="The pictures must come from a network: without one built or loaded in this question they earn "
        "nothing.",
    )

    @model_validator(mode="after")
    def _one_per_figure(self) -> FigureParameters:
        if self.shows and len(self.shows) != self.figures:
            raise ValueError("'shows' needs one word per figure")
        return self


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that a figure must have.

    Attributes:
        share: Earned for it.
        text: What was seen.
        main: Without it, the figure is not the one that was asked for.
        word: It is the word that names the figure.
        place: Where in the code it was lost, if that is known.
    """

    share: float
    text: str
    main: bool = False
    word: bool = False
    place: Place | None = None


@check("figure")
def figure(evidence: Evidence, parameters: FigureParameters, reference: Evidence | None) -> Verdict:
    """Does your figure show what was asked for?

    All figures that your code draws in this question are looked at, and the best ones count. Each thing that is asked
    for (curves, points per curve, pictures, axis labels, legend, title, a word that says what it is) is a part of the
    same weight; where several figures are asked for, each counts for its share. A figure without the curves or pictures
    that were asked for gets nothing for its labels. Blank pictures, the same picture again, curves without a change and
    curves of a training that did not happen do not count, and neither does a figure whose title names another thing.
    Where the pictures must come from a network, they earn nothing if none was built or loaded, and where they must be
    its filters or feature maps, only those count that look like them; a grid in one picture is taken apart. Where the
    maps must be of the given picture, maps of noise earn nothing, and a person looks at those of another picture. Where
    curves must agree with the training, those that are typed in earn nothing, and those under the name of another one
    lose this part.
    """
    drawn = [f for f in observed(evidence).figures if f.axes]
    if not drawn:
        return absent(evidence, "No figure was drawn in this question.", "Draw it in a cell of this question.")
    exhibits = (*_exhibits(drawn), *_expected(reference, parameters))
    if parameters.model and not observed(evidence).models:
        text = f"{_figures(len(drawn))} drawn, but no network was built or loaded from which the pictures could come."
        return replace(absent(evidence, text, "Draw what the network asked for gives."), exhibits=exhibits)
    if parameters.shows and not observed(evidence).layer_pictures and observed(evidence).models:
        text = f"{_figures(len(drawn))} drawn, but the network's own pictures were not seen to compare with."
        return Verdict(None, f"{text} A person will look.", exhibits=exhibits)
    if parameters.window and (sizes := other_windows(evidence, parameters.window)):
        asked = f"{parameters.window}×{parameters.window}"
        text = f"{_figures(len(drawn))} drawn, but the network's first filters are {sizes}, expected {asked}."
        return replace(absent(evidence, text, "Use the network that was asked for."), exhibits=exhibits)
    chosen = _chosen(drawn, parameters.words)
    fed, amiss = list(observed(evidence).layer_pictures), ""
    if parameters.given_picture:
        fed, amiss = of_the_given_picture(evidence, reference)
    ranked = _ranked(chosen or drawn, evidence, parameters, fed)
    judged = [parts for parts, _ in ranked]
    share = sum(map(_share, judged)) / parameters.figures if chosen else 0.0
    looked = " ".join(f"Looked at {_name(f, drawn)}: {'; '.join(p.text for p in parts)}." for parts, f in ranked)
    text = f"{_figures(len(drawn))} drawn, {parameters.figures} asked for. {looked}"
    text = f"{text} The network was fed {amiss} and not the given picture." if amiss else text
    doubt = "" if share >= 1 else _doubt(evidence, drawn, judged, parameters, amiss)
    if share < 1 and (lacked(evidence) or doubt):
        unsure = absent(evidence, text) if lacked(evidence) else Verdict(None, f"{text} {doubt} A person will look.")
        return replace(unsure, exhibits=exhibits, place=_place(evidence, ranked))
    text = " ".join(filter(None, [text, _stand_ins(evidence), cause(evidence) if share < 1 else ""]))
    hint = "" if share >= 1 else _hint(judged, parameters)
    return Verdict(share, text, hint, exhibits, place=_place(evidence, ranked))


def _place(evidence: Evidence, ranked: list[tuple[list[Part], Figure]]) -> Place | None:
    """Where a part was lost, else where the title of the figure is written, else where something is drawn first."""
    lost = (part.place for parts, _ in ranked for part in parts if part.share < 1 and part.place)
    titles = [title for _, drawn in ranked for title in (drawn.title, *(axes.title for axes in drawn.axes)) if title]
    return next(lost, None) or code.says(evidence, titles) or code.called(evidence, *_DRAWING)


def _exhibits(drawn: list[Figure], reference: bool = False) -> tuple[FigureShown, ...]:
    return tuple(FigureShown(f.png, _caption(f), reference) for f in drawn if f.png)[:_MOST_SHOWN]


def _expected(reference: Evidence | None, parameters: FigureParameters) -> tuple[FigureShown, ...]:
    """The reference's figures, where students may see them."""
    if not parameters.show_reference or reference is None or reference.question.observation is None:
        return ()
    drawn = [f for f in reference.question.observation.figures if f.axes]
    return _exhibits(_chosen(drawn, parameters.words)[: parameters.figures], reference=True)


def _chosen(drawn: list[Figure], words: tuple[str, ...]) -> list[Figure]:
    """The figures that say that they are the right ones; without any, those that do not say what they are."""
    named = [f for f in drawn if _has_word(f, words)]
    return named or [f for f in drawn if not words or not _caption(f)]


def _doubt(
    evidence: Evidence, drawn: list[Figure], judged: list[list[Part]], parameters: FigureParameters, amiss: str
) -> str:
    """Why a person must look before points are lost; empty if there is no reason."""
    if amiss == "another picture":
        return "The question may allow that one, too."
    if _may_be_grid(evidence, drawn, parameters):
        return "One picture may hold a whole grid, which cannot be counted here."
    if parameters.agree and any(named_otherwise(f.axes, parameters.words, evidence) for f in drawn):
        return ""
    complete = [all(part.share >= 1 for part in parts if not part.word) for parts in judged]
    if not _chosen(drawn, parameters.words) and all(complete) and len(complete) == parameters.figures:
        return "The figure has another name than expected, but all that was asked for."
    return ""


def _ranked(
    drawn: list[Figure], evidence: Evidence, parameters: FigureParameters, fed: Sequence[LayerPictures]
) -> list[tuple[list[Part], Figure]]:
    """The best figures with their parts; where each must show a thing of its own, the best one for each thing."""
    if not parameters.shows:
        judged = [(_judge(f, evidence, parameters), f) for f in drawn]
        return sorted(judged, key=lambda pair: -_share(pair[0]))[: parameters.figures]
    found, left = [], list(drawn)
    for wanted in parameters.shows:
        judged = [(_judge(only(f, wanted, evidence, fed), evidence, parameters), f) for f in left]
        if judged:
            parts, best = max(judged, key=lambda pair: _share(pair[0]))
            own = Part(1.0, f"counted are {wanted} of the network's first convolution")
            found.append(([own, *parts] if _share(parts) else [replace(own, share=0.0, main=True), *parts], best))
            left = [f for f in left if f is not found[-1][1]]
    return found


def _judge(drawn: Figure, evidence: Evidence, parameters: FigureParameters) -> list[Part]:
    pictures = len(_pictures(drawn, blank=not parameters.not_blank))
    return max((list(_parts(drawn, axes, pictures, evidence, parameters)) for axes in drawn.axes), key=_share)


def _share(parts: list[Part]) -> float:
    if any(part.main and not part.share for part in parts):
        return 0.0
    return sum(part.share for part in parts) / len(parts)


def _parts(
    drawn: Figure, axes: Axes, pictures: int, evidence: Evidence, parameters: FigureParameters
) -> Iterator[Part]:
    lines = _lines(axes, blank=not parameters.not_blank)
    if parameters.lines:
        share = min(1.0, len(lines) / parameters.lines)
        yield Part(share, f"{len(lines)} of {parameters.lines} curves in one pair of axes", main=True)
    if parameters.pictures:
        yield _picture_part(pictures, parameters)
    if not parameters.lines and not parameters.pictures:
        content = bool(lines or pictures or axes.bars or axes.scatter_points)
        yield Part(float(content), "it shows something" if content else "it is blank", main=True)
    if parameters.kinds:
        yield _kinds_part(drawn, parameters.kinds)
    if parameters.axes:
        shown = sum(bool(a.lines or a.pictures or a.bars or a.scatter_points) for a in drawn.axes)
        yield Part(min(1.0, shown / parameters.axes), f"{shown} of {parameters.axes} pairs of axes that show something")
    if parameters.agree:
        found = agreement(axes, lines, evidence)
        yield Part(found.share, found.text, main=found.fatal, place=found.place)
    if parameters.points is not None:
        yield _points_part(lines, evidence, parameters.points)
    yield from _words_around(drawn, axes, parameters)


def _words_around(drawn: Figure, axes: Axes, parameters: FigureParameters) -> Iterator[Part]:
    if parameters.labels:
        yield _there("axis labels", axes.xlabel and axes.ylabel)
    if parameters.legend:
        yield _there("a legend", any(entry.strip() for entry in axes.legend))
    if parameters.title:
        yield _there("a title", _caption(drawn))
    if parameters.words:
        found = _there(f"one of the words {', '.join(parameters.words)}", _has_word(drawn, parameters.words))
        yield replace(found, word=True)


def _kinds_part(drawn: Figure, kinds: tuple[str, ...]) -> Part:
    seen = {
        "plot": any(axes.lines for axes in drawn.axes),
        "scatter": any(axes.scatter_points for axes in drawn.axes),
        "bar": any(axes.bars for axes in drawn.axes),
        "image": any(axes.pictures for axes in drawn.axes),
    }
    missing = [kind for kind in kinds if not seen[kind]]
    there = ", ".join(kind for kind, found in seen.items() if found) or "nothing"
    return Part(1 - len(missing) / len(kinds), f"kinds of drawing: {there}, expected {', '.join(kinds)}", main=True)


def _there(name: str, found: object) -> Part:
    return Part(float(bool(found)), f"{name}: {'there' if found else 'missing'}")


def _picture_part(count: int, parameters: FigureParameters) -> Part:
    partial = parameters.partial_pictures is not None and count >= parameters.partial_pictures
    share = 1.0 if count >= parameters.pictures else _PART if partial else 0.0
    return Part(share, f"{count} of {parameters.pictures} different pictures", main=True)


def _pictures(drawn: Figure, *, blank: bool) -> list[Picture]:
    """Different pictures. Some blank ones among many count (a dead map is a map), a figure of blanks does not."""
    found = [picture for axes in drawn.axes for picture in axes.pictures]
    full = [picture for picture in found if picture.high > picture.low]
    if not blank and len(full) * 2 < len(found):
        return full
    different = {(p.signature or str(i), p.low, p.high) for i, p in enumerate(full)}
    return list(full[: len(different)]) + [p for p in found if p.high <= p.low]


def _lines(axes: Axes, *, blank: bool) -> list[Line]:
    named = len(axes.legend) == len(axes.lines) and all(line.label[:1] in ("", "_") for line in axes.lines)
    labels = axes.legend if named else [line.label for line in axes.lines]  # `plt.legend(["train", "val"])`
    lines = [replace(line, label=label) for line, label in zip(axes.lines, labels, strict=True)]
    drawn = [line for line in lines if line.points and (blank or any(line.y))]
    return [] if not blank and all(map(_is_constant, drawn)) else drawn


def _is_constant(line: Line) -> bool:
    # One point is what one epoch gives; it is no flat curve.
    return line.points > 1 and len(set(line.y)) < 2


def _points_part(lines: list[Line], evidence: Evidence, asked: Literal["epochs"] | int) -> Part:
    wanted, least = _epochs(evidence) if asked == "epochs" else ({asked}, None)
    if not wanted:
        return Part(0.0, "no training was seen whose epochs the curves could show", main=True)
    found = sorted({line.points for line in lines})
    fits = [n for n in found if n in wanted or (least is not None and n >= least)]
    right = sum(line.points in fits for line in lines) / len(lines) if lines else 0.0
    expected = f"{'one per epoch, that is ' if asked == 'epochs' else ''}{' or '.join(map(str, sorted(wanted)))}"
    seen = " or ".join(map(str, found)) or "no"
    return Part(right, f"{seen} {'point' if found == [1] else 'points'} per curve, expected {expected}")


def _epochs(evidence: Evidence) -> tuple[set[int], int | None]:
    """Numbers of epochs that ran, each stage and all together; and, where training was cut, the least number."""
    seen = trainings(evidence)
    ran = [t.epochs for t in seen if t.epochs]
    # A cut loop of the student's own goes on without batches: then a curve may have all the epochs asked for.
    return {*ran, sum(ran)} - {0}, min(ran) if ran and any(t.cut for t in seen) else None


def _has_word(drawn: Figure, words: tuple[str, ...]) -> bool:
    texts = [drawn.title]
    for axes in drawn.axes:
        texts += [axes.title, axes.xlabel, axes.ylabel, *axes.legend, *(line.label for line in axes.lines)]
    text = " ".join(texts).casefold()
    return any(word.casefold() in text for word in words)


def _may_be_grid(evidence: Evidence, drawn: list[Figure], parameters: FigureParameters) -> bool:
    """One large picture may be all filters in one array (torchvision's `make_grid`): no reason for zero points.

    Unless it could be taken apart: then it was judged.
    """
    sizes_of = observed(evidence).layer_pictures if parameters.shows else ()
    known = {size for one in sizes_of for size in (one.filter_size, one.map_size)}
    drawn = [f for f in drawn if not any(True for size in known for _ in taken_apart(f, size, evidence))]
    least = parameters.pictures * _GRID_CELL
    sizes = [p.shape[0] * p.shape[1] for f in drawn for a in f.axes for p in a.pictures if p.high > p.low]
    return parameters.pictures > 1 and evidence.question.ran == "passed" and 0 < least <= max(sizes, default=0)


def _stand_ins(evidence: Evidence) -> str:
    notes: list[Note] = [*evidence.notes, *observed(evidence).notes]
    messages = dict.fromkeys(n.message.rstrip(".") for n in notes if n.kind == "stand-in")
    return " ".join(f"{message[:1].upper()}{message[1:]}." for message in messages)


def _hint(judged: list[list[Part]], parameters: FigureParameters) -> str:
    if len(judged) < parameters.figures:
        return "Draw the other figures too."
    lost = next((part.text for parts in judged for part in parts if part.share < 1), "")
    return f"Look at this part first: {lost}." if lost else ""


def _caption(drawn: Figure) -> str:
    return drawn.title or next((axes.title for axes in drawn.axes if axes.title), "")


def _figures(count: int) -> str:
    return f"{count} {'figure' if count == 1 else 'figures'}"


def _name(chosen: Figure, drawn: list[Figure]) -> str:
    """`figure 2 (“Feature maps”)`: its place among the figures of the question, and its title."""
    number = next(number for number, figure in enumerate(drawn, 1) if figure is chosen)
    caption = " ".join(_caption(chosen).split())[:100]
    return f"figure {number} (“{caption}”)" if caption else f"figure {number}"
