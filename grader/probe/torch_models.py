"""Remembers the PyTorch modules that a question builds, calls or defines, and says which of them are its models."""

from __future__ import annotations

import inspect
import threading
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import wrapt

from grader.probe.guesses import arguments_for
from grader.probe.recorder import Recorder
from grader.probe.torch_forward import Fed, examine, same_randomness
from grader.probe.torch_tape import described, first_tensor, parameter_counts, shape_of, tensors
from grader.probe.torch_work import Work

if TYPE_CHECKING:
    import torch
    from torch import nn

MOST_MODELS = 8
MOST_CALLED = 32
MOST_BUILT = 4096
KEPT_BYTES = 2**30  # parameters of nameless modules that we keep alive
KEPT_ROWS = 8


class _Calls(threading.local):
    """Whether a module is running in this thread: what it calls are its parts."""

    inside = False


class Models:
    """The modules of the running question.

    Attributes:
        quiet: True while the probe itself runs the student's modules.
        on_call: Told of every outermost call: the module, the tensors that it was fed, and the first that came out.
        work: What they compute.
        plan_shape: The rubric's input shape, for classes that must be told it; empty if it has none.
    """

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self.quiet = False
        self.work = Work()
        self.plan_shape: tuple[int, ...] = ()
        self.on_call: Callable[[nn.Module, list[torch.Tensor], Any], None] = lambda _module, _tensors, _output: None
        self._calls = _Calls()
        self.begin()

    def begin(self) -> None:
        """A question starts: forget the modules of the one before."""
        # Strong references: a model that lived in a function only must still be there when we look.
        self._built: deque[nn.Module] = deque(maxlen=MOST_BUILT)
        self._called: dict[int, nn.Module] = {}
        self._fed: dict[int, tuple[weakref.ref[nn.Module], Fed]] = {}
        self._evaluated: dict[int, tuple[weakref.ref[nn.Module], str]] = {}

    def install(self) -> None:
        """Hook `nn.Module` as soon as student code imports torch."""
        wrapt.when_imported("torch.nn.modules.module")(self._hook)

    def _hook(self, torch_module: Any) -> None:
        base = torch_module.Module
        build, call = base.__init__, base.__call__

        def __init__(module: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
            build(module, *args, **kwargs)
            if not self.quiet:
                self._remember(module)

        # Not a global forward hook: with one, every call of every layer takes torch's slow path, and a forward pass
        # that raises would leave the depth wrong.
        def __call__(module: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
            if self._calls.inside or self.quiet:
                return call(module, *args, **kwargs)
            self._calls.inside, output = True, None
            try:
                output = self._run(call, module, args, kwargs)
                return output
            finally:
                self._calls.inside = False
                self._note(module, args or tuple(kwargs.values()), output)

        vars(__init__)["__signature__"] = inspect.signature(build)
        base.__init__, base.__call__ = __init__, __call__

    def _run(self, call: Any, module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        bounded = self.recorder.settings.profile == "quick"
        return self.work.run(call, module, args, kwargs) if bounded else call(module, *args, **kwargs)

    def _remember(self, module: nn.Module) -> None:
        self._built.append(module)
        if len(self._built) % 32 == 0:
            self._trim()

    def _trim(self) -> None:
        """Let go of the oldest modules: a loop that builds large models must not fill the memory because of us."""
        sizes = [sum(p.nbytes for p in vars(m).get("_parameters", {}).values() if p is not None) for m in self._built]
        total = sum(sizes)
        for size in sizes:
            if total <= KEPT_BYTES:
                return
            self._built.popleft()
            total -= size

    def _note(self, module: nn.Module, arguments: tuple[Any, ...], output: Any) -> None:
        import torch

        try:
            batch = first_tensor(arguments)
            # While torch.jit traces, what we do would be traced, too.
            if batch is None or not batch.ndim or torch.jit.is_tracing():  # type: ignore[attr-defined]
                return
            self._hold(module)
            self._keep(module, arguments, batch, output)
            if not torch.is_grad_enabled():
                self._evaluated[id(module)] = weakref.ref(module), "train" if module.training else "eval"
            self.on_call(module, list(tensors(arguments)), first_tensor(output))
        except Exception as error:
            self.recorder.note("probe", f"a call of a module could not be noted: {described(error)}")

    def _hold(self, module: nn.Module) -> None:
        """Keep a called module alive until the question ends, within bounds."""
        if id(module) in self._called:
            return
        self._called[id(module)] = module
        sizes = {key: sum(p.nbytes for p in held.parameters()) for key, held in self._called.items()}
        for oldest in list(sizes)[:-1]:
            if len(self._called) <= MOST_CALLED and sum(sizes[key] for key in self._called) <= KEPT_BYTES:
                return
            del self._called[oldest]

    def _keep(self, module: nn.Module, arguments: tuple[Any, ...], batch: torch.Tensor, output: Any) -> None:
        """Keep the first batch of its kind; a call that worked beats one that failed, a training call any other."""
        import torch

        shape = shape_of(batch)
        worth = output is not None, module.training and torch.is_grad_enabled()
        old = self.fed(module)
        known = (bool(old.output), old.training) if old else (False, False)
        if old and (worth < known or (worth == known and shape[1:] == old.shape[1:])):
            return
        kept = tuple(_first_rows(value, len(batch)) for value in arguments)
        fed = Fed(kept, shape, "seen", shape_of(first_tensor(output)), worth[1])
        self._fed[id(module)] = weakref.ref(module), fed

    def called(self) -> list[nn.Module]:
        """The modules that the student's code called in this question, the oldest first."""
        return list(self._called.values())

    def built(self) -> list[nn.Module]:
        """Modules with weights that are no part of another, the largest first."""
        sized = [(parameter_counts(m.parameters())[0], m) for m in self.roots()]
        return [m for size, m in sorted(sized, key=lambda pair: -pair[0]) if size]

    def fed(self, module: nn.Module) -> Fed | None:
        """What the student's code fed a module in this question."""
        reference, fed = self._fed.get(id(module), (None, None))
        return fed if reference is not None and reference() is module else None

    def owner(self, parameters: Iterable[torch.Tensor]) -> nn.Module | None:
        """The largest module at hand that holds one of these parameters: what was called, built, or has a name."""
        wanted = {id(p) for p in parameters}
        for group in (list(self._called.values())[::-1], self.roots(), list(_modules(self.recorder.namespace))):
            holders = [m for m in group if wanted & {id(p) for p in m.parameters()}]
            if holders:
                found = max(holders, key=lambda m: parameter_counts(m.parameters())[0])
                self._hold(found)
                return found
        return None

    def roots(self) -> list[nn.Module]:
        """Modules of this question that are no part of another."""
        new = {name: self.recorder.namespace.get(name) for name in self.recorder.new_names()}
        everything = [*_modules(new), *self._called.values(), *self._built]
        unique = list({id(module): module for module in everything if "_modules" in vars(module)}.values())
        inner = {id(part) for module in unique for part in module.modules() if part is not module}
        return [module for module in unique if id(module) not in inner]

    def ranked(self, trained: Callable[[nn.Module], bool]) -> list[nn.Module]:
        """The models of this question: trained ones first, then by size; at most 8."""
        roots = [model for root in (*self.roots(), *self._defined()) for model in self._runnable(root)]
        worthy = [m for m in roots if parameter_counts(m.parameters())[0]]
        if not worthy:
            worthy = [m for m in roots if not type(m).__module__.startswith(("torch.", "torchvision."))]
        used = {type(m) for m in worthy if self.fed(m) or self.student_name(m)}
        # What has neither a name nor a use while its like has: a leftover of `print(Net())` or of a failed `__init__`.
        worthy = [m for m in worthy if self.fed(m) or self.student_name(m) or type(m) not in used or trained(m)]
        return sorted(worthy, key=lambda m: (not trained(m), -parameter_counts(m.parameters())[0]))[:MOST_MODELS]

    def _runnable(self, root: nn.Module) -> list[nn.Module]:
        """The module; for one without a `forward` (a Lightning-style class around a network) the parts it called."""
        import torch

        defines = inspect.getattr_static(type(root), "forward") is not inspect.getattr_static(
            torch.nn.Module, "forward"
        )
        if defines or type(root).__module__.startswith("torch."):
            return [root]
        parts = {id(part) for part in root.modules()}
        return [called for called in self.called() if id(called) in parts] or [root]

    def student_name(self, module: nn.Module) -> str:
        """The name under which the student's code holds a module; of several the newest."""
        names = [name for name, value in list(self.recorder.namespace.items()) if value is module]
        return next((name for name in reversed(names) if not name.startswith("_")), "")

    def _defined(self) -> list[nn.Module]:
        """Instances of model classes that were only defined, where what they take can be guessed.

        The newest first: what a network is made of is defined before it.
        """
        import torch

        made = {type(part) for root in self.roots() for part in root.modules()}
        classes = [
            kind
            for name in self.recorder.new_names()
            if isinstance(kind := self.recorder.namespace.get(name), type)
            and issubclass(kind, torch.nn.Module)
            and kind.__module__ == "__main__"
            and not any(issubclass(other, kind) for other in made)
        ]
        found: list[nn.Module] = []
        for kind in classes[: -MOST_MODELS - 1 : -1]:
            if kind not in made and (module := self._instance(kind)) is not None:
                found.append(module)
                made |= {type(part) for part in module.modules()}
        return found

    def _instance(self, kind: type[nn.Module]) -> nn.Module | None:
        try:
            arguments = arguments_for(kind, self.recorder, self.plan_shape, channels_last=False)
            if arguments is None:
                return None
            with same_randomness(self.recorder.settings.seed):
                return kind(**arguments)
        except Exception as error:
            self.recorder.note("probe", f"{kind.__name__}() could not be made: {described(error)}", kind.__name__)
            return None

    def _mode(self, module: nn.Module) -> str:
        reference, mode = self._evaluated.get(id(module), (None, ""))
        return mode if reference is not None and reference() is module else ""

    def describe(self, module: nn.Module, *, trained: bool, fed: Fed | None) -> dict[str, Any]:
        """A model as `records.Model` in JSON form."""
        seen = examine(module, fed) if fed is not None else {}
        total, trainable = parameter_counts(module.parameters())
        name = type(module).__name__
        return {
            "name": (self.student_name(module) or name)[:200],
            "class_name": name[:200],
            "framework": "torch",
            "trained": trained,
            "parameters": total,
            "trainable_parameters": trainable,
            "evaluated": self._mode(module),
            **seen,
        }


def _first_rows(value: Any, rows: int) -> Any:
    import torch

    if not isinstance(value, torch.Tensor):
        return value
    kept = value.detach()[:KEPT_ROWS] if value.ndim and len(value) == rows else value.detach()
    return kept.clone()


def _modules(names: dict[str, Any]) -> Iterator[nn.Module]:
    """Modules among values, and in the lists, tuples and dictionaries among them."""
    import torch

    for value in list(names.values()):
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else (value,)
        yield from (part for part in list(parts)[:64] if isinstance(part, torch.nn.Module))
