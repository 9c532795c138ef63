"""Packages that do nothing but download: `gdown`, `wget`, `opendatasets`, `kagglehub`, answered from what is served."""

from __future__ import annotations

import shutil
import socket
import tarfile
import urllib.error
import zipfile
from pathlib import Path
from typing import Any

from grader.probe import web
from grader.probe.fetching import DRIVE, KAGGLE
from grader.probe.offers import offer_modules
from grader.probe.recorder import Recorder


def install(recorder: Recorder) -> None:
    """Offer the packages."""

    def file(url: str = "", output: Any = None, *_: Any, **options: Any) -> str:
        """`gdown.download(url, output, id=...)`, `wget.download(url, out=...)`."""
        address = url or DRIVE + str(options.get("id", ""))
        target = str(output or options.get("out") or web.name_of(address) or "download")
        if target.endswith("/"):
            target += web.name_of(address)
        Path(target).parent.mkdir(parents=True, exist_ok=True)
        return str(shutil.copyfile(fetched(recorder, address), target))

    def unpacked(address: str, folder: Path) -> str:
        source = fetched(recorder, address)
        folder.mkdir(parents=True, exist_ok=True)
        unpack(source, folder)
        return str(folder.absolute())

    def data_set(handle: str, *_: Any, **__: Any) -> str:
        """`kagglehub.dataset_download("owner/name")`."""
        return unpacked(f"{KAGGLE}datasets/{handle}", Path(handle.rpartition("/")[2]))

    def competition(handle: str, *_: Any, **__: Any) -> str:
        return unpacked(f"{KAGGLE}competitions/{handle}", Path(handle))

    def open_data_set(url: str, data_dir: str = ".", *_: Any, **__: Any) -> None:
        """`opendatasets.download(url)`: into a folder of the data set's name."""
        unpacked(url, Path(data_dir, url.rstrip("/").rpartition("/")[2]))

    offered: dict[str, dict[str, Any]] = {
        "gdown": {"download": file, "cached_download": file},
        "wget": {"download": file},
        "opendatasets": {"download": open_data_set},
        "kagglehub": {"dataset_download": data_set, "competition_download": competition},
    }
    offer_modules(offered, lambda _: None)


def fetched(recorder: Recorder, address: str) -> Path:
    """The file that is served for an address.

    Raises:
        URLError: There is none.
    """
    path = web.served(recorder, address)
    if path is None:
        raise urllib.error.URLError(socket.gaierror(-3, web.OFFLINE))
    return path


def unpack(source: Path, folder: Path) -> None:
    """The content of an archive in a folder; a file that is none is copied."""
    for suffix, is_kind in ((".zip", zipfile.is_zipfile), (".tar", tarfile.is_tarfile)):
        if is_kind(source):
            shutil.unpack_archive(source, folder, suffix[1:])
            return
    shutil.copyfile(source, folder / source.name)
