"""Asks a trained PyTorch model for its outputs on held-out images, prepared as the student's own code prepares images."""

from __future__ import annotations

import io
import math
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.probe.preprocessing import find_map
from grader.probe.recorder import Recorder
from grader.probe.torch_data import Data
from grader.probe.torch_forward import Fed, at_rest, described, first_tensor, same_randomness
from grader.probe.torch_training import Trainings

if TYPE_CHECKING:
    import torch
    from torch import nn

BATCH = 100
MOST_OUTPUTS = 10_000
PATIENCE = 180.0  # seconds for all predictions of one model

Prepare = Callable[[slice], Any]
"""Gives a batch of prepared held-out images."""


class Unfit(Exception):  # noqa: N818  # not an error of anybody: a way of preparing images that this model does not take
    """The model gave no usable outputs for images prepared in this way."""


def predict(
    recorder: Recorder, data: Data, trainings: Trainings, name: str, model: nn.Module, fed: Fed | None
) -> dict[str, Any]:
    """Outputs of a model on the held-out images of a data set, as `records.Prediction` in JSON form without `model`.

    The ways to prepare images are tried in the order of trust: loaders that the student iterated, test data first;
    the map found from rows that the model was fed; data sets that were made but fed to no loader.
    """
    images = data.held_out(name)
    if images is None:
        return {"data_set": name, "error": f"{name} is not served in this run"}
    reasons = []
    for words, outputs in _ways(data, trainings, name, images, model, fed):
        try:
            with at_rest(model), same_randomness(recorder.settings.seed):
                result = outputs()
            return {"data_set": name, "preprocessing": words[:1000], "outputs": recorder.blob(as_npy(result), ".npy")}
        except Exception as error:
            reasons.append(f"with {words[:200]}: {described(error)}")
    unknown = f"it is not known how images of {name} reach this model: no loader or transform, no row fed to it fits"
    return {"data_set": name, "error": ("; ".join(reasons) or unknown)[:1900]}


def as_npy(array: np.ndarray) -> bytes:
    """An array as the bytes of a `.npy` file without pickle."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array, dtype=np.float32), allow_pickle=False)
    return stream.getvalue()


def _ways(
    data: Data, trainings: Trainings, name: str, images: np.ndarray, model: nn.Module, fed: Fed | None
) -> Iterator[tuple[str, Callable[[], np.ndarray]]]:
    """Ways to get outputs: words for a person, and the computation."""
    for loader in sorted(_loaders(data, trainings, name), key=lambda one: _is_train(data, one.dataset)):
        yield _words(data, loader.dataset, name), _through(data, model, fed, images, loader.dataset, loader.collate_fn)
    if fed is not None and (served := data.served_images(name)) is not None:
        rows = fed.rows.detach().cpu()
        if found := (find_map(rows.numpy(), served) if rows.is_floating_point() else None):
            yield f"the way your images reached the model: {found.describe()}", _mapped(model, fed, images, found.apply)
    instances = [one for one in data.instances if data.name(one) == name]
    for instance in sorted(instances[::-1], key=lambda one: bool(one.train)):
        yield _words(data, instance, name), _through(data, model, fed, images, instance, None)


def _loaders(data: Data, trainings: Trainings, name: str) -> list[Any]:
    """Loaders over a served data set that were iterated in this question, the newest first."""
    return [loader for loader in trainings.passed[::-1] if data.name(loader.dataset) == name]


def _is_train(data: Data, data_set: Any) -> bool:
    return bool(getattr(data.root(data_set), "train", True))


def _words(data: Data, data_set: Any, name: str) -> str:
    root = data.root(data_set)
    transform = " ".join(repr(getattr(root, "transform", None)).split())[:400]
    return f"your {name} {'training' if root.train else 'test'} data set with its transform: {transform}"


def _through(
    data: Data, model: nn.Module, fed: Fed | None, images: np.ndarray, data_set: Any, collate: Any
) -> Callable[[], np.ndarray]:
    """Outputs on images that pass through a data set of the student's."""
    from torch.utils.data import default_collate

    def outputs() -> np.ndarray:
        with data.replaced(data_set, images) as prepared:
            return _outputs(
                model,
                len(images),
                lambda part: first_tensor(
                    (collate or default_collate)([prepared[i] for i in range(len(images))[part]])
                ),
                fed,
            )

    return outputs


def _mapped(
    model: nn.Module, fed: Fed, images: np.ndarray, apply: Callable[[np.ndarray], np.ndarray]
) -> Callable[[], np.ndarray]:
    """Outputs on images that pass through a map."""
    import torch

    return lambda: _outputs(model, len(images), lambda part: torch.from_numpy(apply(images[part])), fed)


def _outputs(model: nn.Module, count: int, prepare: Prepare, fed: Fed | None) -> np.ndarray:
    """Outputs (count, classes), float32, batch by batch."""
    started, parts = time.monotonic(), []
    for start in range(0, count, BATCH):
        batch = prepare(slice(start, start + BATCH))
        if batch is None:
            raise Unfit("the images did not become tensors")
        parts.append(_rows(model(_as_fed(model, batch, fed)), len(batch)))
        if time.monotonic() - started > PATIENCE:
            raise Unfit(f"{start + len(batch)} of {count} predictions took more than {PATIENCE:g} s")
    return np.concatenate(parts)


def _as_fed(model: nn.Module, batch: torch.Tensor, fed: Fed | None) -> torch.Tensor:
    """A batch on the model's device, of the type and shape in which the student's loop hands it over."""
    weight = next(model.parameters())
    dtype = fed.rows.dtype if fed is not None else weight.dtype
    batch = batch.to(device=weight.device, dtype=dtype)
    if fed is None or batch.shape[1:] == fed.shape[1:]:
        return batch
    if math.prod(batch.shape[1:]) == math.prod(fed.shape[1:]):
        return batch.reshape(len(batch), *fed.shape[1:])
    raise Unfit(f"the images have shape {tuple(batch.shape[1:])}, the model was fed {tuple(fed.shape[1:])}")


def _rows(output: Any, rows: int) -> np.ndarray:
    tensor = first_tensor(output)
    if tensor is None:
        raise Unfit("the model gave no tensor")
    values = tensor.detach().float().cpu().numpy()
    if len(values) != rows or values.size > rows * MOST_OUTPUTS:
        raise Unfit(f"the model gave outputs of shape {values.shape} for {rows} images")
    return values.reshape(rows, -1)
