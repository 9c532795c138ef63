"""The PyTorch watcher: serves data and weights, watches models and training, and reports them after each question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from grader.probe.recorder import Recorder
from grader.probe.torch_data import Data
from grader.probe.torch_forward import Fed, described, first_tensor, same_randomness, shape_of
from grader.probe.torch_models import Models
from grader.probe.torch_predict import predict
from grader.probe.torch_training import Trainings

if TYPE_CHECKING:
    from torch import nn

LARGEST_LOADER_BATCH = 256


@dataclass(frozen=True, eq=False)
class Watch:
    """What watches PyTorch in this kernel."""

    data: Data
    models: Models
    trainings: Trainings


_watches: dict[int, Watch] = {}
"""One per recorder; there is one recorder in a kernel."""


def install(recorder: Recorder) -> None:
    """Set the hooks. They act once student code imports torch or torchvision."""
    data, models = Data(recorder), Models(recorder)
    trainings = Trainings(recorder, models, data)
    for part in (data, models, trainings):
        part.install()
    _watches[id(recorder)] = Watch(data, models, trainings)


def begin(recorder: Recorder) -> None:
    """A question starts."""
    watch = _watches[id(recorder)]
    watch.models.begin()
    watch.trainings.begin()


def observe(recorder: Recorder, plan: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Models, trainings and predictions of the question that has just run, as fields of `records.Observation`."""
    import sys

    if "torch" not in sys.modules:
        return {}
    watch = _watches[id(recorder)]
    watch.models.quiet = True
    try:
        return _observe(recorder, watch, plan)
    finally:
        watch.models.quiet = False


def _observe(recorder: Recorder, watch: Watch, plan: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    watch.trainings.finish()
    models = watch.models.ranked(watch.trainings.trained)
    fed = {id(model): _fed(recorder, watch, model, plan) for model in models}
    return {
        "models": [_described(recorder, watch, model, fed[id(model)]) for model in models],
        "trainings": [
            watch.trainings.describe(stage, _index(models, lambda m, s=stage: watch.trainings.holds(s, m)))
            for stage in watch.trainings.stages
        ],
        "predictions": [
            _predicted(recorder, watch, request["data_set"], models, fed) for request in plan.get("predict", ())
        ],
    }


def _described(recorder: Recorder, watch: Watch, model: nn.Module, fed: Fed | None) -> dict[str, Any]:
    """A model; one that cannot be looked at is reported by its name."""
    trained = watch.trainings.trained(model)
    try:
        return watch.models.describe(model, trained=trained, fed=fed)
    except Exception as error:
        name = type(model).__name__[:200]
        recorder.note("probe", f"the model {name} could not be examined: {described(error)}", name)
        return watch.models.describe(model, trained=trained, fed=None)


def _fed(recorder: Recorder, watch: Watch, model: nn.Module, plan: dict[str, Any]) -> Fed | None:
    """What to try a model on: what it was fed, what the student prepared for it, or what the rubric says."""
    import torch

    seen = watch.models.fed(model)
    if seen is not None:
        return seen
    for loader in watch.trainings.loaders:
        try:
            return _from_loader(recorder, loader)
        except Exception as error:
            recorder.note("probe", f"the data of a loader could not be read: {described(error)}", "DataLoader")
    shape = tuple(plan.get("input_shape") or ())
    if not shape:
        return None
    with same_randomness(recorder.settings.seed):
        return Fed((torch.rand(shape),), shape, "plan")


def _from_loader(recorder: Recorder, loader: Any) -> Fed:
    """The first batch of a loader, without drawing from the loader itself."""
    size = min(loader.batch_size or 1, LARGEST_LOADER_BATCH, len(loader.dataset))
    with same_randomness(recorder.settings.seed):
        batch = first_tensor(loader.collate_fn([loader.dataset[i] for i in range(size)]))
    return Fed((batch,), shape_of(batch), "loader")


def _predicted(
    recorder: Recorder, watch: Watch, name: str, models: list[nn.Module], fed: dict[int, Fed | None]
) -> dict[str, Any]:
    """The prediction of the model that was trained on this data set, else of the best trained one."""
    index = _index(models, lambda m: _trained_on(watch.trainings, m, name))
    index = _index(models, watch.trainings.trained) if index is None else index
    if index is None:
        return {"data_set": name, "error": "no trained model: no optimizer step changed the weights of a model"}
    model = models[index]
    try:
        made = predict(recorder, watch.data, watch.trainings, name, model, fed[id(model)])
    except Exception as error:
        made = {"data_set": name, "error": described(error)}
    return {"model": index, **made}


def _trained_on(trainings: Trainings, model: nn.Module, name: str) -> bool:
    stages = (stage for stage in trainings.stages if stage.data_set == name and stage.changed)
    return any(trainings.holds(stage, model) for stage in stages)


def _index(models: list[nn.Module], fits: Any) -> int | None:
    """Index of the first model that fits."""
    return next((index for index, model in enumerate(models) if fits(model)), None)
