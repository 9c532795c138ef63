"""Finds the data that a student prepared for a Keras model and fed to none: arrays and data sets by what they are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from grader.probe.recorder import Recorder

KEPT_ROWS = 8
TRAINING = re.compile(r"(x|images?|data|features)_?tr|tr(ai)?n_?(x|images?|data|features|ds|gen|set)", re.IGNORECASE)
MOST = 50  # things to look at


def prepared(recorder: Recorder, declared: Sequence[Sequence[int | None]]) -> Any:
    """The first rows of prepared data for a model that was never fitted, or None.

    Data that suit the declared input go first. Others count only if they are called training data and were scaled in
    this question: then that is what the model would have met.

    Args:
        recorder: Knows the student's names.
        declared: Input shapes that the model declares; empty if it declares none.
    """
    if len(declared) > 1:
        return None
    found = list(_candidates(recorder))
    for _, rows in found:
        if declared and _suits(rows.shape, declared[0]):
            return rows
    return next((rows for name, rows in found if TRAINING.search(name) and _is_scaled(rows)), None)


def _candidates(recorder: Recorder) -> Iterator[tuple[str, Any]]:
    """Pictures under the names of this question, training data first, then the others; the newest of each first."""
    newest = recorder.new_names()[::-1]
    names = [*filter(TRAINING.search, newest), *(name for name in newest if not TRAINING.search(name))]
    for name in names[:MOST]:
        rows = _rows(recorder.namespace.get(name))
        if rows is not None and rows.ndim in (3, 4) and len(rows) > 1:
            yield name, rows


def _rows(value: Any) -> Any:
    """The first rows of an array, a tensor or a data set as an array; None for anything else."""
    from keras.src.trainers import data_adapters
    from keras.src.trainers.data_adapters.py_dataset_adapter import PyDataset

    try:
        if data_adapters.is_tf_dataset(value) or isinstance(value, PyDataset):
            value = first_batch(value)
        is_tensor = type(value).__module__.startswith("tensorflow.")
        if type(value) is not np.ndarray and not is_tensor:
            return None
        rows = np.array(value[:KEPT_ROWS])
    except Exception:
        return None
    return None if rows.dtype.kind not in "fiu" else rows.astype("float32") if rows.dtype == np.uint8 else rows


def _suits(shape: Sequence[int], declared: Sequence[int | None]) -> bool:
    """Whether data have a declared shape; Keras adds a missing last axis of one channel itself."""
    wanted = list(declared[1:])
    rows = list(shape[1:])
    return any(
        len(wanted) == len(sides) and all(w in (None, side) for w, side in zip(wanted, sides, strict=True))
        for sides in (rows, [*rows, 1])
    )


def _is_scaled(rows: Any) -> bool:
    return bool(rows.dtype.kind == "f" and rows.ndim == 4 and rows.max() < 20)  # pixels reach 255


def first_batch(source: Any) -> Any:
    """The inputs of the first batch of a data set, or the rows themselves."""
    return source if (batch := _read(source)) is None else batch[0]


def first_targets(source: Any) -> Any:
    """The targets in the first batch of a data set; None if there are none, or for rows."""
    return None if (batch := _read(source)) is None else batch[1]


def _read(source: Any) -> tuple[Any, Any] | None:
    """Inputs and targets of the first batch of a data set, (None, None) of an empty one; None if it is none."""
    from keras.src.trainers import data_adapters
    from keras.src.trainers.data_adapters.data_adapter_utils import unpack_x_y_sample_weight
    from keras.src.trainers.data_adapters.py_dataset_adapter import PyDataset

    if isinstance(source, PyDataset):
        return unpack_x_y_sample_weight(source[0])[:2]
    if data_adapters.is_tf_dataset(source):
        return next((unpack_x_y_sample_weight(batch)[:2] for batch in source.take(1)), (None, None))
    return None
