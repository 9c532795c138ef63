"""Serves `sklearn.datasets.fetch_openml` from the grader's store, without a network."""

from __future__ import annotations

from typing import Any
from urllib.error import URLError

import numpy as np
import wrapt

from grader.probe.recorder import Recorder
from grader.probe.served import OFFLINE, Served, missing, serve

# Names and numbers on openml.org.
SERVED_NAMES = {
    "mnist_784": "mnist",
    "fashion-mnist": "fashion_mnist",
    "cifar_10": "cifar10",
    "554": "mnist",
    "40996": "fashion_mnist",
    "40927": "cifar10",
}


def install(recorder: Recorder) -> None:
    """Replace `fetch_openml` as soon as scikit-learn's data sets are imported."""

    @wrapt.decorator
    def fetch(_original: Any, _: Any, args: Any, kwargs: Any) -> Any:
        asked = str(args[0] if args else kwargs.get("name") or kwargs.get("data_id"))
        name = SERVED_NAMES.get(asked.lower())
        served = serve(recorder, name) if name else None
        if served is None:
            missing(recorder, asked)
            raise URLError(OFFLINE)
        frame = kwargs.get("as_frame", "auto") in {True, "auto"}
        made = bunch(asked, served, frame)
        return (made.data, made.target) if kwargs.get("return_X_y") else made

    def hook(module: Any) -> None:
        module.fetch_openml = fetch(module.fetch_openml)

    for place in ("sklearn.datasets._openml", "sklearn.datasets"):
        wrapt.register_post_import_hook(hook, place)


def bunch(asked: str, served: Served, frame: bool) -> Any:
    """A data set as `fetch_openml` gives it: rows of pixels, and labels that are texts. Training rows come first.

    Args:
        asked: Its name on openml.org.
        served: What is served.
        frame: Whether as a pandas data frame.
    """
    import pandas as pd  # type: ignore[import-untyped]
    from sklearn.utils import Bunch

    images, labels = (np.concatenate(parts) for parts in zip(served.train, served.test, strict=True))
    # OpenML keeps a colour picture as its red, then its green, then its blue part.
    rows = (images if images.ndim == 3 else images.transpose(0, 3, 1, 2)).reshape(len(images), -1).astype(np.int64)
    names = [f"pixel{index + 1}" for index in range(rows.shape[1])]
    data, target = rows, labels.astype(str).astype(object)
    table = None
    if frame:
        data = pd.DataFrame(rows, columns=names)
        target = pd.Series(pd.Categorical(target), name="class")
        table = data.assign(**{"class": target})
    return Bunch(
        data=data,
        target=target,
        frame=table,
        categories={},
        feature_names=names,
        target_names=["class"],
        DESCR=f"{asked}, served by the grader",
        details={"name": asked},
        url="",
    )
