"""Watches PyTorch training loops: the steps of optimizers, their losses, and the weights that they change."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import wrapt

from grader.probe import torch_losses
from grader.probe.recorder import Recorder
from grader.probe.torch_data import Data
from grader.probe.torch_loaders import Loaders
from grader.probe.torch_models import Models
from grader.probe.torch_stage import Stage, fingerprint
from grader.probe.torch_tape import parameter_counts
from grader.probe.work import least_flops

if TYPE_CHECKING:
    import torch
    from torch import nn

OPEN_STAGES = 4  # whose weights we keep alive to compare them at the end
MOST_STAGES = 64
MOST_RATES = 64
MOST_LOSSES = 100_000


@dataclass(eq=False)
class _Pending:
    """What happened since the last optimizer step: the step is credited with it."""

    rows: int = 0
    called: int = 0
    total: int = 0
    loss: Any = None
    loss_module: str = ""
    loss_function: str = ""
    loss_input: str | None = None
    loss_name: str = ""
    targets: Any = None
    inputs: Any = None


class Trainings:
    """The training of the running question.

    Attributes:
        stages: One per optimizer, in order of their first steps.
        steps: Steps of all optimizers.
        by_hand: Those that no loader fed.
    """

    def __init__(self, recorder: Recorder, models: Models, loaders: Loaders, data: Data) -> None:
        self.recorder, self.models, self.loaders, self.data = recorder, models, loaders, data
        models.on_call = self._called
        self.begin()

    def begin(self) -> None:
        """A question starts."""
        self.stages: list[Stage] = []
        self._by_optimizer: dict[int, Stage] = {}
        self._pending = _Pending()
        self._last_batch: Callable[[], Any] = lambda: None
        self.steps = self.by_hand = 0
        self._paid: tuple[Any, ...] = ()

    def install(self) -> None:
        """Hook torch's optimizers and `backward` as soon as they are imported."""
        wrapt.when_imported("torch.optim.optimizer")(self._hook_optimizer)
        wrapt.when_imported("torch._tensor")(self._hook_backward)
        torch_losses.watch(self._noted_function)
        self.loaders.on_evaluation = self._evaluated
        self.recorder.steppers.append(self)

    def advance(self) -> int:
        """Steps so far that no loader fed. What a step computes is counted where the model is called."""
        return self.by_hand

    def lap(self, *, cut: bool) -> None:
        """A loop without a loader has run once: an epoch, where the length of the data does not tell."""
        for stage in self.stages:
            if stage.loader is None and stage.losses and (cut or not stage.total):
                stage.end_epoch()

    def cut_by_hand(self, message: str) -> None:
        """A loop without a loader was ended."""
        for stage in self.stages:
            if stage.loader is None:
                stage.cuts.append(message)

    def _evaluated(self, loader: Any, accuracy: float) -> None:
        """A pass over data without steps: it belongs to the epoch that the newest stage has just ended."""
        stage = self.stages[-1] if self.stages else None
        if stage is not None and loader is not stage.loader and len(stage.held_out) < len(stage.history):
            stage.held_out.append(accuracy)

    def trained(self, module: nn.Module) -> bool:
        """Whether optimizer steps changed weights of a module."""
        return any(stage.changed and stage.holds(module) for stage in self.stages)

    def finish(self) -> None:
        """The question's cells have run: compare weights."""
        for stage in self.stages:
            stage.compare()

    def _called(self, module: nn.Module, given: list[torch.Tensor], output: Any) -> None:
        """The student's code called a module."""
        import torch
        from torch.nn.modules.loss import _Loss

        if isinstance(module, _Loss):
            self._pending.loss_module = type(module).__name__
        elif torch.is_grad_enabled():
            self._pending.called = len(given[0])
            if self._pending.inputs is None:
                self._pending.inputs = given[0].detach()
            if self.loaders.current is None:
                self._pending.total = self._rows_of_all(given[0])
        self._spend(module, given[0], training=torch.is_grad_enabled())
        if self.loaders.current is not None:
            self.loaders.current.judge(output)

    def _spend(self, module: nn.Module, batch: torch.Tensor, *, training: bool) -> None:
        """Count what a call computes. What holds no weights (a transform, a loss) costs nothing here."""
        if next(module.parameters(), None) is None:
            return
        flops = self.models.work.cost(module, batch).of(training=training)
        current = self.loaders.current
        now = (self.steps, current, current.batches if current else 0)
        if now != self._paid:  # some call layer after layer themselves: each image costs its least but once
            self._paid, flops = now, max(flops, least_flops(training=training))
        self.recorder.spend(len(batch) * flops)

    def _rows_of_all(self, batch: torch.Tensor) -> int:
        """Rows of the whole data set of a loop without a loader: the tensor of which the batch is a slice.

        A batch that is given again and again is the whole data set. 0 where neither holds. Never by its address: a new
        batch may lie where the last one was.
        """
        whole = batch if batch._base is None else batch._base
        before, self._last_batch = self._last_batch(), weakref.ref(whole)
        return len(whole) if before is whole or len(whole) > len(batch) else 0

    def _hook_optimizer(self, module: Any) -> None:
        module.register_optimizer_step_pre_hook(self._before_step)
        module.register_optimizer_step_post_hook(self._after_step)

    def _before_step(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        try:
            stage = self._by_optimizer.get(id(optimizer))
            if stage is None or self._thawed(stage):
                stage = self._opened(optimizer)
            for group in optimizer.param_groups:
                if (rate := float(group["lr"])) not in stage.rates and len(stage.rates) < MOST_RATES:
                    stage.rates.append(rate)
        except Exception as error:
            self.recorder.note("probe", f"an optimizer's step could not be noted: {error}")

    def _after_step(self, optimizer: Any, _args: Any, _kwargs: Any) -> None:
        stage, pending = self._by_optimizer.get(id(optimizer)), self._pending
        if stage is None:
            return
        self._pending = _Pending(loss_name=pending.loss_name)
        stage.steps += 1
        self.steps += 1
        stage.settled = False
        stage.loss = stage.loss or pending.loss_name
        stage.loss_input = pending.loss_input if stage.loss_input is None else stage.loss_input
        stage.target_range = stage.target_range or range_of(pending.targets)
        stage.input_range = stage.input_range or range_of(pending.inputs)
        stage.batch_size = stage.batch_size or getattr(self.loaders.current, "size", 0) or pending.rows or None
        stage.images += pending.rows
        if pending.loss is not None and len(stage.losses) < MOST_LOSSES:
            stage.losses.append(pending.loss)
        if self.loaders.current is not None:
            self.loaders.current.stepped(stage)
            stage.loader = self.loaders.current.loader
        else:
            self.by_hand += 1
            _epoch_without_loader(stage, pending)

    def _thawed(self, stage: Stage) -> bool:
        """Whether weights were frozen or unfrozen since the stage began, asked once per pass: that is a new stage."""
        current = self.loaders.current
        if current is None or stage in current.learners:
            return False
        return parameter_counts(stage.parameters)[1] != stage.trainable

    def _opened(self, optimizer: Any) -> Stage:
        """A stage for an optimizer that is about to step for the first time."""
        self.recorder.spend(0.0)
        own = [parameter for group in optimizer.param_groups for parameter in group["params"]]
        model = self.models.owner(own)
        parameters = list({id(p): p for p in (*own, *(() if model is None else model.parameters()))}.values())
        shared = {id(p) for p in parameters}
        for earlier in self.stages:
            if any(id(p) in shared for p in earlier.parameters):
                earlier.settle()
        stage = Stage(
            optimizer,
            type(optimizer).__name__,
            parameters,
            [fingerprint(parameter) for parameter in parameters],
            parameter_counts(parameters)[1],
            self._data_set(),
            [weakref.ref(parameter) for parameter in own],
            names=_names(parameters, model),
            device=str(parameters[0].device)[:100] if parameters else "",
        )
        # The stage holds the optimizer, so its id is not used again while the stage is open.
        self._by_optimizer[id(optimizer)] = stage
        self.stages = [*self.stages, stage][-MOST_STAGES:]
        for old in [other for other in self.stages if other.optimizer is not None][:-OPEN_STAGES]:
            self._by_optimizer.pop(id(old.optimizer), None)
            old.close()
        return stage

    def _data_set(self) -> str:
        """The served data set under the current pass; else the newest that the student's code made."""
        current = self.loaders.current
        if current is not None and (name := self.data.name(current.loader.dataset)):
            return name
        return self.data.name(self.data.instances[-1]) if self.data.instances else ""

    def _hook_backward(self, module: Any) -> None:
        backward = module.Tensor.backward

        def noting(tensor: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
            self._noted_loss(tensor)
            return backward(tensor, *args, **kwargs)

        noting.__doc__ = backward.__doc__
        module.Tensor.backward = noting

    def _noted_function(self, name: str, given: torch.Tensor, targets: torch.Tensor) -> None:
        """Student code, or a loss module in its stead, called a loss function."""
        import torch

        if not torch.is_grad_enabled() or self.models.quiet:
            return
        try:
            pending = self._pending
            pending.loss_function, pending.targets = name, targets.detach()
            pending.loss_input = torch_losses.ends_with(given)
        except Exception as error:
            self.recorder.note("probe", f"a loss function could not be noted: {error}")

    def _noted_loss(self, loss: torch.Tensor) -> None:
        pending = self._pending
        try:
            pending.rows, pending.called = pending.rows + pending.called, 0
            if loss.numel() == 1:
                pending.loss = loss.detach()
            known = pending.loss_module or pending.loss_function or pending.loss_name
            pending.loss_name = known or torch_losses.name_in_graph(loss.grad_fn)
        except Exception as error:
            self.recorder.note("probe", f"a loss could not be noted: {error}")


def _names(parameters: list[Any], model: nn.Module | None) -> list[str]:
    """Names of parameters in their model; `parameter 3` for what is none of its own."""
    known = {id(p): name for name, p in (model.named_parameters() if model is not None else ())}
    return [known.get(id(p), f"parameter {i}")[:200] for i, p in enumerate(parameters)]


def _epoch_without_loader(stage: Stage, pending: _Pending) -> None:
    """Ends an epoch of a loop without a loader when as many rows have passed as the data set has."""
    stage.total = pending.total or stage.total
    if stage.total and stage.total == pending.rows:  # all data in each step, which is seen from the second one on
        steps, stage.losses = stage.losses, []
        for loss in steps:
            stage.losses = [loss]
            stage.end_epoch()
    elif stage.total and stage.images - stage.images_before >= stage.total:
        stage.end_epoch()


def range_of(values: torch.Tensor | None) -> list[float] | None:
    """Least and greatest value of a batch; None without one."""
    return None if values is None or not values.numel() else [float(values.min()), float(values.max())]
