"""Asks a trained PyTorch model for outputs on held-out images, prepared as the student's own code prepares images."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic, perf_counter  # by name: code that replaces these changes no time of ours
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.probe.preprocessing import Map, find_map
from grader.probe.recorder import Recorder
from grader.probe.served import labelled
from grader.probe.torch_data import Data
from grader.probe.torch_forward import Fed, at_rest, same_randomness
from grader.probe.torch_tape import described, first_tensor
from grader.probe.usual import best_usual

if TYPE_CHECKING:
    import torch
    from torch import nn
    from torch.utils.data import DataLoader

BATCH = 100
MOST_OUTPUTS = 10_000
PATIENCE = 60.0  # seconds for all predictions of one model

Way = tuple[str, Callable[[], np.ndarray]]
"""A way to prepare images, for a person, and the computation of outputs in this way."""


class UnfitError(Exception):
    """The model gave no usable outputs for images prepared in this way."""


@dataclass(frozen=True, eq=False)
class Examination:
    """One model and the held-out images of one data set.

    Attributes:
        recorder: Takes the outputs.
        data: The served data sets.
        loaders: Loaders that the student's code iterated in this question, the newest last.
        name: Name of the data set.
        model: The model.
        fed: What the student's code fed it.
        repeats: How often to time it on a batch.
        seconds: Wall time per image of each of these passes.
    """

    recorder: Recorder
    data: Data
    loaders: list[DataLoader]
    name: str
    model: nn.Module
    fed: Fed | None
    repeats: int = 0
    seconds: list[float] = field(default_factory=list)

    def predict(self) -> dict[str, Any]:
        """Outputs on the held-out images, as `records.Prediction` in JSON form without `model`.

        The ways to prepare images are tried in the order of trust: loaders that the student iterated, test data
        first; the map found from rows that the model was fed; data sets that were made but read by no loader.
        """
        images = self.data.held_out(self.name)
        if images is None:
            return {"data_set": self.name, "error": f"{self.name} is not served in this run"}
        reasons = []
        for words, outputs in self._ways(images):
            try:
                with at_rest(self.model), same_randomness(self.recorder.settings.seed):
                    blob = self.recorder.blob(as_npy(outputs()), ".npy")
            except Exception as error:
                reasons.append(f"with {words[:200]}: {described(error)}")
            else:
                return {
                    "data_set": self.name,
                    "preprocessing": words[:1000],
                    "outputs": blob,
                    "seconds": self.seconds[-self.repeats :] if self.repeats else [],
                }
        unknown = f"it is not known how {self.name} images reach this model: no loader, transform or row fed to it fits"
        return {"data_set": self.name, "error": ("; ".join(reasons) or unknown)[:1900]}

    def _ways(self, images: np.ndarray) -> Iterator[Way]:
        loaders = [loader for loader in reversed(self.loaders) if self.data.name(loader.dataset) == self.name]
        for loader in sorted(loaders, key=lambda one: bool(self.data.root(one.dataset).train)):
            yield self._through(loader.dataset, loader.collate_fn, images)
        yield from self._mapped(images)
        instances = [one for one in reversed(self.data.instances) if self.data.name(one) == self.name]
        for instance in sorted(instances, key=lambda one: bool(one.train)):
            yield self._through(instance, None, images)
        yield from self._usual(images)

    def _through(self, data_set: Any, collate: Any, images: np.ndarray) -> Way:
        """Images take the place of those in a data set of the student's, and come out as its items."""
        from torch.utils.data import default_collate

        def outputs() -> np.ndarray:
            with self.data.replaced(data_set, images) as items:
                return self._outputs(
                    lambda rows: first_tensor((collate or default_collate)([items[i] for i in rows])), len(images)
                )

        root = self.data.root(data_set)
        transform = " ".join(repr(getattr(root, "transform", None)).split())[:400]
        return f"your {self.name} {'training' if root.train else 'test'} data with its transform {transform}", outputs

    def _mapped(self, images: np.ndarray) -> Iterator[Way]:
        """The map that turned served images into the rows that the model was fed, if there is one."""
        served = self.data.served_images(self.name)
        if self.fed is None or served is None or not self.fed.rows.is_floating_point():
            return
        found = find_map(self.fed.rows.cpu().numpy(), served)
        if found is not None:
            words = f"the way in which your code turned {self.name} images into the model's input: {found.describe()}"
            yield words, lambda: self._ask(found, images)

    def _usual(self, images: np.ndarray) -> Iterator[Way]:
        """The usual way to prepare images that suits the model best."""
        known = labelled(self.recorder, self.name)
        if self.fed is None or known is None or not self.fed.rows.is_floating_point():
            return
        with at_rest(self.model), same_randomness(self.recorder.settings.seed):
            found = best_usual(self._ask, self.fed.shape[1:], *known)
        if found is not None:
            way, words = found
            yield words, lambda: self._ask(way, images)

    def _ask(self, way: Map, images: np.ndarray) -> np.ndarray:
        import torch

        return self._outputs(lambda rows: torch.from_numpy(way.apply(images[rows.start : rows.stop])), len(images))

    def _outputs(self, prepare: Callable[[range], Any], count: int) -> np.ndarray:
        """Outputs (images, classes), batch by batch; `prepare` gives the images with these indices."""
        started, parts = monotonic(), []
        for start in range(0, count, BATCH):
            batch = prepare(range(start, min(start + BATCH, count)))
            if batch is None:
                raise UnfitError("the images did not become tensors")
            parts.append(_rows(self.model(self._as_fed(batch)), len(batch)))
            if monotonic() - started > PATIENCE:
                raise UnfitError(f"{start + len(batch)} of {count} predictions took more than {PATIENCE:g} s")
        self._time(self._as_fed(prepare(range(min(BATCH, count)))))
        return np.concatenate(parts)

    def _time(self, batch: torch.Tensor) -> None:
        """Repeated passes over one batch; `_rows` waits for the device."""
        for _ in range(self.repeats):
            started = perf_counter()
            _rows(self.model(batch), len(batch))
            self.seconds.append((perf_counter() - started) / len(batch))

    def _as_fed(self, batch: torch.Tensor) -> torch.Tensor:
        """A batch on the model's device, of the type and shape in which the student's loop hands it over."""
        weight = next(self.model.parameters())
        dtype = weight.dtype if self.fed is None else self.fed.rows.dtype
        batch = batch.to(device=weight.device, dtype=dtype)
        if self.fed is None or batch.shape[1:] == self.fed.shape[1:]:
            return batch
        if math.prod(batch.shape[1:]) == math.prod(self.fed.shape[1:]):
            return batch.reshape(len(batch), *self.fed.shape[1:])
        raise UnfitError(f"images have shape {tuple(batch.shape[1:])}, the model was fed {tuple(self.fed.shape[1:])}")


def as_npy(array: np.ndarray) -> bytes:
    """An array as the bytes of a float32 `.npy` file without pickle."""
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(array, dtype=np.float32), allow_pickle=False)
    return stream.getvalue()


def _rows(output: Any, rows: int) -> np.ndarray:
    tensor = first_tensor(output)
    if tensor is None:
        raise UnfitError("the model gave no tensor")
    values = tensor.detach().float().cpu().numpy()
    if values.ndim == 0 or len(values) != rows or values.size > rows * MOST_OUTPUTS:
        raise UnfitError(f"the model gave outputs of shape {values.shape} for {rows} images")
    return values.reshape(rows, -1)
