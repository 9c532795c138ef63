"""An instructor's data into the store, and out of it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace as changed
from pathlib import Path

import numpy as np

from grader.data.download import matches
from grader.data.entry import ADDED, FETCHING, NAME, RESERVED, Added, Kind, added, added_folders, needs
from grader.data.files import FILES
from grader.data.listing import embedded
from grader.data.publications import published_hash
from grader.data.readers import class_folders, read_arrays
from grader.data.sets import DATA_SETS, write_parts
from grader.data.split import SEED, split, stratified
from grader.data.store import place, replace, scratch_folder
from grader.errors import OperatorError

# https://en.wikipedia.org/wiki/List_of_file_signatures; torch's old form is a bare pickle, which starts with 0x80.
_WEIGHTS: Mapping[str, tuple[bytes, ...]] = {
    ".h5": (b"\x89HDF\r\n\x1a\n",),
    ".keras": (b"PK\x03\x04",),
    ".pth": (b"PK\x03\x04", b"\x80"),
    ".pt": (b"PK\x03\x04", b"\x80"),
    ".safetensors": (),
}
_SHARES = (0.7, 0.15, 0.15)  # train, val, test of a folder that has no parts of its own


def add(about: Added, path: Path, size: int | None = None, store: Path | None = None) -> Path:
    """Put a file or folder into the store, in place of what was added under its name before.

    Args:
        about: Its description; `path` and `classes` are filled in.
        path: The file or folder. It is copied, not moved.
        size: For data sets made of pictures: height and width to which they are brought.
        store: Folder of the data store; `$GRADER_DATA` or the user's cache folder by default.

    Returns:
        Its folder in the store.

    Raises:
        OperatorError: The name is not usable, the file is missing or not what it should be, or the store cannot be
            written.
    """
    _check_name(about)
    if not path.exists():
        raise OperatorError(f"{path} is not there", "Check the path")
    builders: Mapping[Kind, Callable[[], Callable[[Path], None]]] = {
        "data set": lambda: _data_set(about, path, size),
        "folder": lambda: _folder(about, path),
    }
    build = builders.get(about.kind, lambda: _file(about, path))()
    return replace(f"{ADDED}/{about.name}", build, store)


def remove(name: str, store: Path | None = None) -> None:
    """Take an added entry (and what is left of its download), or the copy of an embedded one, out of the store.

    Raises:
        OperatorError: It is not in the store, or the store cannot be written.
    """
    folders = [folder for folder in (*added_folders(store), place(f"{FETCHING}/{name}", store)) if folder.name == name]
    folders = [folder for folder in folders if folder.exists()]
    made = embedded().get(name)
    if not folders and made is not None:
        folders = [folder for folder in [place(f"{name}-{made.version}", store)] if folder.exists()]
    if not folders:
        raise OperatorError(f"there is no '{name}' in the store", f"Added are: {', '.join(added(store)) or 'none'}")
    for folder in folders:
        with scratch_folder(folder.parent, name) as scratch:
            folder.rename(scratch / "removed")


def _check_name(about: Added) -> None:
    if not NAME.fullmatch(about.name) or about.name in RESERVED:
        raise OperatorError(
            f"'{about.name}' cannot be the name of an entry",
            "Names have letters, digits, '.', '_' and '-', and are not " + ", ".join(sorted(RESERVED)),
        )
    if about.name in DATA_SETS and about.kind != "data set":
        raise OperatorError(f"'{about.name}' is the name of a data set", "Take another name, or --kind 'data set'")
    if about.name in FILES and about.kind != FILES[about.name].kind:
        raise OperatorError(f"'{about.name}' is the name of a {FILES[about.name].kind}", "Take another name")


def _data_set(about: Added, path: Path, size: int | None) -> Callable[[Path], None]:
    arrays = read_arrays(path, size)
    # The classes of a well-known set have names that its files do not carry.
    known = DATA_SETS[about.name].classes if about.name in DATA_SETS else ()
    classes = known if len(known) == len(arrays.classes) else arrays.classes
    parts = split(arrays.train, arrays.test)
    complete = changed(about, classes=classes)

    def build(folder: Path) -> None:
        write_parts(parts, complete, folder)
        complete.write(folder)

    return build


def _folder(about: Added, path: Path) -> Callable[[Path], None]:
    if not path.is_dir():
        raise OperatorError(f"{path} is not a folder", "For a single file, take another --kind")
    parts = class_folders(path)
    if not parts:
        raise OperatorError(
            f"{path} holds no class folders with pictures", "Expected: FOLDER/<class>/pictures or FOLDER/train/<class>/"
        )
    complete = changed(
        about, path=about.name, classes=tuple(sorted({name for part in parts.values() for name in part}))
    )

    def build(folder: Path) -> None:
        for part, classes in (_drawn(parts[""]) if "" in parts else parts).items():
            for name, files in classes.items():
                _copy(files, folder / about.name / part / name)
        complete.write(folder)

    return build


def _drawn(classes: Mapping[str, list[Path]]) -> dict[str, dict[str, list[Path]]]:
    """Training, validation and test parts of a folder that has none."""
    files = [(name, file) for name, own in classes.items() for file in own]
    kinds = np.array([name for name, _ in files])
    train = round(_SHARES[0] * len(files))
    val = round(_SHARES[1] * len(files))
    parts = stratified(kinds, (train, val, len(files) - train - val), SEED)
    return {
        part: {name: [files[item][1] for item in sorted(items) if files[item][0] == name] for name in classes}
        for part, items in zip(("train", "val", "test"), parts, strict=True)
    }


def _copy(files: Iterable[Path], target: Path) -> None:
    """Copies into one folder; files of the same name, from folders inside a class, get a number before it."""
    target.mkdir(parents=True)
    for number, file in enumerate(files):
        free = target / file.name
        shutil.copyfile(file, target / f"{number}-{file.name}" if free.exists() else free)


def _file(about: Added, path: Path) -> Callable[[Path], None]:
    if not path.is_file():
        raise OperatorError(f"{path} is not a file", f"A {about.kind} is one file; a folder is --kind folder")
    _CHECKS.get(about.kind, _not_empty)(about, path)
    suffix = path.suffix.lower().replace(".jpeg", ".jpg")
    target = about.name if about.kind == "weights" or Path(about.name).suffix else about.name + suffix

    def build(folder: Path) -> None:
        inside = folder / "content"
        inside.mkdir()
        shutil.copyfile(path, inside / target)
        if about.kind == "picture":
            _other_form(inside / target)
        changed(about, path=f"content/{target}").write(folder)

    return build


def _other_form(path: Path) -> None:
    """The picture as JPEG beside its PNG, or the other way round: see `grader.data.files.as_named`."""
    with needs("PIL.Image").open(path) as opened:
        for suffix in (".jpg", ".png"):
            if not path.with_suffix(suffix).exists():
                opened.convert("RGB").save(path.with_suffix(suffix))


def _not_empty(_: Added, path: Path) -> None:
    if not path.stat().st_size:
        raise OperatorError(f"{path} is empty", "It may be half a download: get it again")


def _is_picture(about: Added, path: Path) -> None:
    _not_empty(about, path)
    image = needs("PIL.Image")
    try:
        with image.open(path) as opened:
            opened.load()
    except (OSError, ValueError, SyntaxError) as error:
        raise OperatorError(f"{path} is not a picture that can be read: {error}", "Take a PNG or JPEG") from error


def _is_table(about: Added, path: Path) -> None:
    _not_empty(about, path)
    with path.open("rb") as file:
        if b"\0" in file.read(4096):
            raise OperatorError(f"{path} is not a text file", "A table is a CSV file; anything else is --kind file")


def _is_weights(about: Added, path: Path) -> None:
    suffix = Path(about.name).suffix
    if suffix not in _WEIGHTS:
        raise OperatorError(
            f"'{about.name}' is not the published name of a weight file",
            f"Such names end in {', '.join(_WEIGHTS)}: students' code asks for the file by this name",
        )
    with path.open("rb") as file:
        start = file.read(8)
    if _WEIGHTS[suffix] and not start.startswith(_WEIGHTS[suffix]):
        raise OperatorError(f"{path} is not a {suffix} file", "It may be half a download or a web page: get it again")
    if not matches(path, published_hash(about.name)):
        raise OperatorError(
            f"{path} is not the published {about.name}: its hash is not {published_hash(about.name)}",
            "It may be half a download: get it again; weights of your own need a name of their own",
        )


_CHECKS: Mapping[Kind, Callable[[Added, Path], None]] = {
    "picture": _is_picture,
    "table": _is_table,
    "weights": _is_weights,
}
