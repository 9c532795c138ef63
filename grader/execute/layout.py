"""What is laid out before a hand-in runs, so that the paths in its code lead to something.

The student's text stays as it is. Its code is read (`asked`), what it does not bring itself is wished for (`wishes`),
and each wish is answered: by a file that the student handed in under another path, by the rubric's table of paths, by
the rubric's files, and then by its kind - a picture, a folder of class folders, a table.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Literal

from grader.data import ServedFile, Substitute, as_named
from grader.execute.asked import WORK, resolved, uses
from grader.execute.folders import below, first_picture, part_folder, part_of
from grader.execute.levels import Plan, plan_folders, words_of
from grader.execute.uses import Use
from grader.execute.wishes import Ledger, Wish, cut, kind_by_name
from grader.records import Cell, Note, Submission

How = Literal["copy", "pack", "make"]

WRITES = frozenset({"write", "make", "make-new", "fetch"})
MOST_PLACED = 200
MOST_TOPS = 4
UPLOAD = "sample.jpg"
HERE = frozenset({"content", "tmp"})
SYSTEM = frozenset(
    {"bin", "boot", "dev", "etc", "lib", "lib32", "lib64", "opt", "proc", "root", "run", "sbin", "submission", "sys"}
    | {"usr", "var"}
)
# Below /data lies what the grader serves.
SERVED = frozenset({"files", "paths", "urls", "weights"})
MACHINE = re.compile(rf"{WORK}/(?:g?drive|[A-Za-z]:)(?:/|$)")


UNREACHED = (
    "'{}' is an absolute path, and without a sandbox (--isolation none) nothing can be put there: what the grader "
    "serves under it was not served"
)


@dataclass(frozen=True, slots=True)
class Stock:
    """What there is to answer with.

    Attributes:
        paths: The rubric's table of paths.
        urls: The rubric's table of addresses.
        kinds: What answers for a `picture`, a `folder` and a `table` of which nothing else is known.
        data: Names of the data sets, which stand below `/data` as they are.
    """

    paths: tuple[Substitute, ...] = ()
    urls: tuple[Substitute, ...] = ()
    kinds: Mapping[str, Substitute] = field(default_factory=dict)
    data: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """One thing that is laid out.

    Attributes:
        target: Absolute path in the sandbox.
        source: File or folder outside; None for an empty folder.
        how: `pack` makes a zip of a folder.
        own: Its path among the student's own files, where it is one of them.
        path: The path as the student wrote it.
        cells: Cells that ask for it.
        said: What stands there, for a person; nothing where something else says it.
        stand_in: What it stands in for; nothing if it is what was asked for.
    """

    target: str
    source: Path | None
    how: How = "copy"
    own: str = ""
    path: str = ""
    cells: tuple[int, ...] = ()
    said: str = ""
    stand_in: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """What is laid out for one hand-in.

    Attributes:
        placed: In order: folders before what lies in them.
        tops: Names of folders at the root that have to be made for it: `kaggle`.
        uploads: Files in the work folder for code that asks a person for files.
        used: What the rubric lays out under fixed names, is a stand-in, and is asked for.
    """

    placed: tuple[Placed, ...] = ()
    tops: tuple[str, ...] = ()
    uploads: tuple[str, ...] = ()
    used: tuple[Placed, ...] = ()

    def notes(self, question_of: Mapping[int, str], *, sandboxed: bool = True) -> Iterator[Note]:
        """What a person should know: each path once per question.

        Args:
            question_of: The question of each cell that runs for one; other cells belong to none.
            sandboxed: Whether things can be put at absolute paths: without a sandbox, only into the work folder.
        """
        for placed in (*self.placed, *self.used):
            for question in dict.fromkeys(question_of.get(cell) for cell in placed.cells):
                if not sandboxed and out_of_reach(placed):
                    yield Note("missing", UNREACHED.format(placed.path), placed.path, question)
                    continue
                if placed.said:
                    yield Note("substitution", placed.said, placed.path, question)
                if placed.stand_in:
                    yield Note("stand-in", placed.stand_in, placed.path, question)


def out_of_reach(placed: Placed) -> bool:
    """Whether only a sandbox can put this where the student's code looks for it."""
    absolute = placed.path.startswith(("/", "~")) or not placed.target.startswith(WORK + "/")
    return absolute and not Path(placed.path).expanduser().exists()


def lay_out(cells: Iterable[Cell], submission: Submission, stock: Stock, files: tuple[ServedFile, ...] = ()) -> Layout:
    """What to lay out for a hand-in. Reads its code and the folders of the store; changes nothing.

    Args:
        cells: The code cells in the order in which they will run.
        submission: Whose own files lie beside the code.
        stock: What there is to answer with.
        files: What the rubric lays into the work folder under fixed names.
    """
    planner = Planner(submission, stock, files)
    ledger = Ledger(planner.here, planner.archive, lambda address: served_for(address, stock.urls))
    asked = uses(cells)
    ledger.take(asked)
    return replace(planner.plan(ledger), used=tuple(planner.used(asked)))


