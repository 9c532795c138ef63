"""Names of files that Keras no longer saves under: any name once did, today the ending decides on the format.

The file that is written has the name that the code gives it; inside, it is one of today's formats. When it is loaded,
its content says which.
"""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from wrapt import FunctionWrapper, wrap_function_wrapper

from grader.probe.bridges.bridge import Bridge, Say
from grader.probe.keras_data import rebind

MODEL_ENDINGS = (".keras", ".h5", ".hdf5")
WEIGHTS_ENDING = ".weights.h5"
OLD_SAVE = ("save_format", "save_traces", "signatures", "options")
OLD_CHECKPOINT = ("period", "load_weights_on_restart", "options")
INSIDE = "saved"  # of a folder with the name of the model


def saving(_keras: Any, say: Say) -> None:
    """`model.save("name")`, `save_weights("name.h5")`, and loading them again."""
    from keras.src.models.model import Model
    from keras.src.saving import saving_api

    def save(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
        path, args, kwargs = _path(args, kwargs)
        given = {name: value for name, value in kwargs.items() if name not in OLD_SAVE}
        if path.endswith(MODEL_ENDINGS) and given == kwargs:
            return original(path, *args, **kwargs)
        say()
        ending = ".h5" if kwargs.get("save_format") == "h5" or path.endswith((".h5", ".hdf5")) else ".keras"
        with _written(path, ending) as file:
            return original(file, *args, **given)

    def save_weights(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
        path, args, kwargs = _path(args, kwargs)
        given = {name: value for name, value in kwargs.items() if name not in OLD_SAVE}
        if given == kwargs and (path.endswith(WEIGHTS_ENDING) or kwargs.get("max_shard_size")):
            return original(path, *args, **kwargs)
        say()
        with _written(path, WEIGHTS_ENDING) as file:
            return original(file, *args, **given)

    def load(original: Any, _: Any, args: Any, kwargs: Any) -> Any:
        path, args, kwargs = _path(args, kwargs)
        ending = _ending(path)
        if ending is None or _fits(path, ending):
            return original(path, *args, **kwargs)
        say()
        with tempfile.TemporaryDirectory() as folder:
            return original(str(shutil.copyfile(_file(path), Path(folder, f"loaded{ending}"))), *args, **kwargs)

    wrap_function_wrapper(Model, "save", save)
    wrap_function_wrapper(Model, "save_weights", save_weights)
    wrap_function_wrapper(Model, "load_weights", load)
    original = saving_api.load_model
    rebind(original, FunctionWrapper(original, load))


def checkpoints(keras: Any, say: Say) -> None:
    """`ModelCheckpoint("best.hdf5")`, `ModelCheckpoint("w.h5", save_weights_only=True)`, `period=1`."""

    def init(original: Any, callback: Any, args: Any, kwargs: Any) -> None:
        path, args, kwargs = _path(args, kwargs)
        given = {name: value for name, value in kwargs.items() if name not in OLD_CHECKPOINT}
        weights = given.get("save_weights_only", args[3] if len(args) > 3 else False)
        endings = (WEIGHTS_ENDING,) if weights else (".keras", ".h5")
        if not path.endswith(endings) or given != kwargs:
            say()
        original(f"checkpoint{endings[0]}", *args, **given)
        callback.filepath = path

    wrap_function_wrapper(keras.callbacks.ModelCheckpoint, "__init__", init)


def both(keras: Any, say: Say) -> None:
    """Saving by hand and by a callback: one is of no use without the other."""
    saving(keras, say)
    checkpoints(keras, say)


def _path(args: Any, kwargs: Any) -> tuple[str, Any, dict[str, Any]]:
    """The path of a call, and its other arguments."""
    kwargs = dict(kwargs)
    path = args[0] if args else kwargs.pop("filepath")
    return str(path), args[1:], kwargs


@contextmanager
def _written(path: str, ending: str) -> Iterator[str]:
    """A file with one of today's endings, which gets the name that the code gave once it is written."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"saved{ending}")
        yield str(file)
        target = _file(path)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)


def _file(path: str) -> Path:
    """Where a model lies that was saved under a name; a model was a folder once, and the folder may be there."""
    return Path(path, INSIDE) if Path(path).is_dir() else Path(path)


def _ending(path: str) -> str | None:
    """The ending that a file should have for what is in it; None if there is no file, or it is something else."""
    import h5py  # type: ignore[import-untyped]

    file = _file(path)
    if not file.is_file():
        return None
    if zipfile.is_zipfile(file):
        return ".keras"
    if not h5py.is_hdf5(file):
        return None
    with h5py.File(file) as content:
        old = "layer_names" in content.attrs or "model_config" in content.attrs or "model_weights" in content
    return ".h5" if old else WEIGHTS_ENDING


def _fits(path: str, ending: str) -> bool:
    if Path(path).is_dir():
        return False
    if ending == ".h5":
        return path.endswith((".h5", ".hdf5")) and not path.endswith(WEIGHTS_ENDING)
    return path.endswith(ending)


BRIDGES = (
    Bridge(
        "file_names",
        "a model or its weights were saved or loaded under a name that today's Keras refuses (.hdf5, or no ending)",
        both,
        ("keras",),
    ),
)
