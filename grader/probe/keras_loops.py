"""Watches training loops that students write themselves with `tf.GradientTape`, in eager mode or in a `tf.function`."""

from __future__ import annotations

from typing import Any

from grader.probe.keras_forward import leaves, replace, rows_of, size_of
from grader.probe.keras_models import Fed, Models, first_rows
from grader.probe.keras_stages import Stage, steps_of
from grader.probe.keras_training import Call, Training, inputs_of
from grader.probe.recorder import Recorder

RATE_EVERY = 10


class Loops:
    """The optimizers that student code steps itself, in the running question."""

    def __init__(self, recorder: Recorder, models: Models, training: Training) -> None:
        self.recorder = recorder
        self.models = models
        self.training = training
        self.begin()

    def begin(self) -> None:
        """A question starts: forget the loops of the one before."""
        self._stages: dict[int, Stage] = {}
        self._variables: dict[int, list[Any]] = {}

    def hook(self) -> None:
        """Watch optimizers and the iteration over data sets. To be called once Keras is imported."""
        from keras.src.optimizers.base_optimizer import BaseOptimizer
        from tensorflow.python.data.ops.iterator_ops import OwnedIterator

        replace(BaseOptimizer, "apply", self._apply)
        replace(OwnedIterator, "__next__", self._next)

    def _apply(self, apply: Call, optimizer: Any, grads: Any, trainable_variables: Any = None) -> Any:
        if self.training.busy:
            return apply(optimizer, grads, trainable_variables)
        if trainable_variables is not None:
            trainable_variables = list(trainable_variables)
        stage = self._stages.get(id(optimizer))
        if stage is None:
            stage = self._stages[id(optimizer)] = Stage(None, optimizer)
            variables = trainable_variables or getattr(optimizer, "_trainable_variables", [])
            self.training.safely(self._start, stage, variables)
        result = apply(optimizer, grads, trainable_variables)
        stage.applied += 1
        if stage.applied % RATE_EVERY == 0:
            self.training.safely(_note_rate, stage)
        return result

    def _start(self, stage: Stage, variables: list[Any]) -> None:
        import tensorflow as tf

        self.recorder.training_seconds_left()
        with tf.init_scope():  # in a `tf.function` the values are those before it runs
            stage.begin(variables)
            stage.note_rate()
        stage.trainable_parameters = size_of(variables)
        self._variables[id(stage)] = variables
        self.training.add(stage)

    def _next(self, draw: Call, iterator: Any) -> Any:
        """Student code takes the next batch of a data set: the end of it once training has had its time."""
        import tensorflow as tf

        if self.training.busy or self.models.quiet or not tf.executing_eagerly():
            return draw(iterator)
        if self._has_had_its_time(iterator):
            raise StopIteration
        element = draw(iterator)
        self.training.safely(self._keep, iterator, element)
        return element

    def _has_had_its_time(self, iterator: Any) -> bool:
        """Whether batches of this iterator are trained on and no time is left. The first batch is always given."""
        before = getattr(iterator, "_grader_steps", None)
        iterator._grader_steps = now = {key: _steps(stage) for key, stage in self._stages.items()}
        stages = [self._stages[key] for key in now if before is not None and now[key] > before.get(key, 0)]
        if not stages:
            return False
        if not getattr(iterator, "_grader_trains", False):
            iterator._grader_trains = True
            for stage in stages:
                stage.epochs += 1
                stage.fed = stage.fed or getattr(iterator, "_grader_fed", None)
        if self.recorder.training_seconds_left() > 0:
            return False
        for stage in stages:
            seconds = f"{self.recorder.settings.training_seconds:g} s"
            stage.cut = f"epochs of the training loop ended early once training had taken {seconds}"
            self.recorder.note("cut", stage.cut)
        return True

    @staticmethod
    def _keep(iterator: Any, element: Any) -> None:
        inputs = inputs_of(element)
        if getattr(iterator, "_grader_fed", None) is None and leaves(inputs):
            iterator._grader_fed = Fed("fit", first_rows(inputs), rows_of(inputs))

    def finish(self) -> None:
        """A question ends: see what the loops changed, and whose parameters they were."""
        for stage in self._stages.values():
            variables = self._variables.get(id(stage), [])
            self.training.safely(stage.end, variables)
            stage.model = self.models.owner(variables)
            stage.note_rate()
            fed = self.models.fed(stage.model)
            if not fed and stage.fed is not None:  # in a `tf.function` the model's own input cannot be seen
                self.models.feed(stage.model, stage.fed)
            stage.fed = fed[0] if fed else stage.fed
            stage.batch_size = stage.fed.batch_size if stage.fed else None
            stage.images = stage.steps * (stage.batch_size or 0)


def _note_rate(stage: Stage) -> None:
    import tensorflow as tf

    if tf.executing_eagerly():
        stage.note_rate()


def _steps(stage: Stage) -> int:
    return steps_of(stage.optimizer) if stage.steps_before is not None else 0
