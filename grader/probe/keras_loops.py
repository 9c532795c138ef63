"""Watches training loops that students write themselves with `tf.GradientTape`, in eager mode or in a `tf.function`."""

from __future__ import annotations

import itertools
from time import monotonic  # by name: code that replaces `time.monotonic` changes no time of ours
from typing import Any

from grader.probe.keras_budget import ASSUMED_BATCH, row_flops
from grader.probe.keras_forward import leaves, replace, rows_of, size_of
from grader.probe.keras_models import Fed, Models, first_rows
from grader.probe.keras_stages import Stage, numbers, steps_of
from grader.probe.keras_training import Call, Training, inputs_of
from grader.probe.recorder import Recorder
from grader.probe.work import FEWEST_BATCHES, LEAST_PASS, PASS_SHARE, least_flops

RATE_EVERY = 10
MOST_LOSSES = 100_000


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
        self._losses: dict[int, list[float]] = {}
        self._starts: dict[int, list[int]] = {}
        self._loss: float | None = None
        self._counted: dict[int, int] = {}
        self._laps: dict[int, tuple[int, int]] = {}
        self._from_data: set[int] = set()

    def hook(self) -> None:
        """Watch optimizers and the iteration over data sets. To be called once Keras is imported."""
        from keras.src.optimizers.base_optimizer import BaseOptimizer
        from tensorflow import GradientTape
        from tensorflow.python.data.ops.iterator_ops import OwnedIterator

        self.recorder.steppers.append(self)
        replace(BaseOptimizer, "apply", self._apply)
        replace(OwnedIterator, "__next__", self._next)
        replace(GradientTape, "gradient", self._gradient)

    def _gradient(self, gradient: Call, tape: Any, target: Any, *args: Any, **kwargs: Any) -> Any:
        """Gradients are taken of a loss: the next step is credited with it. In a `tf.function` it has no value."""
        if not self.training.busy and not self.models.quiet:
            self.training.safely(self._note_loss, target)
        return gradient(tape, target, *args, **kwargs)

    def _note_loss(self, target: Any) -> None:
        import tensorflow as tf

        known = tf.executing_eagerly() and tf.is_tensor(target)
        self._loss = float(tf.reduce_mean(target)) if known else None

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
        losses = self._losses.setdefault(id(stage), [])
        if self._loss is not None and len(losses) < MOST_LOSSES:
            losses.append(self._loss)
        self._loss = None
        if stage.applied % RATE_EVERY == 0:
            self.training.safely(_note_rate, stage)
        return result

    def _start(self, stage: Stage, variables: list[Any]) -> None:
        import tensorflow as tf

        self.recorder.spend(0.0)
        stage.marks = [monotonic()]
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
        if self._has_had_its_share(iterator):
            raise StopIteration
        element = draw(iterator)
        self.training.safely(self._keep, iterator, element)
        return element

    def _has_had_its_share(self, iterator: Any) -> bool:
        """Whether batches of this iterator are trained on and nothing is left. The first ones are always given."""
        before = getattr(iterator, "_grader_steps", None)
        iterator._grader_steps = now = {key: _steps(stage) for key, stage in self._stages.items()}
        stages = [self._stages[key] for key in now if before is not None and now[key] > before.get(key, 0)]
        if before is None:
            iterator._grader_started = monotonic()
        if not stages:
            return False
        if not getattr(iterator, "_grader_trains", False):
            iterator._grader_trains = True
            for stage in stages:
                self._from_data.add(id(stage))
                stage.epochs += 1
                stage.marks = [*stage.marks[: stage.epochs - 1], iterator._grader_started, monotonic()]
                self._starts.setdefault(id(stage), []).append(max(0, stage.applied - 1))
                stage.fed = stage.fed or getattr(iterator, "_grader_fed", None)
        for stage in stages:
            stage.marks[-1] = monotonic()  # until the next epoch begins, this one may be the last
        iterator._grader_batches = batches = getattr(iterator, "_grader_batches", 0) + 1
        self.training.safely(self._spend, iterator, stages)
        if batches < FEWEST_BATCHES or not self._spent(iterator):
            return False
        for stage in stages:
            stage.cut = f"epochs of the training loop ended early: training may take {self.recorder.budget()}"
            self.recorder.note("cut", stage.cut)
        return True

    def advance(self) -> int:
        """Steps so far of optimizers that no data set fed; what they computed is counted here."""
        for stage in self._by_hand():
            self.training.safely(self._spend_by_hand, stage)
        return sum(self._counted.get(id(stage), 0) for stage in self._by_hand())

    def _by_hand(self) -> list[Stage]:
        return [stage for stage in self._stages.values() if id(stage) not in self._from_data]

    def lap(self, *, cut: bool) -> None:  # noqa: ARG002  nothing else tells here
        """A loop without a data set has run once: an epoch of those that stepped in it."""
        for stage in self._by_hand():
            steps, applied = self._laps.get(id(stage), (stage.steps_before or 0, 0))
            if self._counted.get(id(stage), 0) > steps:
                stage.epochs += 1
                stage.marks.append(monotonic())
                self._starts.setdefault(id(stage), []).append(applied)
                self._laps[id(stage)] = self._counted[id(stage)], stage.applied

    def _spend_by_hand(self, stage: Stage) -> None:
        steps = _steps(stage)
        new = steps - self._counted.get(id(stage), stage.steps_before or 0)
        self._counted[id(stage)] = steps
        if new <= 0:
            return
        fed = self._fed(stage)
        flops, rows = (self._row_flops(stage, fed), fed.batch_size) if fed else (least_flops(training=True), None)
        self.recorder.spend(new * (rows or ASSUMED_BATCH) * flops)

    def cut_by_hand(self, message: str) -> None:
        """A loop without a data set was ended."""
        for stage in self._stages.values():
            stage.cut = stage.cut or ("" if id(stage) in self._from_data else message)

    def _fed(self, stage: Stage) -> Fed | None:
        stage.model = stage.model or self.models.owner(self._variables.get(id(stage), []))
        return next(iter(self.models.fed(stage.model) or ()), None) if stage.model is not None else None

    def _row_flops(self, stage: Stage, fed: Fed) -> float:
        import tensorflow as tf

        if stage.model is None:
            return least_flops(training=True)
        with self.models.silence():
            return row_flops(stage.model, tf.nest.map_structure(tf.type_spec_from_value, fed.source))[0]

    def _spend(self, iterator: Any, stages: list[Stage]) -> None:
        """Count what the last batch took. A loop in a `tf.function` says which weights it steps, and nothing else."""
        fed = getattr(iterator, "_grader_fed", None)
        if fed is None:
            return
        before = self.recorder.computed
        for stage in stages:
            stage.model = stage.model or self.models.owner(self._variables.get(id(stage), []))
            self.recorder.spend((fed.batch_size or 0) * self._row_flops(stage, fed))
        iterator._grader_computed = getattr(iterator, "_grader_computed", 0.0) + self.recorder.computed - before

    def _spent(self, iterator: Any) -> bool:
        """Whether this pass has had half of what is left: nobody knows how many epochs come, and each keeps a part."""
        if self.recorder.out_of_time():
            return True
        own = getattr(iterator, "_grader_computed", 0.0)
        granted = max((self.recorder.flops_left() + own) * PASS_SHARE, self.recorder.granted * LEAST_PASS)
        return bool(own >= granted)

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
            stage.model = stage.model or self.models.owner(variables)
            stage.note_rate()
            stage.history = self._history(stage)
            fed = self.models.fed(stage.model)
            if not fed and stage.fed is not None:  # in a `tf.function` the model's own input cannot be seen
                self.models.feed(stage.model, stage.fed)
            stage.fed = fed[0] if fed else stage.fed
            stage.batch_size = stage.fed.batch_size if stage.fed else None
            stage.images = stage.steps * (stage.batch_size or 0)

    def _history(self, stage: Stage) -> dict[str, list[float]]:
        """Mean loss per epoch, where every step had one."""
        losses, starts = self._losses.get(id(stage), []), self._starts.get(id(stage), [])
        if not starts or len(losses) != stage.applied:
            return {}
        epochs = [losses[start:end] for start, end in itertools.pairwise([*starts, len(losses)])]
        return {"loss": numbers([sum(epoch) / len(epoch) for epoch in epochs if epoch])}


def _note_rate(stage: Stage) -> None:
    import tensorflow as tf

    if tf.executing_eagerly():
        stage.note_rate()


def _steps(stage: Stage) -> int:
    return steps_of(stage.optimizer) if stage.steps_before is not None else 0
