"""The PyTorch watcher: serves data and weights, watches models and training, and reports them after each question."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.probe.recorder import Recorder
from grader.probe.torch_budget import Sizes
from grader.probe.torch_data import Data
from grader.probe.torch_forward import Fed, same_randomness
from grader.probe.torch_loaders import Loaders
from grader.probe.torch_models import Models
from grader.probe.torch_pictures import first_convolution
from grader.probe.torch_predict import Examination
from grader.probe.torch_tape import described, first_tensor, shape_of
from grader.probe.torch_training import Trainings

if TYPE_CHECKING:
    from torch import nn

LARGEST_LOADER_BATCH = 256


@dataclass(frozen=True, eq=False)
class Watch:
    """What watches PyTorch in this kernel."""

    recorder: Recorder
    data: Data
    models: Models
    loaders: Loaders
    trainings: Trainings

    def observe(self, plan: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """What the question did, as fields of `records.Observation`."""
        self.loaders.finish()
        self.trainings.finish()
        self.models.plan_shape = tuple(plan.get("input_shape") or ())
        models = self.models.ranked(self._trained)
        fed = [self._fed(model, plan) for model in models]
        return {
            "models": [self._described(*pair) for pair in zip(models, fed, strict=True)],
            "layer_pictures": list(self._pictures(models, fed)),
            "trainings": [stage.describe(_index(models, stage.holds)) for stage in self.trainings.stages],
            "predictions": [self._predicted(request, models, fed) for request in plan.get("predict", ())],
        }

    def _pictures(self, models: list[nn.Module], fed: list[Fed | None]) -> Iterator[dict[str, Any]]:
        """Of the first convolution of each model: what it looks like and what it makes of what it was fed."""
        for index, (model, batch) in enumerate(zip(models, fed, strict=True)):
            try:
                for pictures in first_convolution(model, batch, self.models.fed):
                    yield {"model": index, **pictures}
            except Exception as error:
                self.recorder.note("probe", f"the first convolution could not be looked at: {described(error)}")

    def _described(self, model: nn.Module, fed: Fed | None) -> dict[str, Any]:
        """A model; one that cannot be looked at is reported by its name."""
        trained = self._trained(model)
        try:
            return self.models.describe(model, trained=trained, fed=fed)
        except Exception as error:
            name = type(model).__name__[:200]
            self.recorder.note("probe", f"the model {name} could not be examined: {described(error)}", name)
            return self.models.describe(model, trained=trained, fed=None)

    def _fed(self, model: nn.Module, plan: dict[str, Any]) -> Fed | None:
        """What to try a model on: what it was fed, what the student prepared, or what the rubric says."""
        import torch

        if (seen := self.models.fed(model)) is not None:
            return seen
        found = self._first_of(self.loaders.made) or self._prepared(model)
        if found is None and (shape := tuple(plan.get("input_shape") or ())):
            with same_randomness(self.recorder.settings.seed):
                return Fed((torch.rand(shape),), shape, "plan")
        return found or self._first_of(self._earlier_loaders())

    def _first_of(self, loaders: list[Any]) -> Fed | None:
        """A batch of the first loader whose data can be read."""
        for loader in loaders:
            try:
                return self._from_loader(loader)
            except Exception as error:
                self.recorder.note("probe", f"the data of a loader could not be read: {described(error)}", "DataLoader")
        return None

    def _earlier_loaders(self) -> list[Any]:
        """Loaders that the student's code still has from before, the newest first. They may be meant for others."""
        from torch.utils.data import DataLoader

        return [v for v in reversed(list(self.recorder.namespace.values())) if isinstance(v, DataLoader)]

    def _prepared(self, model: nn.Module) -> Fed | None:
        """Images that this question put into a tensor and fed to nothing. Filters to be drawn are no images."""
        import torch

        weights = {shape_of(parameter) for parameter in model.parameters()}
        for name in self.recorder.new_names():
            value = self.recorder.namespace.get(name)
            if type(value) is torch.Tensor and value.ndim == 4 and value.is_floating_point() and len(value):
                if shape_of(value) in weights:
                    continue
                rows = value.detach()[:LARGEST_LOADER_BATCH]
                return Fed((rows,), shape_of(rows), "loader")
        return None

    def _from_loader(self, loader: Any) -> Fed:
        """The first batch of a loader, without drawing from the loader itself."""
        size = min(loader.batch_size or 1, LARGEST_LOADER_BATCH, len(loader.dataset))
        with same_randomness(self.recorder.settings.seed):
            batch = first_tensor(loader.collate_fn([loader.dataset[i] for i in range(size)]))
        return Fed((batch,), shape_of(batch), "loader")

    def _predicted(self, request: dict[str, Any], models: list[nn.Module], fed: list[Fed | None]) -> dict[str, Any]:
        """The prediction of the model that was trained on this data set, else of the best trained one."""
        name, repeats = request["data_set"], request.get("repeats", 0)
        index = _index(models, lambda model: self._trained_on(model, name))
        index = _index(models, self._trained) if index is None else index
        if index is None:
            return {"data_set": name, "error": "no trained model: no optimizer step changed the weights of a model"}
        asked = models[index], fed[index], repeats
        return {"model": index, **Examination(self.recorder, self.data, self.loaders.passed, name, *asked).predict()}

    def _trained(self, model: nn.Module) -> bool:
        """Whether this model was trained. A network that only lent its layers to the one that was called was not."""
        if not self.trainings.trained(model):
            return False
        if self.models.fed(model) is not None:
            return True
        parts, weights = ({id(part) for part in found} for found in (model.modules(), model.parameters()))
        others = [m for m in self.models.called() if id(m) not in parts]
        sharing = [m for m in others if any(id(p) in weights for p in m.parameters())]
        return not any(map(self.trainings.trained, sharing))

    def _trained_on(self, model: nn.Module, name: str) -> bool:
        return any(s.data_set == name and s.changed and s.holds(model) for s in self.trainings.stages)


_watches: dict[int, Watch] = {}
"""One per recorder; there is one recorder in a kernel."""


def install(recorder: Recorder) -> None:
    """Set the hooks. They act once student code imports torch or torchvision."""
    data, models = Data(recorder), Models(recorder)
    loaders = Loaders(recorder, Sizes(models))
    watch = Watch(recorder, data, models, loaders, Trainings(recorder, models, loaders, data))
    if recorder.settings.serve:
        watch.data.install()
    for part in (watch.models, watch.loaders, watch.trainings):
        part.install()
    _watches[id(recorder)] = watch


def begin(recorder: Recorder) -> None:
    """A question starts."""
    watch = _watches[id(recorder)]
    for part in (watch.models, watch.loaders, watch.trainings):
        part.begin()


def observe(recorder: Recorder, plan: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Models, trainings and predictions of the question that has just run, as fields of `records.Observation`."""
    if "torch" not in sys.modules:
        return {}
    watch = _watches[id(recorder)]
    watch.models.quiet = watch.loaders.quiet = True
    try:
        return watch.observe(plan)
    finally:
        watch.models.quiet = watch.loaders.quiet = False


def _index(models: list[nn.Module], fits: Callable[[nn.Module], bool]) -> int | None:
    """Index of the first model that fits."""
    return next((index for index, model in enumerate(models) if fits(model)), None)
