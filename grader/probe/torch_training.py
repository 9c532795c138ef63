"""Watches PyTorch training loops: optimizer steps, losses, passes over loaders; and bounds them in the quick profile."""

from __future__ import annotations

import inspect
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import wrapt

from grader.probe.recorder import Recorder
from grader.probe.torch_data import Data
from grader.probe.torch_forward import parameter_counts
from grader.probe.torch_models import Models

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.utils.data import DataLoader

TRAINING_BATCHES = 1  # per pass once the budget is spent: every epoch keeps its point on the curve
EVALUATION_BATCHES = 4
GRACE = 10.0  # seconds more for an evaluation that comes for the first time after the budget is spent
OPEN_STAGES = 4  # whose weights we keep alive to compare them at the end
MOST_STAGES = 64
MOST_LOSSES = 100_000
LOSS_NAMES = {  # the node that torch's autograd makes -> the function that a student calls
    "NllLoss": "cross_entropy",
    "NllLoss2D": "cross_entropy",
    "CrossEntropyLoss": "cross_entropy",
    "MseLoss": "mse_loss",
    "BinaryCrossEntropy": "binary_cross_entropy",
    "BinaryCrossEntropyWithLogits": "binary_cross_entropy_with_logits",
    "SmoothL1Loss": "smooth_l1_loss",
    "HuberLoss": "huber_loss",
    "KlDiv": "kl_div",
}


@dataclass(eq=False)
class Stage:
    """The steps of one optimizer, as they become a `records.Training`."""

    optimizer: Any
    name: str
    parameters: list[Any]
    fingerprints: list[int]
    trainable: int
    rates: list[float] = field(default_factory=list)
    loss: str = ""
    steps: int = 0
    batch_size: int | None = None
    images: int = 0
    history: list[float] = field(default_factory=list)
    losses: list[Any] = field(default_factory=list)
    data_set: str = ""
    cuts: list[str] = field(default_factory=list)
    changed: int = 0

    def compare(self) -> None:
        """Count the weights that differ from what they were before the first step."""
        now = (fingerprint(parameter) for parameter in self.parameters)
        self.changed = sum(a != b for a, b in zip(self.fingerprints, now, strict=True))

    def close(self) -> None:
        """Compare for the last time and let go of the weights."""
        self.compare()
        self.optimizer, self.parameters = None, []

    def end_epoch(self) -> None:
        """An epoch is over: its mean loss goes to the history."""
        values = [float(loss) for loss in self.losses]
        self.losses = []
        self.history.append(sum(values) / len(values) if values else math.nan)


