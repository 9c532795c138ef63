"""Answers PyTorch code that would download pretrained weights: with the served ones, else with a seeded stand-in."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import urlparse

import wrapt

from grader.probe import web
from grader.probe.recorder import Recorder
from grader.probe.served import OFFLINE

# torchvision binds the loader's name where it is used: each place that may already have it is hooked.
PLACES = {
    "torch.hub": "load_state_dict_from_url",
    "torch.utils.model_zoo": "load_url",
    "torchvision._internally_replaced_utils": "load_state_dict_from_url",
    "torchvision.models._api": "load_state_dict_from_url",
}


class StandInWeights(dict[str, Any]):
    """Stands for weights that are not in the store: loading it leaves a model as it was initialised."""


class Weights:
    """The served weights of a run."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder

    def install(self) -> None:
        """Hook the places that download weights, or load them, as soon as they are imported."""
        for place in PLACES:
            wrapt.when_imported(place)(self._hook_place)
        wrapt.when_imported("torch.hub")(self._hook_hub)
        wrapt.when_imported("torch.nn.modules.module")(_hook_load_state_dict)

    def from_url(
        self,
        url: str,
        _model_dir: Any = None,
        map_location: Any = None,
        *_: Any,
        file_name: str | None = None,
        **__: Any,
    ) -> dict[str, Any]:
        """As `torch.hub.load_state_dict_from_url`, without a network."""
        import torch

        name = file_name or Path(urlparse(url).path).name
        path = self.recorder.settings.weights.get(name) or web.found(self.recorder, url)
        if path:
            return torch.load(path, map_location=map_location, weights_only=True)
        message = f"weights {name} are not in the grader's store: seeded random weights stand in"
        self.recorder.note("stand-in", message, name)
        return StandInWeights()

    def _hook_place(self, module: Any) -> None:
        setattr(module, PLACES[module.__name__], self.from_url)

    def _hook_hub(self, module: Any) -> None:
        """`torch.hub.load("pytorch/vision", "resnet18", pretrained=True)` is a model of torchvision."""
        load = module.load

        @wrapt.decorator
        def loaded(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
            repository, model, options = _hub_call(*args, **kwargs)
            if options.pop("source", "github") != "github":
                return original(*args, **kwargs)
            if repository.partition(":")[0] != "pytorch/vision":
                self.recorder.note("missing", f"there is no network here to get {repository} by torch.hub", repository)
                raise URLError(OFFLINE)
            import torchvision

            message = f"torch.hub.load gave {model} of the installed torchvision: there is no network"
            self.recorder.note("substitution", message, f"torch.hub {repository}")
            return getattr(torchvision.models, model)(**options)

        module.load = loaded(load)


def _hub_call(repo_or_dir: str, model: str, *_: Any, **options: Any) -> tuple[str, str, dict[str, Any]]:
    """Repository, model and what is meant for the model, of a call of `torch.hub.load`."""
    for name in ("trust_repo", "force_reload", "verbose", "skip_validation"):
        options.pop(name, None)
    return str(repo_or_dir), str(model), options


def _hook_load_state_dict(module: Any) -> None:
    @wrapt.decorator
    def load(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
        given = args[0] if args else kwargs.get("state_dict")
        return module._IncompatibleKeys([], []) if isinstance(given, StandInWeights) else original(*args, **kwargs)

    module.Module.load_state_dict = load(module.Module.load_state_dict)
