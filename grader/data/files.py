"""Pictures, folders, tables, weights and other files: what comes with the grader, and what somebody added."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np

from grader.data.entry import Kind, added, added_folder, needs
from grader.data.split import stratified
from grader.data.store import ensure
from grader.data.xrays import draw_folder
from grader.errors import OperatorError

_FORMS: Mapping[str, str] = MappingProxyType({".jpg": ".jpg", ".jpeg": ".jpg", ".png": ".png"})


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file or folder that comes with the grader.

    Attributes:
        build: Makes it in a folder, under the name `path`, the same each time.
        path: Name of the file or folder that `build` makes.
        licence: Of its content.
        source: Where it comes from, for a person.
        stand_in: What it stands in for; empty if it is what was asked for.
        kind: What it is.
        version: Goes up when `build` makes something else.
    """

    build: Callable[[Path], None]
    path: str
    licence: str
    source: str
    stand_in: str = ""
    kind: Kind = "picture"
    version: int = 1


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file or folder of the store that lies in the student's work folder under the name `target`."""

    target: str
    source: Path
    stand_in: str


@dataclass(frozen=True, slots=True)
class Substitute:
    """A file or folder of the store that answers for the student's paths or URLs that fit a pattern.

    Attributes:
        pattern: A path's last parts, a URL, or a glob of either, as in the rubric.
        source: The file or folder in the store.
        stand_in: What it stands in for; empty if it is what was asked for.
        name: Its name in the store.
        kind: What it is.
    """

    pattern: str
    source: Path
    stand_in: str
    name: str
    kind: Kind


def prepare_files(mapping: Mapping[str, str], store: Path | None = None) -> tuple[ServedFile, ...]:
    """Files of a rubric, ready to be laid into the work folder; made on first use.

    Args:
        mapping: Name in the work folder -> entry of the store.
        store: Folder of the data store; `$GRADER_DATA` or the user's cache folder by default.

    Raises:
        OperatorError: An entry is unknown or damaged, the `data` extra is not installed, or the store cannot be
            written.
    """
    served = prepare_paths(mapping, store)
    return tuple(ServedFile(one.pattern, as_named(one.source, one.pattern), one.stand_in) for one in served)


def prepare_paths(table: Mapping[str, str], store: Path | None = None) -> tuple[Substitute, ...]:
    """What a rubric serves in place of student paths; made on first use.

    Args:
        table: The last parts of a path, or a glob -> entry of the store.
        store: Folder of the data store; `$GRADER_DATA` or the user's cache folder by default.

    Raises:
        OperatorError: As `prepare_files`.
    """
    return tuple(_substitute(pattern, name, store) for pattern, name in table.items())


def prepare_urls(table: Mapping[str, str], store: Path | None = None) -> tuple[Substitute, ...]:
    """What a rubric serves in place of URLs: single files; made on first use.

    Args:
        table: A URL or a glob -> entry of the store.
        store: Folder of the data store; `$GRADER_DATA` or the user's cache folder by default.

    Raises:
        OperatorError: As `prepare_files`, or an entry is a folder.
    """
    served = prepare_paths(table, store)
    for one in served:
        if one.source.is_dir():
            raise OperatorError(
                f"'{one.name}' is a folder, and a URL gives one file", "Add an archive of it with --kind file"
            )
    return served


def prepare_weights(names: Iterable[str], store: Path | None = None) -> Mapping[str, Path]:
    """Weight files by their published names: those that are in the store. Others are stood in for by the probe.

    Args:
        names: Published names, such as `vgg16-397923af.pth`.
        store: Folder of the data store; `$GRADER_DATA` or the user's cache folder by default.

    Raises:
        OperatorError: One of them is damaged.
    """
    own = added(store)
    there = {name: own[name] for name in names if name in own and own[name].kind == "weights"}
    return {name: added_folder(about, store) / about.path for name, about in there.items()}


def default_entry(kind: Kind) -> str:
    """Name of the entry to serve where only the kind of a thing is known; empty if nothing will do."""
    return {"picture": "picture", "folder": "faces", "table": "table"}.get(kind, "")


def _substitute(pattern: str, name: str, store: Path | None) -> Substitute:
    own = added(store).get(name)
    if own and own.kind != "data set":
        return Substitute(pattern, added_folder(own, store) / own.path, own.stand_in, name, own.kind)
    if name not in FILES:
        others = (about.name for about in added(store).values() if about.kind != "data set")
        raise OperatorError(f"there is no file '{name}' to serve", f"There are: {', '.join(sorted({*FILES, *others}))}")
    entry = FILES[name]
    folder = ensure(f"{name}-{entry.version}", entry.build, store)
    return Substitute(pattern, folder / entry.path, entry.stand_in, name, entry.kind)