class Trainings:
    """The training of the running question.

    Attributes:
        stages: One per optimizer, in order of their first steps.
        loaders: DataLoaders made in this question, in order.
        passed: Loaders that were iterated in this question, the newest last.
    """

    def __init__(self, recorder: Recorder, models: Models, data: Data) -> None:
        self.recorder, self.models, self.data = recorder, models, data
        self.begin()

    def begin(self) -> None:
        """A question starts."""
        self.stages: list[Stage] = []
        self.loaders: list[DataLoader] = []
        self.passed: list[DataLoader] = []
        self._by_optimizer: dict[int, Stage] = {}
        self._pass: Pass | None = None
        self._places: set[tuple[Any, ...]] = set()
        self._loss_module = ""
        self._loss: Any = None
        self._loss_name = ""
        self._rows = 0
        self._pending = 0

    def install(self) -> None:
        """Hook torch's optimizers, `backward` and loaders as soon as they are imported."""
        wrapt.when_imported("torch.optim.optimizer")(self._hook_optimizer)
        wrapt.when_imported("torch._tensor")(self._hook_backward)
        wrapt.when_imported("torch.utils.data.dataloader")(self._hook_loader)
        self.models.on_call = self.called

    def called(self, module: nn.Module, rows: int) -> None:
        """The student's code called a module."""
        import torch
        from torch.nn.modules.loss import _Loss

        if isinstance(module, _Loss):
            self._loss_module = type(module).__name__
        elif torch.is_grad_enabled():
            self._rows = rows
        if self._pass is not None:
            self.recorder.training_seconds_left()  # the clock starts with the first batch that meets a model

    def trained(self, module: nn.Module) -> bool:
        """Whether optimizer steps changed weights of a module."""
        return any(stage.changed and self.holds(stage, module) for stage in self.stages)

    def holds(self, stage: Stage, module: nn.Module) -> bool:
        """Whether a module has weights that a stage trained."""
        own = {id(parameter) for parameter in module.parameters()}
        return any(id(parameter) in own for parameter in stage.parameters)

    def finish(self) -> None:
        """The question's cells have run: end what is open and compare weights."""
        if self._pass is not None:
            self._pass.end()
        for stage in self.stages:
            if stage.losses and not stage.history:
                stage.end_epoch()
            if stage.optimizer is not None:
                stage.compare()

    def describe(self, stage: Stage, model: int | None) -> dict[str, Any]:
        """A stage as `records.Training` in JSON form."""
        history = [value for value in stage.history if math.isfinite(value)]
        return {
            "model": model,
            "framework": "torch",
            "optimizer": stage.name,
            "learning_rates": stage.rates,
            "loss": stage.loss,
            "epochs": len(stage.history),
            "steps": stage.steps,
            "batch_size": stage.batch_size,
            "images": stage.images,
            "history": {"loss": history} if history else {},
            "trainable_parameters": stage.trainable,
            "changed": stage.changed,
            "unchanged": len(stage.fingerprints) - stage.changed,
            "data_set": stage.data_set,
            "cut": "; ".join(stage.cuts)[:1000],
        }

    # --- optimizers -------------------------------------------------------------------------------------------------

    def _hook_optimizer(self, module: Any) -> None:
        module.register_optimizer_step_pre_hook(self._before_step)
        module.register_optimizer_step_post_hook(self._after_step)

    def _before_step(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        try:
            stage = self._by_optimizer.get(id(optimizer)) or self._open(optimizer)
            rates = [float(group["lr"]) for group in optimizer.param_groups]
            stage.rates.extend(rate for rate in dict.fromkeys(rates) if rate not in stage.rates[-64:])
            del stage.rates[64:]
        except Exception as error:
            self.recorder.note("probe", f"an optimizer's step could not be noted: {error}")

    def _after_step(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        stage = self._by_optimizer.get(id(optimizer))
        if stage is None:
            return
        stage.steps += 1
        stage.loss = stage.loss or self._loss_name
        stage.batch_size = stage.batch_size or self._pending or None
        stage.images += self._pending
        self._pending = 0
        if self._loss is not None and len(stage.losses) < MOST_LOSSES:
            stage.losses.append(self._loss)
        self._loss = None
        if self._pass is not None:
            self._pass.stepped(stage)

    def _open(self, optimizer: Any) -> Stage:
        self.recorder.training_seconds_left()
        own = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        model = self.models.owner(own)
        everything = {id(p): p for p in (*own, *(model.parameters() if model is not None else ()))}.values()
        parameters = [p for p in everything if hasattr(p, "untyped_storage")]
        trainable = parameter_counts(parameters)[1]
        prints = [fingerprint(parameter) for parameter in parameters]
        stage = Stage(optimizer, type(optimizer).__name__, parameters, prints, trainable)
        stage.data_set = self._data_set()
        self._register(optimizer, stage)
        return stage

    def _register(self, optimizer: Any, stage: Stage) -> None:
        # The stage holds the optimizer, so its id is not used again while the stage is open.
        self._by_optimizer[id(optimizer)] = stage
        self.stages.append(stage)
        del self.stages[:-MOST_STAGES]
        still_open = [other for other in self.stages if other.optimizer is not None]
        for old in still_open[:-OPEN_STAGES]:
            self._by_optimizer.pop(id(old.optimizer), None)
            old.close()

    def _data_set(self) -> str:
        """The served data set under the current pass; else the newest that the student's code made."""
        if self._pass is not None and (name := self.data.name(self._pass.loader.dataset)):
            return name
        return self.data.name(self.data.instances[-1]) if self.data.instances else ""

    # --- losses -----------------------------------------------------------------------------------------------------

    def _hook_backward(self, module: Any) -> None:
        backward = module.Tensor.backward

        def noting(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
            self._noted_loss(tensor)
            return backward(tensor, *args, **kwargs)

        noting.__doc__ = backward.__doc__
        module.Tensor.backward = noting

    def _noted_loss(self, loss: torch.Tensor) -> None:
        try:
            self._pending += self._rows
            self._rows = 0
            if loss.numel() == 1:
                self._loss = loss.detach()
            if not self._loss_name or self._loss_module:
                self._loss_name, self._loss_module = self._loss_module or loss_name(loss.grad_fn), ""
        except Exception as error:
            self.recorder.note("probe", f"a loss could not be noted: {error}")

    # --- loaders ----------------------------------------------------------------------------------------------------

    def _hook_loader(self, module: Any) -> None:
        kind = module.DataLoader
        made, iterate = kind.__init__, kind.__iter__
        signature = inspect.signature(made)

        def __init__(loader: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            bound = signature.bind(loader, *args, **kwargs)
            if bound.arguments.get("num_workers"):
                self._without_workers(bound.arguments)
            made(*bound.args, **bound.kwargs)
            if not self.models.quiet:
                self.loaders.append(loader)
                del self.loaders[:-32]

        def __iter__(loader: Any) -> Iterator[Any]:  # noqa: N807
            return iterate(loader) if self.models.quiet else Pass(self, loader, iterate(loader))

        __init__.__signature__ = signature
        kind.__init__, kind.__iter__ = __init__, __iter__

    def _without_workers(self, arguments: dict[str, Any]) -> None:
        """Worker processes need more shared memory than the sandbox has; the batches are the same without them."""
        for name in ("num_workers", "prefetch_factor", "persistent_workers", "multiprocessing_context"):
            arguments.pop(name, None)
        self.recorder.note("substitution", "DataLoader(num_workers=...) runs with 0 worker processes", "num_workers")

    def started(self, current: Pass) -> None:
        """A pass over a loader draws its first batch."""
        if self._pass is not None and self._pass is not current and self._pass.loader is current.loader:
            self._pass.end()
        self._pass = current
        if not any(loader is current.loader for loader in self.passed):
            self.passed.append(current.loader)
            del self.passed[:-32]

    def ended(self, current: Pass) -> None:
        """A pass is over."""
        if self._pass is current:
            self._pass = None

    def seconds_left(self) -> float:
        """Seconds of the budget; infinite until a model was called or trained."""
        started = self.recorder.training_started is not None
        return self.recorder.training_seconds_left() if started else math.inf

    def new_place(self, place: tuple[Any, ...]) -> bool:
        """Whether a pass starts at this place of the student's code for the first time."""
        new = place not in self._places
        self._places.add(place)
        return new

    def cut(self, current: Pass) -> None:
        """The budget ends a pass."""
        total = _length(current.loader)
        kind = "training" if current.stages else "evaluation"
        after = f"after {self.recorder.settings.training_seconds:g} s of training"
        message = f"{kind} pass stopped after {current.batches} of {total} batches ({after}); later passes are cut, too"
        known = getattr(current.loader, "_grader_cut", "")
        if self.recorder.question == known:
            return
        object.__setattr__(current.loader, "_grader_cut", self.recorder.question)
        self.recorder.note("cut", message, kind)
        for stage in current.stages or self.stages[-1:]:
            stage.cuts.append(message)


class Pass:
    """One pass over a loader: an iterator that counts, and that ends early when the budget is spent."""

    def __init__(self, trainings: Trainings, loader: DataLoader, batches: Iterator[Any]) -> None:
        self.loader = loader
        self.batches = 0
        self.stages: list[Stage] = []
        self._trainings = trainings
        self._iterator = batches
        self._ended = False
        self._first = trainings.new_place(_place())

    def __iter__(self) -> Pass:
        return self

    def __len__(self) -> int:
        return len(self._iterator)  # type: ignore[arg-type]

    def __next__(self) -> Any:
        if self._is_over():
            self._trainings.cut(self)
            self.end()
        if self._ended:
            raise StopIteration
        try:
            batch = next(self._iterator)
        except BaseException:
            self.end()
            raise
        self._trainings.started(self)
        self.batches += 1
        return batch

    def _is_over(self) -> bool:
        left = self._trainings.seconds_left()
        if left > 0 or self._ended or self.batches < TRAINING_BATCHES or self._is_last():
            return False
        if self.stages:
            return True
        # Often the one evaluation after the training loop: its number is the one that the student reports.
        return self.batches >= EVALUATION_BATCHES and (not self._first or left < -GRACE)

    def _is_last(self) -> bool:
        return self.batches >= _length(self.loader)

    def stepped(self, stage: Stage) -> None:
        """An optimizer stepped during this pass."""
        if stage not in self.stages:
            self.stages.append(stage)

    def end(self) -> None:
        """The pass is over, by exhaustion, by the budget, or because the next one began."""
        if self._ended:
            return
        self._ended = True
        self._trainings.ended(self)
        for stage in self.stages:
            stage.end_epoch()


def _length(loader: DataLoader) -> float:
    try:
        return len(loader)
    except TypeError:
        return math.inf


def _place() -> tuple[Any, ...]:
    """Where in the student's code a pass begins: files and lines of the innermost frames outside of this module."""
    frame, place = sys._getframe(1), []
    while frame is not None and len(place) < 6:
        if frame.f_code.co_filename != __file__:
            place.append((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return tuple(place)


def fingerprint(parameter: torch.Tensor) -> int:
    """The sum of the bit patterns of a tensor: one pass without a copy, and exact where a float sum is not."""
    import torch

    if torch.nn.parameter.is_lazy(parameter):
        return 0
    whole = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}[parameter.element_size()]
    return int(parameter.detach().contiguous().view(whole).sum())


def loss_name(node: Any) -> str:
    """Name of the loss function in an autograd graph: the first known node from the loss down, breadth first."""
    level = [node]
    for _ in range(6):
        for item in level:
            name = LOSS_NAMES.get(type(item).__name__.removesuffix("0").removesuffix("Backward"))
            if name:
                return name
        level = [parent for item in level if item is not None for parent, _ in item.next_functions][:32]
    return ""