def served_for(address: str, urls: Sequence[Substitute]) -> Path | None:
    """The file that the rubric serves for an address: by the same text first, else by the first pattern that fits."""
    exact = (one.source for one in urls if one.pattern == address)
    fits = (one.source for one in urls if fnmatch.fnmatchcase(address, one.pattern))
    return next(exact, next(fits, None))


def after(pattern: str, path: str) -> list[str] | None:
    """The names in a path that follow the last place where a pattern of the rubric fits; None if it fits nowhere."""
    wanted, words = [word.lower() for word in words_of(pattern)], words_of(path)
    for start in range(len(words) - len(wanted), -1, -1):
        window = [word.lower() for word in words[start : start + len(wanted)]]
        if wanted and all(map(fnmatch.fnmatchcase, window, wanted)):
            return words[start + len(wanted) :]
    return None


class Planner:
    """Answers wishes with what there is.

    Args:
        submission: Whose own files come first.
        stock: What else there is.
        files: What the rubric lays into the work folder under fixed names.
    """

    def __init__(self, submission: Submission, stock: Stock, files: tuple[ServedFile, ...] = ()) -> None:
        self.stock, self.files = stock, files
        self.folder = Path(submission.folder)
        self.own = dict.fromkeys(submission.attachments, "file")
        for name in submission.attachments:
            self.own |= {str(parent): "folder" for parent in PurePosixPath(name).parents if parent.name}

    def here(self, target: str) -> bool:
        """Whether something stands there before the run: the student's own files, or the rubric's."""
        name = target.removeprefix(WORK + "/")
        return name != target and (name in self.own or any(_lies_in(name, file) for file in self.files))

    def used(self, asked: Sequence[Use]) -> Iterator[Placed]:
        """The rubric's files that are stand-ins and that the code reads."""
        for file in self.files:
            reads = [use for use in asked if use.how not in WRITES and _leads_to(use, file)]
            if file.stand_in and reads and file.target not in self.own:
                cells = tuple(dict.fromkeys(use.cell for use in reads))
                yield Placed(
                    f"{WORK}/{file.target}", file.source, path=file.target, cells=cells, stand_in=file.stand_in
                )

    def archive(self, target: str) -> Path | None:
        """What answers for an archive at a place: the student's own, or what will be laid out."""
        name = target.removeprefix(WORK + "/")
        if name in self.own:
            return self.folder / name
        wish = Wish(target, target, "archive")
        return next((placed.source for placed in self.answers(wish, plan_folders([]))), None)

    def plan(self, ledger: Ledger) -> Layout:
        """Answer all wishes."""
        wishes = sorted(ledger.sure_or_alone(), key=lambda wish: (wish.target.count("/"), wish.target))
        uploads = self._uploads(ledger, wishes)
        folders = plan_folders(wishes)
        placed: dict[str, Placed] = {}
        tops: dict[str, None] = {}
        for made in (*homes(ledger), *(one for wish in wishes for one in self.answers(wish, folders))):
            top, _, rest = made.target[1:].partition("/")
            reserved = top in SYSTEM or (top == "data" and rest.partition("/")[0] in {"", *SERVED, *self.stock.data})
            if reserved or _covered(made.target, placed):
                continue
            if top not in HERE:
                tops.setdefault(top)
            placed.setdefault(made.target, made)
        roots = (*HERE, *list(tops)[:MOST_TOPS])
        kept = [one for one in placed.values() if one.target.split("/")[1] in roots]
        return Layout(tuple(kept[:MOST_PLACED]), tuple(tops)[:MOST_TOPS], uploads)

    def _uploads(self, ledger: Ledger, wishes: list[Wish]) -> tuple[str, ...]:
        """What a person would choose: files that the code names afterwards, or were handed in; else some picture."""
        if not ledger.uploads:
            return ()
        asked = [wish.target.rpartition("/")[2] for wish in wishes if wish.kind in {"picture", "table"}]
        names = [name for name in asked if f"{WORK}/{name}" in ledger.wishes]
        names += [name for name in self.own if kind_by_name(name) in {"picture", "table"} and "/" not in name]
        if not names:
            wishes.append(Wish(f"{WORK}/{UPLOAD}", UPLOAD, "picture", cells=ledger.uploads))
        return tuple(names or [UPLOAD])

    def answers(self, wish: Wish, folders: Plan) -> list[Placed]:
        """What is laid out for a wish; nothing where nothing fits."""
        if wish.kind == "empty":
            return [_empty(wish.target, wish.path, tuple(wish.cells))]
        if own := self._own(wish):
            said = f"'{wish.path}' is a path of another machine: your own {own} stands there"
            return [Placed(wish.target, self.folder / own, "copy", own, wish.path, tuple(wish.cells), said)]
        answers = (self._from(wish, *candidate, folders) for candidate in self._candidates(wish))
        return next(filter(None, answers), [])

    def _own(self, wish: Wish) -> str:
        """A file or folder that the student handed in, and that the code names with a longer path; or nothing."""
        kind = "folder" if wish.kind == "folder" else "file"
        words = [word.lower() for word in words_of(wish.path)]
        names = [name for name, what in self.own.items() if what == kind]
        fits = [name for name in names if words[-len(words_of(name)) :] == words_of(name.lower())]
        if not fits and kind == "file":
            fits = [name for name in names if words[-1:] == words_of(name.lower())[-1:]]
        return max(fits, key=len, default="")

    def _candidates(self, wish: Wish) -> Iterator[tuple[Substitute, list[str]]]:
        """What may answer, the best first, with the names in the path that lie below it."""
        files = (Substitute(file.target, file.source, file.stand_in, file.target, "file") for file in self.files)
        for substitute in (*self.stock.paths, *files):
            rest = after(substitute.pattern, wish.target)
            if rest is not None and (not rest or substitute.source.is_dir()):
                yield substitute, rest
        kind = "folder" if wish.kind == "archive" else wish.kind
        if kind in self.stock.kinds:
            yield self.stock.kinds[kind], []

    @staticmethod
    def _from(wish: Wish, given: Substitute, rest: list[str], folders: Plan) -> list[Placed]:
        """What one entry of the store has to answer a wish with."""
        how: How = "copy"
        if wish.kind == "folder":
            answers = folders.answers(wish, given.source, rest) if given.source.is_dir() else []
        elif wish.kind == "archive" and given.source.is_dir():
            how, answers = "pack", [(wish.target, given.source, "a zip of the instructor's folder")]
        else:
            answers = [(wish.target, _file(wish, given.source, rest), f"the instructor's {wish.kind}")]
        return [
            Placed(
                target,
                source,
                how if source else "make",
                path=wish.path,
                cells=tuple(wish.cells),
                said=f"'{wish.path}' is not in your hand-in: {words} stands there" if words else "",
                stand_in=given.stand_in if words else "",
            )
            for target, source, words in answers
            if source or wish.kind == "folder"
        ]