def as_named(source: Path, name: str) -> Path:
    """The form of a picture that fits the suffix of the name under which it is served: some readers go by it."""
    form = _FORMS.get(Path(name).suffix.lower(), "")
    other = source.with_suffix(form)
    return other if form and source.suffix.lower() in _FORMS and other.is_file() else source


def _photograph(name: str, load: Callable[[], np.ndarray], licence: str, source: str) -> FileEntry:
    """A photograph (H, W, 3) as JPEG, and beside it as PNG."""
    return FileEntry(lambda folder: _save(load(), folder / name), f"{name}.jpg", licence, source, version=2)


def _save(pixels: np.ndarray, path: Path) -> None:
    picture = needs("PIL.Image").fromarray(pixels)
    picture.save(path.with_suffix(".jpg"), quality=92)
    picture.save(path.with_suffix(".png"))


def _of_skimage(name: str) -> Callable[[], np.ndarray]:
    return lambda: np.asarray(getattr(needs("skimage.data"), name)())


def _of_sklearn(name: str) -> Callable[[], np.ndarray]:
    return lambda: np.asarray(needs("sklearn.datasets").load_sample_image(name))


def _faces(folder: Path) -> None:
    # The first half of the 200 patches are faces. https://scikit-image.org/docs/stable/api/skimage.data.html
    patches = np.rint(needs("skimage.data").lfw_subset() * 255).astype(np.uint8)
    kinds = np.repeat(["face", "nonface"], len(patches) // 2)
    parts = stratified(kinds, (140, 30, 30), seed=25)
    for part, items in zip(("train", "val", "test"), parts, strict=True):
        for number, item in enumerate(items):
            _save_patch(patches[item], folder / "faces" / part / kinds[item] / f"{number:03}.png")


def _save_patch(patch: np.ndarray, path: Path) -> None:
    image = needs("PIL.Image")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.fromarray(patch).resize((64, 64), image.Resampling.BICUBIC).convert("RGB").save(path)


def _table(folder: Path) -> None:
    """Fisher's 150 irises, one per line, with a header."""
    iris = needs("sklearn.datasets").load_iris()
    columns = ["_".join(name.split()[:2]) for name in iris.feature_names]
    rows = [
        ",".join([*(f"{value:g}" for value in values), str(iris.target_names[kind])])
        for values, kind in zip(iris.data, iris.target, strict=True)
    ]
    text = "\n".join([",".join([*columns, "species"]), *rows, ""])
    (folder / "table.csv").write_text(text, encoding="utf-8")


_CC0 = "CC0 / public domain (scikit-image)"
_CC_BY = "CC-BY-2.0 (scikit-learn)"
_CAT = ("a cat (S. van der Walt), as packaged by scikit-image", _of_skimage("chelsea"))

FILES: Mapping[str, FileEntry] = MappingProxyType(
    {
        "picture": _photograph("picture", _CAT[1], _CC0, _CAT[0]),
        "cat": _photograph("cat", _CAT[1], _CC0, _CAT[0]),
        "astronaut": _photograph(
            "astronaut", _of_skimage("astronaut"), _CC0, "Eileen Collins (NASA), as packaged by scikit-image"
        ),
        "coffee": _photograph(
            "coffee", _of_skimage("coffee"), _CC0, "a cup of coffee (R. Michel), as packaged by scikit-image"
        ),
        "china": _photograph(
            "china", _of_sklearn("china.jpg"), _CC_BY, "a Chinese temple (danielbuechele), as packaged by scikit-learn"
        ),
        "flower": _photograph(
            "flower", _of_sklearn("flower.jpg"), _CC_BY, "a flower (vultilion), as packaged by scikit-learn"
        ),
        "faces": FileEntry(
            _faces,
            "faces",
            "BSD-3-Clause (scikit-image); from Labeled Faces in the Wild",
            "200 patches of Labeled Faces in the Wild, as packaged by scikit-image",
            stand_in="200 small patches with and without a face (scikit-image) stand in for a custom image folder",
            kind="folder",
        ),
        "xrays": FileEntry(
            draw_folder,
            "chest_xray",
            "the same as grader",
            "drawn by grader.data.xrays",
            stand_in="210 drawn pictures stand in for chest X-rays (NORMAL and PNEUMONIA)",
            kind="folder",
        ),
        "table": FileEntry(
            _table,
            "table.csv",
            "BSD-3-Clause (scikit-learn)",
            "Fisher's 150 irises, as packaged by scikit-learn",
            stand_in="a table of 150 irises (scikit-learn) stands in for a custom table",
            kind="table",
        ),
    }
)
