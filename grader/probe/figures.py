"""Watches matplotlib: every figure shown, saved or left open, once per question and in its final state.

A figure is *seen* when it is printed (`savefig`, and the display of Jupyter's inline backend, which prints too), when
`plt.show()` is called while it is open, or when it is still open after the question. It is described at the end of the
question: closing a figure takes nothing away from it, so a reference is all that must be kept until then. Only
`clear` destroys, so a figure that was seen is described before that. Seaborn and pandas draw through matplotlib; what
Keras' `plot_model` draws with Graphviz is given to `see_picture`.
"""

from __future__ import annotations

import io
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import wrapt

from grader.probe.recorder import Recorder, Settings
from grader.probe.signature import signature

FIGURES = 40  # per question
AXES = 1024  # per figure: more than the maps of any convolution that is worth a look
FEW_AXES = 16
ARTISTS = 1024  # lines, and pictures, per figure
POINTS = 2000  # per line
FIGURE_POINTS = 40_000  # per figure
LARGE = 8_000_000  # numbers in a picture, above which only every n-th row and column is measured
FEW_PICTURES = 4  # in one figure, above which none of them is a grid of its own
GRID_SIDE = 16  # pixels: the least side of a grid of pictures
GRIDS = 12  # per question
GRID_ELEMENTS = 2_000_000
TEXT = 300
WIDTH, HEIGHT = 1000, 3000  # pixels of the PNG at most
PNG_BYTES = 300_000
RENDER_SECONDS = 20.0  # per question: after that figures are described and not drawn

Json = dict[str, Any]


@dataclass
class Watch:
    """The figures of the running question.

    Attributes:
        recorder: The run's recorder.
        hooked: The hooks are in place.
        seen: Figures that were printed or shown since they were last cleared, in order, by id.
        before: Figures that were open when the question began, with what they looked like, by id.
        cleared: Descriptions of figures that were shown and then cleared.
        drawing: The probe itself is drawing: what is printed now was not printed by the student.
        seconds: Time spent on drawing in this question.
        skipped: Figures that were not recorded because there were too many.
        grids: Pictures whose values were kept.
    """

    recorder: Recorder = field(default_factory=lambda: Recorder(Settings(), {}))
    hooked: bool = False
    seen: dict[int, Any] = field(default_factory=dict)
    before: dict[int, tuple[Any, Json]] = field(default_factory=dict)
    cleared: list[Json] = field(default_factory=list)
    drawing: bool = False
    seconds: float = 0.0
    skipped: int = 0
    grids: int = 0


_watch = Watch()


def install(recorder: Recorder) -> None:
    """Hook matplotlib as soon as it is imported; a second call only changes the recorder."""
    if not _watch.hooked:
        wrapt.register_post_import_hook(_hook_printing, "matplotlib.backend_bases")
        wrapt.register_post_import_hook(_hook_clearing, "matplotlib.figure")
        wrapt.register_post_import_hook(_hook_showing, "matplotlib.pyplot")
    _watch.recorder, _watch.hooked = recorder, True


def begin(recorder: Recorder) -> None:
    """Forget the last question. What is open now belongs to it, unless it is changed or printed again."""
    _watch.recorder = recorder
    _watch.seen, _watch.cleared, _watch.skipped, _watch.seconds = {}, [], 0, 0.0
    _watch.grids = 0
    _watch.before = {id(figure): (figure, _description(figure)) for figure in _open_figures()}


def observe(recorder: Recorder, plan: Json) -> dict[str, list[Json]]:  # noqa: ARG001  every watcher has this shape
    """The figures of the question, in order: those that were cleared first, then by when they were first seen."""
    for figure in _open_figures():
        _see(figure)
    records = list(_watch.cleared)
    for key, figure in list(_watch.seen.items()):
        if not _is_old(key, figure):
            records.append(_record(figure))
    if _watch.skipped:
        recorder.note("truncated", f"{_watch.skipped} more figures were drawn; the first {FIGURES} are kept")
    _watch.seen, _watch.cleared, _watch.before = {}, [], {}
    return {"figures": records}


# --- hooks ----------------------------------------------------------------------------------------------------------


def see_picture(file: Path) -> None:
    """A picture that was drawn by another tool than matplotlib counts as a figure of the question.

    Args:
        file: A PNG, as `keras.utils.plot_model` writes it with Graphviz.
    """
    from matplotlib.figure import Figure
    from matplotlib.image import imread

    pixels = imread(file)
    figure = Figure(figsize=(pixels.shape[1] / 100, pixels.shape[0] / 100), dpi=100)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(pixels)
    axes.set_axis_off()
    _see(figure)