def homes(ledger: Ledger) -> Iterator[Placed]:
    """Folders of another machine (Drive, Kaggle, `D:/`) into which the hand-in writes."""
    for target, use in ledger.written.items():
        folder = target.rpartition("/")[0]
        foreign = not f"{folder}/".startswith((WORK + "/", "/tmp/")) or MACHINE.match(folder)  # noqa: S108
        if foreign and folder and folder not in ledger.made:
            yield _empty(folder, cut(use.path)[0].rstrip("/").rpartition("/")[0] or folder, (use.cell,))


def _empty(target: str, path: str, cells: tuple[int, ...]) -> Placed:
    said = f"the folder '{path}' is not there when your code is graded: an empty one stands in its place"
    return Placed(target, None, "make", path=path, cells=cells, said=said)


def _lies_in(name: str, file: ServedFile) -> bool:
    """Whether a path in the work folder is a file of the rubric's, or lies in a folder of the rubric's."""
    rest = name.removeprefix(file.target)
    return not rest or (name != rest and rest.startswith("/") and (file.source / rest[1:]).exists())


def _leads_to(use: Use, file: ServedFile) -> bool:
    """Whether a path is a file of the rubric's, or leads into a folder of the rubric's."""
    return f"{resolved(use.path, use.folder)}/".startswith(f"{WORK}/{file.target}/")


def _covered(target: str, placed: Mapping[str, Placed]) -> bool:
    """Whether something that is laid out already brings this with it."""
    for parent in PurePosixPath(target).parents:
        above = placed.get(str(parent))
        if above and above.source and (above.source / PurePosixPath(target).relative_to(parent)).exists():
            return True
    return False


def _file(wish: Wish, source: Path, rest: list[str]) -> Path | None:
    """The file that answers a wish: the source, or what the path leads to in it, or some picture or table in it."""
    if source.is_file():
        return as_named(source, wish.target)
    exact = below(source, rest)
    if exact is not None and exact.is_file():
        return exact
    part = next((part for word in rest if (part := part_of(word))), None)
    if wish.kind == "picture":
        return first_picture(part_folder(source, part) if part else source)
    return next(iter(sorted(source.rglob("*.csv"))), None) if wish.kind == "table" else None
