"""Watches Keras training: `fit` with its validation, `train_on_batch`, and what feeds `evaluate` and `predict`."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import monotonic  # by name: code that replaces `time.monotonic` changes no time of ours
from typing import Any

from grader.probe.keras_budget import ASSUMED_BATCH, Budget, Feed, Use, dry_run, row_flops
from grader.probe.keras_forward import build, described, is_built, leaves, replace, rows_of, size_of
from grader.probe.keras_models import Fed, Models, first_rows, learnable
from grader.probe.keras_prepared import first_targets
from grader.probe.keras_stages import Stage, cut_words, label_range, loss_name, numbers, range_of, takes_logits
from grader.probe.recorder import Recorder

Call = Callable[..., Any]

MOST_STAGES = 64


class Training:
    """The training stages of the running question.

    Attributes:
        stages: In the order in which they began.
    """

    def __init__(self, recorder: Recorder, models: Models) -> None:
        self.recorder = recorder
        self.models = models
        self._running: list[Stage | Feed | None] = []  # calls of Keras' trainer, the innermost last
        self.begin()

    def begin(self) -> None:
        """A question starts: forget the training of the one before."""
        self.stages: list[Stage] = []
        self._by_batch: dict[int, Stage] = {}

    @property
    def busy(self) -> bool:
        """Whether Keras' own training, evaluation or prediction is running."""
        return bool(self._running)

    def add(self, stage: Stage) -> None:
        """Keep a stage; a notebook with more than 64 of them is not worth the memory."""
        if len(self.stages) < MOST_STAGES:
            self.stages.append(stage)

    def trained(self, model: Any) -> bool:
        """Whether optimizer steps changed a model in this question."""
        return any(stage.model is model and stage.steps and stage.changed for stage in self.stages)

    def hook(self) -> None:
        """Watch Keras' trainer. To be called once Keras is imported."""
        from keras.src.backend.tensorflow import trainer

        replace(trainer.TensorFlowTrainer, "fit", self._fit)
        replace(trainer.TensorFlowTrainer, "evaluate", self._evaluate)
        replace(trainer.TensorFlowTrainer, "predict", self._predict)
        replace(trainer.TensorFlowTrainer, "train_on_batch", self._train_on_batch)
        replace(trainer.TFEpochIterator, "__init__", self._new_iterator)
        replace(trainer.TFEpochIterator, "_get_iterator", _batches)
        replace(trainer.TFEpochIterator, "_enumerate_iterator", _epoch)

    @contextmanager
    def _during(self, running: Stage | Feed | None) -> Iterator[None]:
        """Keras runs the model now: its batches are counted where they are drawn."""
        self._running.append(running)
        try:
            with self.models.silence():
                yield
        finally:
            self._running.pop()

    def _fit(self, fit: Call, model: Any, *args: Any, **kwargs: Any) -> Any:
        stage = Stage(model, getattr(model, "optimizer", None))
        self.safely(self._start_fit, stage, _arguments(fit, model, args, kwargs))
        try:
            with self._during(stage):
                return fit(model, *args, **kwargs)
        finally:
            self.safely(self._end_fit, stage)

    def _start_fit(self, stage: Stage, asked: dict[str, Any]) -> None:
        stage.epochs_asked = max(0, int(asked["epochs"]) - int(asked["initial_epoch"]))
        held = asked["validation_data"]
        validates = bool(asked["validation_split"]) or held is not None
        stage.budget = Budget(self.recorder, stage.epochs_asked, validates)
        self._note_loss(stage, asked.get("y"))
        stage.target_range = stage.target_range or label_range(asked["x"])
        stage.fed = self._feed(stage.model, "fit", asked["x"], asked["batch_size"])
        if held is not None:
            inputs = held[0] if isinstance(held, tuple | list) else held
            self._feed(stage.model, "validation", inputs, asked["validation_batch_size"] or asked["batch_size"])
        self.add(stage)

    @staticmethod
    def _note_loss(stage: Stage, targets: Any) -> None:
        loss = getattr(stage.model, "loss", "")
        stage.loss, stage.from_logits, stage.target_range = loss_name(loss), takes_logits(loss), range_of(targets)

    def _end_fit(self, stage: Stage) -> None:
        if not stage.feeds:
            return
        stage.marks.append(monotonic())
        stage.end(learnable(stage.model))
        history = getattr(stage.model, "history", None)
        if history is not None and stage.steps:
            stage.epochs = len(history.epoch)
            stage.history = {str(key)[:100]: numbers(values) for key, values in history.history.items()}
        stage.cut = cut_words(stage, self.recorder.budget())
        if stage.cut:
            self.recorder.note("cut", stage.cut, self.models.student_name(stage.model))

    def _evaluate(self, evaluate: Call, model: Any, *args: Any, **kwargs: Any) -> Any:
        if kwargs.get("_use_cached_eval_dataset"):  # the validation of a `fit`
            return evaluate(model, *args, **kwargs)
        asked = _arguments(evaluate, model, args, kwargs)
        self._feed(model, "evaluate", asked["x"], asked["batch_size"])
        feed = Feed("evaluation", self.recorder, Budget(self.recorder, 1, validates=False))
        feed.model = model
        try:
            with self._during(feed):
                return evaluate(model, *args, **kwargs)
        finally:
            if feed.shortened:
                part = f"{feed.batches} of {feed.whole} batches" if feed.whole else f"{feed.batches} batches"
                message = f"evaluate saw {part}: training may take {self.recorder.budget()} in this profile"
                self.recorder.note("cut", message, self.models.student_name(model))

    def _predict(self, predict: Call, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Never cut: its result has as many rows as its input, and the student's code relies on that."""
        asked = _arguments(predict, model, args, kwargs)
        self._feed(model, "predict", asked["x"], asked["batch_size"])
        with self._during(None):
            return predict(model, *args, **kwargs)

    def _train_on_batch(self, train: Call, model: Any, *args: Any, **kwargs: Any) -> Any:
        batch = args[0] if args else kwargs.get("x")
        stage = self._by_batch.get(id(model))
        if stage is None:
            stage = self._by_batch[id(model)] = Stage(model, getattr(model, "optimizer", None))
            self.safely(self._start_batches, stage, batch)
        with self._during(None):
            result = train(model, *args, **kwargs)
        self.safely(self._count_batch, stage, batch)
        return result

    def _start_batches(self, stage: Stage, batch: Any) -> None:
        import tensorflow as tf

        stage.fed = self._feed(stage.model, "fit", batch, rows_of(batch))
        self._note_loss(stage, None)
        stage.batch_size = rows_of(batch)
        self.add(stage)
        self._begin(stage, tf.nest.map_structure(lambda a: tf.TensorSpec(a.shape, a.dtype), batch))

    def _count_batch(self, stage: Stage, batch: Any) -> None:
        import tensorflow as tf

        rows = rows_of(batch)
        stage.images += rows
        with self.models.silence():
            flops, _ = row_flops(stage.model, tf.nest.map_structure(tf.type_spec_from_value, batch))
        self.recorder.spend(rows * flops)
        stage.note_rate()

    def finish(self) -> None:
        """A question ends: close what has no end of its own, and count the images."""
        for stage in self._by_batch.values():
            self.safely(lambda s: s.end(learnable(s.model)), stage)
        for stage in self.stages:
            if stage.target_range is None and stage.fed is not None:
                self.safely(_note_targets, stage)
            if stage.batch_size is None and stage.fed is not None:
                self.safely(stage.fed.rows)
                stage.batch_size = stage.fed.batch_size
            self.safely(self._note_inputs, stage)
            if stage.feeds:
                rows = (stage.budget and stage.budget.rows) or math.inf
                stage.images = int(stage.steps * min(stage.batch_size or 0, rows)) - stage.feeds[0].rows_short

    @staticmethod
    def _note_inputs(stage: Stage) -> None:
        stage.input_range = range_of(leaves(stage.fed.rows())[0]) if stage.fed else None

    def _new_iterator(self, init: Call, iterator: Any, *args: Any, **kwargs: Any) -> None:
        init(iterator, *args, **kwargs)
        if self._running and self._running[-1] is not None:
            self.safely(self._adopt, self._running[-1], iterator)

    def _adopt(self, running: Stage | Feed, iterator: Any) -> None:
        """Give a new iterator its feed; the first one of a `fit` is the training, the next its validation."""
        import tensorflow as tf

        data_set = iterator._distributed_dataset
        if not isinstance(data_set, tf.data.Dataset):  # distributed training goes its own ways
            return
        if isinstance(running, Feed):
            spec = inputs_of(data_set.element_spec)
            running.rows = leaves(spec)[0].shape[0] or iterator.data_adapter.batch_size or ASSUMED_BATCH
            running.budget.count(running.model, spec)
            iterator._grader_feed = running
            return
        if (budget := running.budget) is None:
            return
        if not running.feeds:
            self._prepare(running, iterator)
        use: Use = "validation" if running.feeds else "training"
        rows = budget.rows or iterator.data_adapter.batch_size or running.batch_size or ASSUMED_BATCH
        iterator._grader_feed = Feed(use, self.recorder, budget, rows)
        running.feeds.append(iterator._grader_feed)
        iterator._grader_stage = running
        if budget.rows:
            iterator._distributed_dataset = data_set.rebatch(budget.rows)

    def _prepare(self, stage: Stage, iterator: Any) -> None:
        spec = inputs_of(iterator._distributed_dataset.element_spec)
        if first := vars(iterator.data_adapter).get("_first_batches"):  # a generator can be read only once
            inputs = inputs_of(first[0])
            stage.target_range = range_of(targets_of(first[0]))
            stage.fed = self._feed(stage.model, "fit", inputs, rows_of(inputs))
        known = stage.fed.batch_size if stage.fed else None
        stage.batch_size = iterator.data_adapter.batch_size or known or leaves(spec)[0].shape[0]
        self._begin(stage, spec)
        if stage.budget is not None:
            stage.budget.count(stage.model, spec)
            stage.budget.fit_rows(stage.batch_size or ASSUMED_BATCH)

    @staticmethod
    def _begin(stage: Stage, spec: Any) -> None:
        """Look at a model before its first step; where it is not built yet, build it as the step would."""
        build(stage.model, spec)
        if not is_built(stage.model):
            with suppress(Exception):  # if it cannot be called so, its own training step will say why
                dry_run(stage.model, spec, 1)
        stage.trainable_parameters = size_of({id(w): w for w in stage.model.trainable_weights}.values())
        stage.begin(learnable(stage.model))

    def _feed(self, model: Any, use: Any, source: Any, batch_size: Any) -> Fed | None:
        """Keep what a model is fed: rows of arrays at once, data sets to be read later, generators not at all."""
        try:
            if not is_data_set(source):
                source, batch_size = first_rows(source), batch_size or ASSUMED_BATCH
            size = batch_size or getattr(source, "batch_size", None)
            fed = Fed(use, source, size if isinstance(size, int) else None)
        except Exception:
            return None
        self.models.feed(model, fed)
        return fed

    def safely(self, function: Call, *args: Any) -> None:
        """What we note must not break what the student does."""
        try:
            function(*args)
        except Exception as error:
            self.recorder.note("probe", f"Keras training could not be noted in full: {described(error)}")


def _batches(get: Call, iterator: Any) -> Any:
    feed = getattr(iterator, "_grader_feed", None)
    data_set = get(iterator)
    return feed.source(iterator, data_set) if feed else data_set


def _epoch(steps: Call, iterator: Any) -> Any:
    feed, stage = getattr(iterator, "_grader_feed", None), getattr(iterator, "_grader_stage", None)
    native = steps(iterator)
    if stage is not None and feed is not None and feed.use == "training":
        stage.note_rate()
        stage.marks.append(monotonic())
    return feed.epoch(iterator, native) if feed else native


def _arguments(function: Call, model: Any, args: Any, kwargs: Any) -> dict[str, Any]:
    """Arguments by name with their defaults; a wrong call is Keras' to report."""
    signature = inspect.signature(function)
    defaults = {name: p.default for name, p in signature.parameters.items() if p.default is not p.empty}
    try:
        given = signature.bind(model, *args, **kwargs).arguments
    except TypeError:
        given = {}
    return {"x": None, **defaults, **given}


def inputs_of(element: Any) -> Any:
    """The inputs in a batch that may hold labels and weights as well."""
    return element[0] if isinstance(element, tuple) else element


def targets_of(element: Any) -> Any:
    """The labels in a batch; None if it holds inputs only."""
    return element[1] if isinstance(element, tuple) and len(element) > 1 else None


def _note_targets(stage: Stage) -> None:
    """The range of the labels that a data set yields."""
    stage.target_range = range_of(first_targets(stage.fed.source if stage.fed else None))


def is_data_set(source: Any) -> bool:
    """Whether batches can be read from it again: a `tf.data.Dataset` or a `PyDataset`."""
    from keras.src.trainers import data_adapters
    from keras.src.trainers.data_adapters.py_dataset_adapter import PyDataset

    return isinstance(source, PyDataset) or data_adapters.is_tf_dataset(source)
