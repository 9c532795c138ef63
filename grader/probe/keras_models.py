"""Remembers the Keras models that a question builds, calls or names, and says which of them are its models."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

import numpy as np

from grader.probe.guesses import arguments_for
from grader.probe.keras_forward import described, examine, is_keras_own, is_model, leaves, rows_of, shape_of, size_of
from grader.probe.keras_prepared import first_batch, prepared
from grader.probe.recorder import Recorder

Use = Literal["evaluate", "validation", "predict", "call", "fit"]

MOST_MODELS = 8
MOST_BUILT = 64
KEPT_ROWS = 8
KEPT_PER_USE = 3
PLAN_ELEMENTS = 2_000_000  # of a made-up batch: a rubric may ask for 64 images of 224x224
UNKNOWN_SIDE = 64  # for an axis that a model leaves open


@dataclass
class Fed:
    """What a model was fed, once.

    Attributes:
        use: What for. The first ones in `Use` are the least likely to be augmented.
        source: A few rows, or the data set (`tf.data`, `PyDataset`) from which they can be read later.
        batch_size: Rows per batch, where known.
    """

    use: Use
    source: Any
    batch_size: int | None = None
    _rows: Any = None

    def rows(self) -> Any:
        """At most 8 rows, nested as the model takes them; None where nothing can be read."""
        if self._rows is None:
            batch = first_batch(self.source)
            if batch is not None and leaves(batch):
                self.batch_size = self.batch_size or rows_of(batch)
                self._rows = first_rows(batch)
        return self._rows


class Models:
    """The models of the running question.

    Attributes:
        quiet: True while the probe itself, or Keras' own training, runs the student's models.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.quiet = False
        self.plan_shape: tuple[int, ...] = ()
        self._depth = threading.local()
        self.begin()

    def begin(self) -> None:
        """A question starts: forget the models of the one before."""
        # Strong references: a model that lived in a function only must still be there when we look.
        self._built: deque[Any] = deque(maxlen=MOST_BUILT)
        self._used: dict[int, Any] = {}
        self._fed: dict[int, dict[Use, deque[Fed]]] = {}
        self._calls: dict[int, int] = {}

    def hook(self) -> None:
        """Watch how models are made and called. To be called once Keras is imported."""
        from keras.src.layers.layer import Layer
        from keras.src.models.model import Model
        from keras.src.models.sequential import Sequential

        new, build, add = Model.__new__, Sequential.build, Sequential.add

        def __new__(cls: type, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
            model = new(cls, *args, **kwargs)
            if not self.quiet:
                self._built.append(model)
            return model

        def __call__(model: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
            return self._outermost(Layer.__call__, model, args, kwargs)

        @wraps(add)
        def noted_add(model: Any, *args: Any, **kwargs: Any) -> Any:
            # Layers added to a model of an earlier question: this question builds it, too.
            if not self.quiet and not any(built is model for built in self._built):
                self._built.append(model)
            return add(model, *args, **kwargs)

        @wraps(build)
        def quiet_build(*args: Any, **kwargs: Any) -> Any:
            with self.silence():  # a Sequential keeps a functional twin of itself, made anew for each layer added
                return build(*args, **kwargs)

        Model.__new__ = staticmethod(__new__)
        Model.__call__ = wraps(Layer.__call__)(__call__)
        Sequential.add, Sequential.build = noted_add, quiet_build

    @contextmanager
    def silence(self) -> Iterator[None]:
        """What happens meanwhile is not the student's doing."""
        before, self.quiet = self.quiet, True
        try:
            yield
        finally:
            self.quiet = before

    def _outermost(self, call: Callable[..., Any], model: Any, args: Any, kwargs: Any) -> Any:
        if self.quiet or getattr(self._depth, "inside", False):
            return call(model, *args, **kwargs)
        self._depth.inside = True
        try:
            return call(model, *args, **kwargs)
        finally:
            self._depth.inside = False
            if args:
                self._called(model, args[0], bool(kwargs.get("training")))

    def _called(self, model: Any, batch: Any, training: bool) -> None:
        """Keep some rows of direct calls: of the 1st, 2nd, 4th, 8th ... call, for a training loop makes thousands."""
        import tensorflow as tf

        try:
            first = leaves(batch)[0]
            if not tf.executing_eagerly() or not (isinstance(first, np.ndarray) or tf.is_tensor(first)):
                return
            count = self._calls[id(model)] = self._calls.get(id(model), 0) + 1
            if count & (count - 1) == 0:
                self.feed(model, Fed("fit" if training else "call", first_rows(batch), rows_of(batch)))
        except Exception as error:
            self.recorder.note("probe", f"a call of a model could not be noted: {described(error)}")

    def feed(self, model: Any, fed: Fed) -> None:
        """Keep what a model was fed."""
        self._used[id(model)] = model
        uses = self._fed.setdefault(id(model), {})
        uses.setdefault(fed.use, deque(maxlen=KEPT_PER_USE)).append(fed)

    def fed(self, model: Any, order: Iterable[Use] = ("fit", "evaluate", "validation", "predict", "call")) -> list[Fed]:
        """What a model was fed in this question, by use, the latest of each first."""
        uses = self._fed.get(id(model), {})
        return [fed for use in order for fed in reversed(uses.get(use, ()))]

    def used(self) -> list[Any]:
        """The models that were fed something in this question."""
        return list(self._used.values())

    def ranked(self, trained: Callable[[Any], bool]) -> list[Any]:
        """The models of this question that are no part of another: trained ones first, then by size; at most 8."""
        models = [*self._candidates(), *self._defined()]
        parts = {id(model): _parts(model) for model in models}
        roots = [m for m in models if trained(m) or not self._is_part(m, models, parts)]
        used = {type(m) for m in roots if id(m) in self._used or self.student_name(m)}
        # What has neither a name nor a use while its like has: a leftover of `Net().summary()` or a failed `__init__`.
        worthy = [m for m in roots if is_keras_own(m) or type(m) not in used or self._known(m) or trained(m)]
        return sorted(worthy, key=lambda m: (not trained(m), -size_of(_weights(m))))[:MOST_MODELS]

    def _known(self, model: Any) -> bool:
        return id(model) in self._used or bool(self.student_name(model))

    def _candidates(self) -> list[Any]:
        new = (self.recorder.namespace.get(name) for name in self.recorder.new_names())
        everything = [*self._built, *_models_in(new), *self._used.values()]
        return list({id(m): m for m in everything if "name" in vars(m) and _layers(m)}.values())

    def _is_part(self, model: Any, others: list[Any], parts: dict[int, tuple[set[int], set[int]]]) -> bool:
        """Whether another model holds this one, or all of its layers and more, or the same ones and came first."""
        _, layers = parts[id(model)]
        place = next(i for i, other in enumerate(others) if other is model)
        for i, other in enumerate(others):
            held, more = parts[id(other)]
            if id(model) in held or (layers and layers < more):
                return True
            if i != place and layers and layers == more and not self._known(model):
                return self._known(other) or i < place
        return False

    def owner(self, variables: Iterable[Any]) -> Any:
        """The smallest model that holds these variables, else the one that holds most of them."""
        wanted = {id(v) for v in variables}
        held = [(m, wanted & {id(w) for w in _weights(m)}) for m in [*self._candidates(), *self._named()]]
        best = max((len(found) for _, found in held), default=0)
        holders = [m for m, found in held if best and len(found) == best]
        return min(holders, key=lambda m: size_of(_weights(m)), default=None)

    def _named(self) -> list[Any]:
        return list(_models_in(list(self.recorder.namespace.values())))

    def student_name(self, model: Any) -> str:
        """The student's name for a model, also in a list or a dict; of several the newest."""
        for name, value in reversed(list(self.recorder.namespace.items())):
            if name.startswith("_"):
                continue
            if value is model:
                return name
            if isinstance(value, list | tuple | dict) and (key := _place(value, model)) is not None:
                return f"{name}[{key!r}]"[:200]
        return ""

    def _defined(self) -> list[Any]:
        """Instances of model classes that were only defined, where what they take can be guessed.

        The newest first: what a network is made of is defined before it.
        """
        made = {type(model) for model in self._built}
        found: list[Any] = []
        for cls in [self.recorder.namespace.get(name) for name in reversed(self.recorder.new_names())]:
            if isinstance(cls, type) and cls not in made and (model := self._instance(cls)) is not None:
                found.append(model)
                made |= {type(layer) for layer in _layers(model)}
        return found

    def _instance(self, cls: type) -> Any:
        from keras.src.models.model import Model

        if not issubclass(cls, Model) or cls.__module__.startswith("keras."):
            return None
        try:
            arguments = arguments_for(cls, self.recorder, self.plan_shape, channels_last=True)
            if arguments is None:
                return None
            with self.silence():
                model = cls(**arguments)
        except Exception:
            return None
        return model if _layers(model) else None

    def describe(self, model: Any, trained: bool, plan_shape: list[int] | None) -> dict[str, Any]:
        """A model as `grader.records.Model` in JSON form."""
        rows, origin, size = self._input(model, plan_shape)
        with self.silence(), unchanged(model):
            if rows is None:
                message = "no forward pass was tried: nothing was fed to the model and its input shape is unknown"
                found: dict[str, Any] = {"error": {"message": message}}
            else:
                found = examine(model, rows, size)
        return {
            "name": self.student_name(model) or type(model).__name__,
            "class_name": type(model).__name__,
            "framework": "keras",
            "trained": trained,
            "parameters": size_of(_weights(model)),
            "trainable_parameters": size_of({id(w): w for w in model.trainable_weights}.values()),
            "input_origin": origin,
            **found,
        }

    def _input(self, model: Any, plan_shape: list[int] | None) -> tuple[Any, str, int | None]:
        """Rows to try a model on, where they come from, and the batch size that belongs to them."""
        for fed in self.fed(model):
            try:
                rows = fed.rows()
            except Exception as error:
                self.recorder.note("probe", f"what a model was fed could not be read: {described(error)}")
                continue
            if rows is not None:
                return rows, "seen", fed.batch_size
        if (rows := prepared(self.recorder, _declared(model))) is not None:
            return rows, "loader", None
        return planned(model, plan_shape), "plan", plan_shape[0] if plan_shape else None


def planned(model: Any, plan_shape: list[int] | None) -> Any:
    """Noise of the shape that a model declares, else of the rubric's shape (channels first) as Keras has it.

    Returns:
        Arrays nested as the model takes them, or None if neither shape is known.
    """
    from keras.src import tree

    rows = plan_shape[0] if plan_shape else KEPT_ROWS
    if declared := _declared(model):
        sides = iter((plan_shape or [])[2:])
        made = [_noise(rows, [side or next(sides, UNKNOWN_SIDE) for side in shape[1:]]) for shape in declared]
        return made[0] if len(made) == 1 else tree.pack_sequence_as(model._inputs_struct, made)
    if not plan_shape:
        return None
    return _noise(rows, [*plan_shape[2:], plan_shape[1]])


def _declared(model: Any) -> list[list[int | None]]:
    """Shapes of the inputs that a model declares; also of a Sequential that could not be put together."""
    if (stack := getattr(model, "_layers", None)) and (shape := getattr(stack[0], "batch_shape", None)) is not None:
        return [list(shape)]
    try:
        return [shape_of(tensor) for tensor in model.inputs]
    except AttributeError:
        return []


def _noise(rows: int, shape: list[int]) -> np.ndarray[Any, Any]:
    rows = max(2, min(rows, PLAN_ELEMENTS // max(1, int(np.prod(shape)))))
    return np.random.default_rng(0).random((rows, *shape), dtype=np.float32)


@contextmanager
def unchanged(model: Any) -> Iterator[None]:
    """What a forward pass may change in a model although it is told not to train (moving averages) is put back."""
    state = [(v, v.numpy()) for v in model.variables if not v.trainable] if model.built else []
    try:
        yield
    finally:
        for variable, value in state:
            if not np.array_equal(variable.numpy(), value, equal_nan=value.dtype.kind == "f"):
                variable.assign(value)


@contextmanager
def same_randomness() -> Iterator[None]:
    """Put the random generators back to where they were."""
    python, numpy = random.getstate(), np.random.get_state()
    try:
        yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


def first_rows(value: Any) -> Any:
    """The first rows of arrays, copied."""
    from keras.src import tree

    return tree.map_structure(lambda leaf: np.array(leaf[:KEPT_ROWS]), value)


def learnable(model: Any) -> list[Any]:
    """Variables that training could change, frozen ones included: not moving averages, not seeds."""
    found = {id(v): v for layer in model._flatten_layers() for v in layer._trainable_variables}
    return list(found.values())


def _weights(model: Any) -> list[Any]:
    try:
        return list({id(w): w for w in model.weights}.values())
    except Exception:
        return []


def _layers(model: Any) -> list[Any]:
    try:
        return list(model._flatten_layers(include_self=False))
    except Exception:
        return []


def _parts(model: Any) -> tuple[set[int], set[int]]:
    """Ids of the models in a model, and of its layers that hold weights of their own."""
    layers = _layers(model)
    return {id(m) for m in layers if is_model(m)}, {id(x) for x in layers if not is_model(x) and x._trainable_variables}


def _models_in(values: Iterable[Any]) -> Iterator[Any]:
    """Models among values, and in lists and dicts of them."""
    for value in values:
        if is_model(value):
            yield value
        elif type(value) in (list, tuple, dict) and len(value) <= 100:
            yield from filter(is_model, value.values() if type(value) is dict else value)


def _place(container: Any, model: Any) -> Any:
    """Key or index of a model in a list or dict."""
    pairs = container.items() if isinstance(container, dict) else enumerate(container)
    return next((key for key, value in pairs if value is model), None)