def _hook_printing(module: Any) -> None:
    def print_figure(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        if not _watch.drawing:
            _watch.before.pop(id(instance.figure), None)  # printed in this question: counts, old or not
            _see(instance.figure)
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(module, "FigureCanvasBase.print_figure", print_figure)


def _hook_clearing(module: Any) -> None:
    def clear(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:
        if _watch.seen.get(id(instance)) is instance:
            _watch.cleared.append(_record(instance))
            del _watch.seen[id(instance)]
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(module, "Figure.clear", clear)


def _hook_showing(module: Any) -> None:
    def show(wrapped: Any, instance: Any, args: Any, kwargs: Any) -> Any:  # noqa: ARG001
        for figure in _open_figures():
            _see(figure)
        return wrapped(*args, **kwargs)

    wrapt.wrap_function_wrapper(module, "show", show)


def _open_figures() -> list[Any]:
    """Figures that pyplot holds open. Imports nothing: without pyplot there are none."""
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return [manager.canvas.figure for manager in helpers.Gcf.get_all_fig_managers()] if helpers else []


def _see(figure: Any) -> None:
    if id(figure) in _watch.seen:
        return
    if len(_watch.seen) + len(_watch.cleared) < FIGURES:
        _watch.seen[id(figure)] = figure
    else:
        _watch.skipped += 1


def _is_old(key: int, figure: Any) -> bool:
    """Whether the figure stood open before this question and looks as it did."""
    before = _watch.before.get(key)
    return before is not None and before[0] is figure and before[1] == _description(figure)


# --- what a figure shows --------------------------------------------------------------------------------------------


def _record(figure: Any) -> Json:
    """A `grader.records.Figure`: never raises, whatever the artists of the figure do."""
    record = _description(figure)
    record["png"] = _png(figure)
    try:
        _keep_grids(figure, record)
    except (Exception, SystemExit) as error:
        _watch.recorder.note("probe", f"the pictures of a figure could not be kept: {type(error).__name__}")
    return record


def _keep_grids(figure: Any, record: Json) -> None:
    """Keep the grey values of large pictures in a figure of few: one may be a grid of all maps (`make_grid`)."""
    arrays = [array for axes in _shown(figure)[:AXES] for array in _arrays(axes)]
    drawn = [picture for axes in record["axes"] for picture in axes["pictures"]]
    if len(drawn) != len(arrays) or len(drawn) > FEW_PICTURES:
        return
    for picture, array in zip(drawn, arrays, strict=True):
        height, width = array.shape[:2]
        if _watch.grids < GRIDS and min(height, width) >= GRID_SIDE and height * width <= GRID_ELEMENTS:
            _watch.grids += 1
            picture["grey"] = _watch.recorder.blob(_grey(array), ".npy")


def _grey(array: Any) -> bytes:
    """The grey values of a picture as a float32 `.npy` file."""
    values = np.ma.filled(array.astype(float), 0.0)
    content = io.BytesIO()
    grey = np.nan_to_num(values if values.ndim == 2 else values[..., :3].mean(axis=-1))
    np.lib.format.write_array(content, grey.astype(np.float32), allow_pickle=False)
    return content.getvalue()


def _description(figure: Any) -> Json:
    try:
        shown = _shown(figure)
        if len(shown) > AXES:
            _watch.recorder.note("truncated", f"a figure has {len(shown)} axes; the first {AXES} are kept")
        lines = sum(len(axes.lines) for axes in shown)
        cap = min(POINTS, max(2, FIGURE_POINTS // max(1, lines)))
        title = _text(figure.get_suptitle())
        with np.errstate(all="ignore"):
            return {"title": title, "axes": [_axes(axes, figure, cap) for axes in shown[:AXES]], "png": ""}
    except (Exception, SystemExit) as error:
        _watch.recorder.note("probe", f"a figure could not be described: {type(error).__name__}")
        return {"title": "", "axes": [], "png": ""}


def _axes(axes: Any, figure: Any, cap: int) -> Json:
    """A `grader.records.Axes`. Labels and legend of the whole figure stand in for those that the axes lacks."""
    legend = axes.get_legend()
    legends = [legend] if legend else figure.legends
    titles = (axes.get_title(loc) for loc in ("center", "left", "right"))
    return {
        "title": _text(next(filter(None, titles), "")),
        "xlabel": _text(axes.get_xlabel() or figure.get_supxlabel()),
        "ylabel": _text(axes.get_ylabel() or figure.get_supylabel()),
        "legend": [_text(entry.get_text()) for box in legends for entry in box.get_texts()][:100],
        "lines": list(_lines(axes, cap)),
        "pictures": list(_pictures(axes)),
        "bars": sum(len(c.patches) for c in axes.containers if type(c).__name__ == "BarContainer"),
        "scatter_points": sum(len(c.get_offsets()) for c in axes.collections if type(c).__name__ == "PathCollection"),
    }


def _shown(figure: Any) -> list[Any]:
    return [axes for axes in figure.axes if axes.get_visible() and not _is_colorbar(axes)]


def _is_colorbar(axes: Any) -> bool:
    return axes.get_label() == "<colorbar>" or hasattr(axes, "_colorbar")


def _lines(axes: Any, cap: int) -> Iterator[Json]:
    """Lines that show data: in data coordinates on both axes (`axhline` and `axvline` are not), not empty."""
    for line in axes.lines[:ARTISTS]:
        in_data = line.get_transform().contains_branch_seperately(axes.transData)
        if type(line).__name__ == "AxLine" or not all(in_data):
            continue
        x, y = (np.ma.filled(np.ma.asarray(d).astype(float), np.nan) for d in line.get_data(orig=False))
        if y.size:
            kept = _evenly(np.flatnonzero(np.isfinite(x) & np.isfinite(y)), cap)
            label = _text(line.get_label())
            label = "" if label.startswith("_") else label
            yield {"label": label, "x": x[kept].tolist(), "y": y[kept].tolist(), "points": int(y.size)}


def _evenly(indices: Any, cap: int) -> Any:
    """At most `cap` of the indices, evenly spread, the first and the last among them."""
    if len(indices) <= cap:
        return indices
    return indices[np.linspace(0, len(indices) - 1, cap).round().astype(int)]


def _arrays(axes: Any) -> list[Any]:
    """Of images, and of meshes (`pcolormesh`, seaborn's `heatmap`), which are images too."""
    meshes = [c for c in axes.collections if type(c).__name__ == "QuadMesh"]
    arrays = (np.ma.asarray(picture.get_array()) for picture in [*axes.images, *meshes][:ARTISTS])
    return [array for array in arrays if array.ndim >= 2 and array.size]


def _pictures(axes: Any) -> Iterator[Json]:
    for array in _arrays(axes):
        step = 1 + array.size // LARGE
        values = np.ma.filled(array[::step, ::step].astype(float), np.nan)
        finite = values[np.isfinite(values)]
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        yield {"shape": list(array.shape), "low": low, "high": high, "signature": signature(values)}


def _text(value: Any) -> str:
    """Text of the student's, cut to length and valid as UTF-8."""
    if not isinstance(value, str):
        return ""
    return str.__getitem__(value, slice(TEXT)).encode("utf-8", "replace").decode("utf-8")


# --- its picture ----------------------------------------------------------------------------------------------------


def _png(figure: Any) -> str:
    """Draw the figure and keep the PNG; returns the blob's name, or nothing when it cannot be drawn."""
    if _watch.seconds > RENDER_SECONDS:
        _watch.recorder.note("truncated", f"drawing took over {RENDER_SECONDS:g} s; the later figures have no picture")
        return ""
    started = time.monotonic()
    _watch.drawing = True
    try:
        return _watch.recorder.blob(_small(_draw(figure)), ".png")
    except (Exception, SystemExit) as error:
        _watch.recorder.note("probe", f"a figure could not be drawn: {type(error).__name__}")
        return ""
    finally:
        _watch.drawing = False
        _watch.seconds += time.monotonic() - started


def _draw(figure: Any) -> bytes:
    box = _box(figure)
    dpi = min(100.0, WIDTH / box.width, HEIGHT / box.height)
    target = io.BytesIO()
    figure.canvas.print_figure(target, format="png", dpi=dpi, bbox_inches=box)
    return target.getvalue()


def _box(figure: Any) -> Any:
    """What to draw, in inches: with what overhangs the edge, but a stray artist far outside must not fill memory.

    Measuring takes as long as drawing, so a grid of many axes is cut at the figure's edge.
    """
    from matplotlib.transforms import Bbox

    width, height = figure.get_size_inches()
    whole = Bbox.from_extents(0, 0, width, height)
    if len(figure.axes) > FEW_AXES:
        return whole
    frame = Bbox.from_extents(-width / 4, -height / 4, width * 1.25, height * 1.25)
    return Bbox.intersection(figure.get_tightbbox().padded(0.1), frame) or whole


def _small(png: bytes) -> bytes:
    """The PNG without metadata, with fewer colours and then pixels where it is too large."""
    from PIL import Image

    image: Any = Image.open(io.BytesIO(png)).convert("RGB")
    image.thumbnail((WIDTH, HEIGHT))
    content = _encoded(image)
    while len(content) > PNG_BYTES and min(image.size) > 100:
        content = _encoded(image.quantize(64, method=Image.Quantize.FASTOCTREE))
        image = image.resize([side * 3 // 4 for side in image.size])
    return content


def _encoded(image: Any) -> bytes:
    target = io.BytesIO()
    image.save(target, format="png")
    return target.getvalue()
