"""What a single call does with the paths that it is given, judged by its name."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.execute.folding import UNKNOWN, Names, Texts, dotted, fold, receiver
from grader.execute.uses import How

# Readers: the path is the first argument, or one of these.
PATH_KEYWORDS = (
    *("path", "directory", "root", "filename", "fname", "filepath_or_buffer", "file", "fp", "uri", "pathname"),
    *("pattern", "file_pattern", "img_path", "image_path", "data_dir"),
)
READERS: Mapping[str, How] = {
    **dict.fromkeys(("imread", "load_img", "read_image", "read_file", "imread_collection"), "picture"),
    **dict.fromkeys(("flow_from_directory", "image_dataset_from_directory", "ImageFolder", "DatasetFolder"), "classes"),
    **dict.fromkeys(("listdir", "scandir", "walk", "iterdir", "load_files"), "listing"),
    **dict.fromkeys(("glob", "iglob", "rglob", "list_files"), "pattern"),
    **dict.fromkeys(("read_csv", "read_table", "genfromtxt", "loadtxt"), "table"),
    **dict.fromkeys(("read_excel", "read_json", "read_parquet", "read_bytes", "read_text", "fromfile"), "file"),
    **dict.fromkeys(("loadmat", "load_npz", "load_model", "load_weights", "load_state_dict_from_file"), "file"),
}  # fmt: skip
# Writers: every text that they are given is a path, or harmless.
WRITERS = frozenset(
    {"savefig", "imsave", "imwrite", "mimsave", "save", "savez", "savez_compressed", "savetxt", "save_weights"}
    | {"save_model", "save_img", "save_image", "to_csv", "to_excel", "to_json", "to_pickle", "to_parquet", "export"}
    | {"dump", "ModelCheckpoint", "CSVLogger", "TensorBoard", "BackupAndRestore", "SummaryWriter", "FileWriter"}
    | {"create_file_writer", "VideoWriter", "plot_model", "make_archive", "write_text", "write_bytes", "write_html"}
    | {"mkstemp", "touch", "write_file", "write_image", "save_pretrained", "savemat"}
)
# `datasets.MNIST(root=...)` and their like bring their own data.
FOLDER_SETS = frozenset({"ImageFolder", "DatasetFolder"})
RUNS = frozenset({"run", "call", "check_call", "check_output", "Popen"})
PLAIN_OPEN = frozenset({"open", "io.open", "os.open", "gzip.open", "codecs.open", "tf.io.gfile.open"})

Found = tuple[How, Texts, str]


@dataclass(frozen=True)
class Call:
    """A call with what its arguments stand for.

    Attributes:
        node: The call itself.
        name: `PIL.Image.open`, as far as it is names.
        names: What names stand for at this place.
    """

    node: ast.Call
    name: str
    names: Names

    @property
    def last(self) -> str:
        """The function's own name."""
        return self.name.rpartition(".")[2]

    @functools.cached_property
    def arguments(self) -> list[Texts]:
        """What each argument by position stands for."""
        return [fold(argument, self.names) for argument in self.node.args]

    @functools.cached_property
    def keywords(self) -> dict[str, Texts]:
        """What each argument by name stands for."""
        return {word.arg: fold(word.value, self.names) for word in self.node.keywords if word.arg}

    @property
    def before(self) -> Texts:
        """What the thing before the last dot stands for."""
        node = receiver(self.node)
        return fold(node, self.names) if node is not None else ()

    @property
    def path(self) -> Texts:
        """The path that a reader is given."""
        named = (self.keywords[word] for word in PATH_KEYWORDS if word in self.keywords)
        return self.argument(0) or next(named, ())

    @property
    def serves_itself(self) -> bool:
        """Whether it is a data set that brings its own data: its folder is not the student's."""
        parent = self.name.split(".")[-2:-1]
        return (parent == ["datasets"] and self.last not in FOLDER_SETS) or self.last == "get_file"

    def argument(self, place: int) -> Texts:
        """What an argument by position stands for."""
        return self.arguments[place] if place < len(self.arguments) else ()

    def commands(self) -> Iterator[str]:
        """Shell commands that `subprocess` is asked to run."""
        if self.last not in RUNS or not self.node.args:
            return
        first = self.node.args[0]
        if isinstance(first, ast.List | ast.Tuple):
            yield " ".join((fold(item, self.names) or ("?",))[0] for item in first.elts)
        else:
            yield from self.argument(0)[:1]


def found_in(call: Call) -> Iterator[Found]:
    """What a call does with paths: how, which, and what `Use.into` holds."""
    special = SPECIAL.get(call.last)
    if special is not None:
        yield from special(call)
    elif call.last in WRITERS:
        yield "write", tuple(text for texts in (*call.arguments, *call.keywords.values()) for text in texts), ""
        yield "write", call.before if call.last in {"write_text", "write_bytes", "touch"} else (), ""
    elif call.last in READERS:
        yield from _reads(call)


