"""Asks trained Keras models about held-out images, prepared as the student's own data were."""

from __future__ import annotations

import io
from collections.abc import Iterator
from time import monotonic, perf_counter  # by name: code that replaces these changes no time of ours
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.probe.keras_forward import described, leaves, run, tensors
from grader.probe.keras_models import Models, Use
from grader.probe.keras_stages import Stage
from grader.probe.preprocessing import Map, find_map
from grader.probe.recorder import Recorder
from grader.probe.served import images_of, labelled
from grader.probe.usual import best_usual

BATCH = 100
MOST_ASKED = 3
SECONDS = 60.0


class Predictions:
    """Answers the plan's requests for predictions, and says on which data set a model was trained."""

    def __init__(self, recorder: Recorder, models: Models) -> None:
        self.recorder = recorder
        self.models = models

    def data_set(self, stage: Stage, names: list[str]) -> str:
        """Name of the served data set that a stage trained on, or was validated on; empty if it is none of them."""
        for fed in (stage.fed, *self.models.fed(stage.model, ("validation", "evaluate"))):
            rows = _single(fed)
            for name in names:
                images = images_of(self.recorder, name)
                if rows is not None and images is not None and find_map(rows, images) is not None:
                    return name
        return ""

    def answer(self, name: str, models: list[Any], trained: list[Any], repeats: int = 0) -> Iterator[dict[str, Any]]:
        """Predictions of the trained models, else of the first one, as `grader.records.Prediction` in JSON form.

        Args:
            name: The data set that is asked about.
            models: All models of the question, as they are reported.
            trained: Those that were trained.
            repeats: How often to time a model on a batch.
        """
        for model in trained[:MOST_ASKED] or models[:1]:
            prediction = {"data_set": name, "model": next(i for i, m in enumerate(models) if m is model)}
            try:
                yield prediction | self._predict(name, model, repeats)
            except Exception as error:
                yield prediction | {"error": f"the model failed on the held-out images: {described(error)}"[:1500]}

    def _predict(self, name: str, model: Any, repeats: int) -> dict[str, Any]:
        folder = self.recorder.data_folder(name)
        if folder is None:
            self.recorder.note("missing", f"the data set {name} is not served here", name)
            return {"error": f"the data set {name} is not available in this grading environment"}
        if not self.models.fed(model):
            return {"error": "nothing was fed to the model: it is not known how images are prepared for it"}
        preprocessing = self._map(name, model)
        words = f"as the data in your code: {preprocessing.describe()}" if preprocessing else ""
        if preprocessing is None and (usual := self._usual(name, model)):
            preprocessing, words = usual
        if preprocessing is None:
            return {
                "error": f"what the model was fed is not recognised as {name} images: no way to ask it about others"
            }
        images = np.load(folder / "held_out.npy", allow_pickle=False)
        outputs = predict(model, preprocessing, images)
        if outputs is None:
            return {"error": f"the model was too slow: {len(images)} images take more than {SECONDS:g} s"}
        if outputs.ndim != 2:
            return {"error": f"the model gives outputs of shape {outputs.shape}, not one row of scores per image"}
        content = io.BytesIO()
        np.lib.format.write_array(content, outputs, allow_pickle=False)
        return {
            "preprocessing": words[:1000],
            "outputs": self.recorder.blob(content.getvalue(), ".npy"),
            "seconds": timed(model, preprocessing.apply(images[:BATCH]), repeats),
        }

    def _usual(self, name: str, model: Any) -> tuple[Map, str] | None:
        """The usual way to prepare images that suits the model best, and words that say so."""
        known, fed = labelled(self.recorder, name), next(iter(self.models.fed(model)), None)
        rows = _single(fed)
        if known is None or rows is None:
            return None

        def ask(candidate: Map, images: NDArray[np.uint8]) -> NDArray[np.float32]:
            outputs = predict(model, candidate, images)
            return np.zeros(0, dtype=np.float32) if outputs is None else outputs

        return best_usual(ask, rows.shape[1:], *known)

    def _map(self, name: str, model: Any) -> Map | None:
        """How images of the data set reached the model. Test data come first: they are not augmented."""
        images = images_of(self.recorder, name)
        if images is None:
            return None
        order: tuple[Use, ...] = ("evaluate", "validation", "predict", "call", "fit")
        seen = [rows for fed in self.models.fed(model, order) if (rows := _single(fed)) is not None]
        return next((found for rows in seen if (found := find_map(rows, images)) is not None), None)


def predict(model: Any, preprocessing: Map, images: NDArray[np.uint8]) -> NDArray[np.float32] | None:
    """The model's first output for every image (N, ...), float32; None if that takes too long."""
    started = monotonic()
    outputs = []
    for start in range(0, len(images), BATCH):
        if monotonic() - started > SECONDS:
            return None
        batch = preprocessing.apply(images[start : start + BATCH])
        outputs.append(np.asarray(tensors(run(model, batch))[0], dtype=np.float32))
    return np.concatenate(outputs)


def timed(model: Any, batch: NDArray[Any], repeats: int) -> list[float]:
    """Wall time per image of repeated passes over one batch; reading the output waits for the device."""
    seconds = []
    for _ in range(repeats):
        started = perf_counter()
        np.asarray(tensors(run(model, batch))[0])
        seconds.append((perf_counter() - started) / len(batch))
    return seconds


def _single(fed: Any) -> NDArray[Any] | None:
    """Rows that a model with one input was fed."""
    try:
        found = leaves(fed.rows()) if fed is not None else []
    except Exception:
        return None
    return np.asarray(found[0]) if len(found) == 1 else None
