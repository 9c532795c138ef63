"""Zips: the student edition of an assignment, and an autograder for Gradescope."""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.metadata import Distribution, distribution
from pathlib import Path

import yaml

import grader.probe
from grader.data import DATA_SETS, FILES, weights_names
from grader.errors import OperatorError
from grader.rubric import Rubric
from grader.selfcheck.edition import as_data, student_edition
from grader.selfcheck.project import FILE

NAME = "dl-homework-grader"
TEMPLATES = "templates"
EXTRA = re.compile(r"""\bextra\s*==\s*["']([\w-]+)["']""")
EXTRAS = ("torch", "tensorflow", "data")
EXECUTABLE = (stat.S_IFREG | 0o755) << 16
PLAIN = (stat.S_IFREG | 0o644) << 16
# Zip cannot tell an earlier time; one time for all makes the same content the same file.
LONG_AGO = (1980, 1, 1, 0, 0, 0)


def pack_for_students(rubric: Rubric, out: Path) -> tuple[str, ...]:
    """Write the student edition: a rubric without answers, `grader.toml` and a README.

    Returns:
        What was left out because only this machine has it: data that the student's grader does not know.

    Raises:
        OperatorError: The file cannot be written.
    """
    content, left_out = _known_everywhere(as_data(student_edition(rubric)))
    name = f"{rubric.assignment}.yaml"
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=110)
    files = {
        name: f"# Student edition: what is graded after hand-in stands here by its title only.\n{text}",
        FILE: f'rubric = "{name}"\n',
        "README.md": _template("student-readme.md").replace("TITLE", " ".join(rubric.title.split())),
    }
    _write(out, {name: text.encode() for name, text in files.items()})
    return left_out


def pack_for_gradescope(rubric: Rubric, out: Path, isolation: str = "bwrap") -> None:
    """Write an autograder for Gradescope: this grader, the whole rubric with all that lies beside it, and two scripts.

    Source: https://gradescope-autograders.readthedocs.io/en/latest/specs/

    Args:
        rubric: The rubric.
        out: The zip.
        isolation: `none` where Gradescope's container lets no sandbox be made.

    Raises:
        OperatorError: The file cannot be written.
    """
    told = {"RUBRIC": rubric.path.name, "ISOLATION": isolation}
    scripts = {name: _filled(_template(name), told).encode() for name in ("setup.sh", "run_autograder")}
    files = {**scripts, "requirements.txt": _requirements().encode()}
    files |= {f"package/{name}": content for name, content in _package()}
    files |= {f"assignment/rubrics/{name}": content for name, content in _beside(rubric)}
    _write(out, files, executable=frozenset(scripts))


# --- what goes in ---------------------------------------------------------------------------------------------------


def _known_everywhere(content: dict[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    """The rubric's data without what an instructor added to the store of this machine."""
    known = {*DATA_SETS, *FILES, *weights_names()}
    left_out: list[str] = []
    kept = dict(content)
    for key in ("data", "weights", "files", "paths", "urls"):
        named = content.get(key) or ()
        entries = dict(named) if isinstance(named, Mapping) else {name: name for name in named}  # type: ignore[attr-defined]
        left_out += [str(entry) for entry in entries.values() if entry not in known]
        inside = {name: entry for name, entry in entries.items() if entry in known}
        if key in kept:
            kept[key] = inside if isinstance(named, Mapping) else list(inside)
    return kept, tuple(dict.fromkeys(left_out))


def _beside(rubric: Rubric) -> Iterator[tuple[str, bytes]]:
    """The rubric, the Python files beside it (checks and tests of its own) and the reference."""
    folder = rubric.path.parent
    text = rubric.path.read_text(encoding="utf-8-sig")
    yield rubric.path.name, re.sub(r"(?m)^reference:.*$", "reference: reference", text).encode()
    for path in sorted(folder.glob("*.py")):
        yield path.name, path.read_bytes()
    reference = rubric.reference_folder
    for path in sorted(reference.iterdir()) if reference and reference.is_dir() else ():
        if path.suffix in {".py", ".ipynb"}:
            yield f"reference/{path.name}", path.read_bytes()


def _package() -> Iterator[tuple[str, bytes]]:
    """This grader as it stands, with the metadata by which Python knows its version."""
    root = Path(grader.probe.__file__).parents[1]
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield f"grader/{path.relative_to(root).as_posix()}", path.read_bytes()
    about = _distribution()
    # The version, called otherwise beside a source tree; and the kernels that jupyter_client finds by name.
    described = about.read_text("METADATA") or about.read_text("PKG-INFO") or ""
    yield "dl_homework_grader.dist-info/METADATA", described.encode()
    yield "dl_homework_grader.dist-info/entry_points.txt", (about.read_text("entry_points.txt") or "").encode()


def _requirements() -> str:
    """What this grader needs, with the frameworks: lines for pip."""
    lines = []
    for line in _distribution().requires or ():
        extra = EXTRA.search(line)
        if extra is None:
            lines.append(line)
        elif extra[1] in EXTRAS:
            lines.append(line.split(";")[0].strip())
    return "\n".join(lines) + "\n"


def _distribution() -> Distribution:
    return distribution(NAME)


def _template(name: str) -> str:
    return resources.files(__package__).joinpath(TEMPLATES, name).read_text(encoding="utf-8")


def _filled(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"@{name}@", "'" + word.replace("'", "'\\''") + "'")
    return text


def _write(out: Path, files: Mapping[str, bytes], executable: frozenset[str] = frozenset()) -> None:
    """The zip, whole or not at all; the same files give the same bytes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            info = zipfile.ZipInfo(name, LONG_AGO)
            info.external_attr = EXECUTABLE if name in executable else PLAIN
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    part = out.with_name(f".{out.name}.part")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(stream.getvalue())
        part.replace(out)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OperatorError(f"{out} cannot be written: {error.strerror}", "Give another file with --out") from error