def _reads(call: Call) -> Iterator[Found]:
    how = READERS[call.last]
    if how == "pattern":
        yield how, fold(call.node, call.names), ""
    elif call.last == "listdir" and not call.node.args and not call.node.keywords:
        return
    else:
        yield how, call.path or call.before, ""


def _open(call: Call) -> Iterator[Found]:
    """`open`, `Image.open`, `Path.open`, `ZipFile.open`, `tarfile.open`."""
    if call.name.split(".")[-2:-1] in (["Image"], ["PILImage"], ["pil"]):
        yield "picture", call.path, ""
    elif call.name == "tarfile.open":
        return
    elif call.name in PLAIN_OPEN or call.last in {"GFile", "File"}:
        modes = (*call.argument(1), *call.keywords.get("mode", ()))
        yield "write" if set("".join(modes)) & set("wax+") else "file", call.path, ""
    elif call.before:
        modes = (*call.argument(0), *call.keywords.get("mode", ()))
        yield "write" if set("".join(modes)) & set("wax") else "file", call.before, ""


def _load(call: Call) -> Iterator[Found]:
    """`np.load`, `torch.load`, `json.load` ..."""
    yield "file", call.path, ""


def _names_in_table(call: Call) -> Iterator[Found]:
    """`flow_from_dataframe(table, folder)`: the folder holds the pictures that the table names."""
    folders = call.argument(1) or call.keywords.get("directory", ())
    yield "picture", tuple(f"{folder}/{UNKNOWN}" for folder in folders), ""


def _uploads(call: Call) -> Iterator[Found]:
    """`files.upload()` of Google Colab."""
    if call.name in {"files.upload", "colab.files.upload", "google.colab.files.upload"}:
        yield "upload", ("files.upload()",), ""


def _makes(call: Call) -> Iterator[Found]:
    path = call.before if call.last == "mkdir" and call.before else call.path
    may_be_there = any(
        word.arg == "exist_ok" and not (isinstance(word.value, ast.Constant) and word.value.value is False)
        for word in call.node.keywords
    )
    yield "make" if may_be_there else "make-new", path, ""


def _enters(call: Call) -> Iterator[Found]:
    yield "enter", call.path, ""


def _copies(call: Call) -> Iterator[Found]:
    """`shutil.copy(a, b)`, `os.rename(a, b)`, `a.rename(b)`."""
    both = dotted(call.node.func).split(".")[0] in {"os", "shutil"} or len(call.arguments) > 1
    yield "loose", call.argument(0) if both else call.before, ""
    yield "write", call.argument(1) if both else call.argument(0), ""


def _fetches(call: Call) -> Iterator[Found]:
    """`urlretrieve(address, path)`, `wget.download(address, path)`, `gdown.download(address, path)`."""
    address = (call.argument(0) or call.keywords.get("url", ()) or (UNKNOWN,))[0]
    names = ("filename", "out", "output", "dst")
    target = call.argument(1) or next((call.keywords[name] for name in names if name in call.keywords), ())
    yield "fetch", target, address


def _fetches_into(call: Call) -> Iterator[Found]:
    """`download_url(address, folder)` and `download_and_extract_archive(address, folder, folder)` of torchvision."""
    folders = (
        *call.arguments[1:3],
        *(call.keywords.get(name, ()) for name in ("root", "download_root", "extract_root")),
    )
    yield "write", tuple(f"{folder}/{UNKNOWN}" for texts in folders for folder in texts), ""


def _extracts(call: Call) -> Iterator[Found]:
    """`archive.extractall(folder)`; `shutil.unpack_archive(archive, folder)`."""
    if call.last == "unpack_archive":
        archive, folder = call.argument(0), call.argument(1) or call.keywords.get("extract_dir", ())
    else:
        archive, folder = call.before, call.argument(0) or call.keywords.get("path", ())
    yield "extract", archive, (folder or (".",))[0]


def _opens_archive(call: Call) -> Iterator[Found]:
    modes = (*call.argument(1), *call.keywords.get("mode", ()))
    if set("".join(modes)) & set("wa"):
        yield "write", call.path or call.keywords.get("file", ()), ""
    else:
        yield "extract", call.argument(0) or call.keywords.get("file", ()), ""


SPECIAL = {
    "open": _open,
    "GFile": _open,
    "File": _open,
    "load": _load,
    "flow_from_dataframe": _names_in_table,
    "upload": _uploads,
    "mkdir": _makes,
    "makedirs": _makes,
    "chdir": _enters,
    **dict.fromkeys(("copy", "copy2", "copyfile", "copytree", "move", "rename", "symlink"), _copies),
    **dict.fromkeys(("urlretrieve", "download"), _fetches),
    **dict.fromkeys(("download_url", "download_and_extract_archive"), _fetches_into),
    **dict.fromkeys(("extractall", "extract", "unpack_archive"), _extracts),
    **dict.fromkeys(("ZipFile", "TarFile"), _opens_archive),
}
