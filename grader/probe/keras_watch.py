"""The watcher of Keras: models, training, predictions. Works for `keras` and `tf.keras`, which share their classes."""

from __future__ import annotations

from typing import Any

import wrapt

from grader.probe.keras_data import Downloads
from grader.probe.keras_forward import described
from grader.probe.keras_loops import Loops
from grader.probe.keras_models import Models, same_randomness
from grader.probe.keras_pictures import first_convolution
from grader.probe.keras_predict import Predictions
from grader.probe.keras_training import Training
from grader.probe.recorder import Recorder


class Watch:
    """Everything that is watched of Keras in one kernel.

    Attributes:
        active: Whether student code has imported Keras.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.models = Models(recorder)
        self.training = Training(recorder, self.models)
        self.loops = Loops(recorder, self.models, self.training)
        self.downloads = Downloads(recorder)
        self.predictions = Predictions(recorder, self.models)
        self.active = False

    def hook(self, keras: Any) -> None:
        """Keras has just been imported."""
        try:
            if self.recorder.settings.serve:
                self.downloads.hook()
            if keras.backend.backend() == "tensorflow":
                self.models.hook()
                self.training.hook()
                self.loops.hook()
                self.active = True
        except Exception as error:
            self.recorder.note("probe", f"Keras cannot be watched: {described(error)}")

    def begin(self) -> None:
        """A question starts."""
        self.models.begin()
        self.training.begin()
        self.loops.begin()

    def observe(self, plan: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """What a question built and trained, and what its models say about held-out images."""
        self.loops.finish()
        self.training.finish()
        self.models.plan_shape = tuple(plan.get("input_shape") or ())
        models = self.models.ranked(self.training.trained)
        trained = [model for model in models if self.training.trained(model)]
        asked = {request["data_set"]: request.get("repeats", 0) for request in plan.get("predict", ())}
        names = list(dict.fromkeys([*self.recorder.served, *asked]))
        predictions = [p for name in asked for p in self._predictions(name, models, trained, asked[name])]
        return {
            "models": [self._describe(model, plan) for model in models],
            "layer_pictures": [p for i, model in enumerate(models) for p in self._pictures(i, model)],
            "trainings": [s.report(models, self._data_set(s, names)) for s in self.training.stages if s.steps],
            "predictions": predictions,
        }

    def _describe(self, model: Any, plan: dict[str, Any]) -> dict[str, Any]:
        shape = plan.get("input_shape")
        try:
            return self.models.describe(model, self.training.trained(model), list(shape) if shape else None)
        except Exception as error:
            self.recorder.note("probe", f"a Keras model could not be examined: {described(error)}")
            return {"name": type(model).__name__, "class_name": type(model).__name__, "framework": "keras"}

    def _pictures(self, index: int, model: Any) -> list[dict[str, Any]]:
        try:
            return [{"model": index, **pictures} for pictures in first_convolution(model, self.models)]
        except Exception as error:
            self.recorder.note("probe", f"the first convolution could not be looked at: {described(error)}")
            return []

    def _predictions(self, name: str, models: list[Any], trained: list[Any], repeats: int) -> list[dict[str, Any]]:
        try:
            with self.models.silence():
                return list(self.predictions.answer(name, models, trained, repeats))
        except Exception as error:
            self.recorder.note("probe", f"no predictions on {name}: {described(error)}")
            return []

    def _data_set(self, stage: Any, names: list[str]) -> str:
        try:
            return self.predictions.data_set(stage, names)
        except Exception as error:
            self.recorder.note("probe", f"the training data could not be recognised: {described(error)}")
            return ""


_watch: Watch | None = None


def install(recorder: Recorder) -> None:
    """Wait for the student's code to import Keras."""
    global _watch  # noqa: PLW0603  one kernel, one watch
    _watch = Watch(recorder)
    wrapt.register_post_import_hook(_watch.hook, "keras")


def begin(recorder: Recorder) -> None:  # noqa: ARG001  the signature of every watcher
    """A question starts."""
    if _watch is not None:
        _watch.begin()


def observe(recorder: Recorder, plan: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:  # noqa: ARG001
    """Models, trainings and predictions of the question, as the fields of `grader.records.Observation`."""
    if _watch is None or not _watch.active:
        return {}
    with same_randomness(), _watch.models.silence():
        return _watch.observe(plan)
