"""An `.ipynb` file of any format version becomes cells. What can be repaired is repaired and noted."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat

from grader.errors import SubmissionError
from grader.ingest.reading import MEGABYTE, read_text
from grader.ingest.tags import head_tag, metadata_tag
from grader.records import Cell, CellKind, Note

MAX_BYTES = 100 * MEGABYTE
MAX_SAVED_TEXT = 20_000
AGAIN = "Open it in Jupyter or Colab, save it, and hand in that file."
# Kernels whose notebooks sometimes name no language. Source: the kernels' own kernel.json.
KERNELS = {"ir": "R", "julia": "Julia", "xcpp": "C++", "scala": "Scala", "javascript": "JavaScript", "octave": "Octave"}
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

Json = dict[str, Any]


def read_notebook(file: Path, origin: str) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    """The cells of a notebook (indices from 0) and what had to be repaired; no cells if the file is blank.

    Raises:
        SubmissionError: Not a notebook, a damaged one, one without cells, of another language, or too large.
    """
    text, notes = read_text(file, MAX_BYTES)
    if not text.strip():
        return (), notes
    notebook = _parsed(text, file)
    _refuse_other_language(notebook, file)
    repairs: Counter[str] = Counter()
    raw_cells = _cells(notebook, file, repairs)
    cells = tuple(_cell(index, raw, origin, repairs) for index, raw in enumerate(raw_cells))
    return cells, notes + tuple(
        Note("repair", f"{file.name}: {_counted(n, what)}.", file.name) for what, n in repairs.items()
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number > 1 or what.startswith("cell") else what


def _parsed(text: str, file: Path) -> Json:
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}: {error.msg}"
        raise SubmissionError(f"{file.name} is not a complete notebook: broken JSON at {where}", AGAIN) from error
    except (ValueError, RecursionError) as error:
        raise SubmissionError(f"{file.name} is not a notebook: its JSON cannot be read", AGAIN) from error
    if not isinstance(notebook, dict) or not ({"cells", "worksheets"} & notebook.keys()):
        raise SubmissionError(f"{file.name} is JSON, but not a notebook: it has no list of cells", AGAIN)
    return notebook


def _refuse_other_language(notebook: Json, file: Path) -> None:
    language = _language(_dict(notebook.get("metadata")))
    if language.casefold() not in ("", "python", "python3", "python2", "ipython", "ipython3"):
        raise SubmissionError(
            f"{file.name} is a notebook for {language}, and only Python can be graded",
            "Choose a Python kernel, save, and hand in again.",
        )


def _language(metadata: Json) -> str:
    info, kernel = _dict(metadata.get("language_info")), _dict(metadata.get("kernelspec"))
    for name in (info.get("name"), kernel.get("language")):
        if isinstance(name, str) and name:
            return name[:40]
    kernel_name = str(kernel.get("name", "")).split("-")[0].casefold()
    return KERNELS.get(kernel_name, "")


def _cells(notebook: Json, file: Path, repairs: Counter[str]) -> list[Json]:
    """The cells of a notebook in the form of format 4."""
    # Only format 4 has its cells at the top, whatever version a damaged or hand-made file claims.
    if "cells" in notebook:
        if notebook.get("nbformat") != 4:
            repairs[f"the notebook's format version was {notebook.get('nbformat')!r:.40} and was read as 4"] += 1
        cells = _whole_cells(notebook["cells"], repairs)
    else:
        cells = _upgraded(notebook, file, repairs)
    if not cells:
        raise SubmissionError(f"{file.name} is a notebook without cells", "Check that you saved it, and hand in again.")
    _note_ids(cells, repairs)
    return cells


def _upgraded(notebook: Json, file: Path, repairs: Counter[str]) -> list[Json]:
    sheets = [_dict(sheet) for sheet in _list(notebook.get("worksheets"))]
    whole = {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": _dict(notebook.get("metadata")),
        "worksheets": [{"cells": _whole_cells(sheet.get("cells"), repairs)} for sheet in sheets],
    }
    try:
        upgraded: Json = nbformat.convert(nbformat.from_dict(whole), 4)
    except (nbformat.ValidationError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise SubmissionError(f"{file.name} is a damaged notebook of an old format", AGAIN) from error
    repairs["the notebook was of format 3 or older and was upgraded to 4"] += 1
    return list(upgraded["cells"])


def _whole_cells(cells: object, repairs: Counter[str]) -> list[Json]:
    return [_whole_cell(cell, repairs) for cell in _list(cells) if isinstance(cell, dict)]


def _whole_cell(cell: Json, repairs: Counter[str]) -> Json:
    """A cell with everything that its kind must have."""
    whole = dict(cell)
    kind = whole.get("cell_type")
    if kind not in ("code", "markdown", "raw", "heading", "html"):
        repairs["cell(s) of an unknown kind, read as raw text"] += 1
        whole["cell_type"] = "raw"
    _ensure(whole, "metadata", _is_dict, dict, repairs)
    if whole["cell_type"] == "code":
        _ensure(whole, "outputs", _is_list, list, repairs)
        whole["outputs"] = [_whole_output(output) for output in whole["outputs"] if isinstance(output, dict)]
    for key in ("source", "input"):
        if key in whole:
            whole[key] = _joined(whole[key])
    if "source" not in whole and "input" not in whole:
        repairs["cell(s) without source, read as blank"] += 1
        whole["input" if whole["cell_type"] == "code" else "source"] = ""
    return whole


def _whole_output(output: Json) -> Json:
    return {"output_type": "", "metadata": {}} | output


def _ensure(
    cell: Json, key: str, fits: Callable[[object], bool], make: Callable[[], object], repairs: Counter[str]
) -> None:
    if not fits(cell.get(key)):
        repairs[f"cell(s) without {key}, which were added"] += 1
        cell[key] = make()


def _note_ids(cells: list[Json], repairs: Counter[str]) -> None:
    """Copied cells keep the id of their original. Cells are known by their place here, so nothing depends on it."""
    ids = Counter(str(cell["id"]) for cell in cells if "id" in cell)
    twice = sum(n - 1 for n in ids.values())
    missing = len(cells) - ids.total()
    if twice:
        repairs["cell(s) with the id of another cell"] += twice
    if ids and missing:
        repairs["cell(s) without an id"] += missing


def _cell(index: int, raw: Json, origin: str, repairs: Counter[str]) -> Cell:
    source = _clean(_joined(raw.get("source", raw.get("input", ""))), repairs)
    count = raw.get("execution_count")
    return Cell(
        index=index,
        kind=_kind(raw["cell_type"]),
        source=source,
        execution_count=count if isinstance(count, int) and not isinstance(count, bool) else None,
        saved_text=_saved_text(_list(raw.get("outputs"))),
        question=head_tag(source) or metadata_tag(_dict(raw.get("metadata"))),
        origin=origin,
        pictures=sum(_is_picture(_dict(output)) for output in _list(raw.get("outputs"))),
    )


def _is_picture(output: Json) -> bool:
    return any(str(kind).startswith("image/") for kind in _dict(output.get("data")))


def _kind(cell_type: object) -> CellKind:
    return "code" if cell_type == "code" else "raw" if cell_type == "raw" else "markdown"


def _clean(text: str, repairs: Counter[str]) -> str:
    """Unix line ends; halves of surrogate pairs, which no file can hold, replaced."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    if whole != text:
        repairs["cell(s) with damaged characters, which were replaced"] += 1
    return whole.replace("\r\n", "\n").replace("\r", "\n")


def _saved_text(outputs: list[object]) -> str:
    """What the saved outputs say in plain text, as a terminal would show it; the middle is cut from long ones."""
    text = "\n".join(filter(None, (_output_text(_dict(output)) for output in outputs)))
    text = text.encode("utf-8", "replace").decode("utf-8")
    shown = "\n".join(line.rstrip("\r").rsplit("\r", 1)[-1] for line in ANSI.sub("", text).split("\n"))
    half = MAX_SAVED_TEXT // 2
    return shown if len(shown) <= MAX_SAVED_TEXT else f"{shown[:half]}\n[…]\n{shown[-half:]}"


def _output_text(output: Json) -> str:
    if output.get("output_type") == "stream":
        return _joined(output.get("text"))
    return _joined(_dict(output.get("data")).get("text/plain"))


def _joined(source: object) -> str:
    if isinstance(source, list):
        return "".join(part for part in source if isinstance(part, str))
    return source if isinstance(source, str) else ""


def _dict(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_dict(value: object) -> bool:
    return isinstance(value, dict)


def _is_list(value: object) -> bool:
    return isinstance(value, list)
