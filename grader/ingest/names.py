"""Who handed it in: what learning platforms write into the names of the files and folders they export.

Sources: the platforms' own bulk downloads, as of autumn 2026.

    Canvas            lastfirst_[LATE_]userid_fileid_original.ipynb
    Moodle            Full Name_12345_assignsubmission_file_/original.ipynb, or the same as the start of a file name
    Gradescope        submission_12345/, with names in submission_metadata.yml beside it
    Google Classroom  Full Name - title.ipynb
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import yaml

CANVAS = re.compile(r"(?P<name>[^_/]{1,120})_(?P<late>LATE_)?(?P<id>\d{1,15})_(?P<attempt>\d{1,15})_(?P<original>.+)")
MOODLE = re.compile(
    r"(?P<name>[^/]{1,200}?)_(?P<id>\d{1,15})_assignsubmission_(?P<how>file|onlinetext)_?(?P<original>.*)"
)
GRADESCOPE = re.compile(r"submission_(?P<id>\d{1,15})")
CLASSROOM = re.compile(r"(?P<name>[^/]{1,120}?) - (?P<original>[^/]+)")
AGAIN = re.compile(r"(?:-(?P<dash>\d{1,2})| \((?P<bracket>\d{1,2})\))(?=\.|$)")
TRY = re.compile(r"(?:attempt|try|version|submission|v)[ _.-]?(\d{1,3})", re.IGNORECASE)
METADATA = "submission_metadata.yml"
MAX_METADATA = 2_000_000
# Joiners that Hindi, Arabic and emoji need; everything else that is not seen could hide or turn round a name.
JOINERS = "\u200c\u200d"


@dataclass(frozen=True, slots=True)
class Named:
    """What a name tells.

    Attributes:
        student: Name to show.
        student_id: The platform's number for the student.
        attempt: Number that grows from attempt to attempt.
        late: Marked as late.
        original: The file's name as the student gave it; empty for a folder.
        handed_in: When (ISO 8601, UTC), as Gradescope writes it down.
    """

    student: str
    student_id: str = ""
    attempt: int | None = None
    late: bool = False
    original: str = ""
    handed_in: str = ""


def file_named(name: str) -> Named | None:
    """What the name of a file tells, if Canvas or Moodle made it."""
    if match := MOODLE.fullmatch(name):
        return Named(visible(match["name"]), match["id"], original=match["original"])
    if match := CANVAS.fullmatch(name):
        late = bool(match["late"])
        return Named(visible(match["name"]), match["id"], int(match["attempt"]), late, match["original"])
    return None


def folder_named(folder: Path) -> Named:
    """What the name of a student's folder tells; a plain name is the student's."""
    if match := MOODLE.fullmatch(folder.name):
        return Named(visible(match["name"]), match["id"])
    if match := GRADESCOPE.fullmatch(folder.name):
        return _gradescope(folder, match["id"])
    if match := CANVAS.fullmatch(folder.name):
        return replace(file_named(folder.name) or Named(folder.name), original="")
    return Named(visible(folder.name))


def classroom_names(names: Iterable[str]) -> dict[str, Named]:
    """`Ada - Homework 1.ipynb` beside `Bob - Homework 1.ipynb`: names of students, if most files share the title."""
    every = list(names)
    matches = {name: match for name in every if (match := CLASSROOM.fullmatch(name))}
    titles = Counter(without_number(match["original"]).casefold() for match in matches.values())
    alike = max(titles.values(), default=0)
    if alike < 2 or 2 * alike < len(every):
        return {}
    return {
        name: Named(visible(match["name"]), attempt=number(match["original"]), original=match["original"])
        for name, match in matches.items()
    }


def number(name: str) -> int:
    """Number that a platform or a browser adds to a file of the same name: 2 for `hw-2.ipynb` and `hw (2).ipynb`."""
    match = AGAIN.search(name)
    return int(match["dash"] or match["bracket"]) if match else 0


def without_number(name: str) -> str:
    """`hw.ipynb` for `hw-2.ipynb` and `hw (2).ipynb`."""
    return AGAIN.sub("", name)


def attempt_number(name: str) -> int | None:
    """2 for a folder called `attempt_2`, nothing for other names."""
    match = TRY.fullmatch(name)
    return int(match[1]) if match else None


def visible(name: str) -> str:
    """A name of one line that can be written to any file: no control characters, no halves of characters."""
    whole = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join("".join(c if is_visible(c) else " " for c in whole).split()) or "student"


def is_visible(text: str) -> bool:
    """Whether there is nothing in a text that could break a line, hide, or not be written to a file."""
    return all(c in JOINERS or unicodedata.category(c)[0] != "C" for c in text)


def _gradescope(folder: Path, number_: str) -> Named:
    entry = _metadata(folder.parent / METADATA).get(folder.name)
    submitters = entry.get(":submitters") if isinstance(entry, dict) else None
    people = [person for person in submitters if isinstance(person, dict)] if isinstance(submitters, list) else []
    names = [visible(str(person[":name"])[:200]) for person in people if person.get(":name")]
    ids = [str(person[":sid"])[:40] for person in people if person.get(":sid")]
    handed_in = moment(str(entry.get(":created_at"))) if isinstance(entry, dict) else ""
    return Named(
        " and ".join(names[:5]) or folder.name, ", ".join(ids[:5]) or number_, int(number_), handed_in=handed_in
    )


def stamped(folder: Path) -> str:
    """When a hand-in was handed in, by the `timestamp.txt` that nbgrader lays beside it (ISO 8601, UTC); else empty.

    A student may write such a file too. It can make a hand-in later, but not less late than the platform says.
    """
    file = folder / "timestamp.txt"
    try:
        return moment(file.read_text(encoding="utf-8")) if file.is_file() and file.stat().st_size < 100 else ""
    except (OSError, UnicodeDecodeError):
        return ""


def moment(text: str) -> str:
    """A point in time as ISO 8601 in UTC, of `2026-11-20 23:58:01.5 UTC` and the like; empty if it is none."""
    try:
        time = datetime.fromisoformat(text.strip().replace(" UTC", "+00:00"))
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return ""


def _metadata(file: Path) -> dict[str, object]:
    try:
        if file.is_symlink() or file.stat().st_size > MAX_METADATA:
            return {}
        content = yaml.safe_load(file.read_text(encoding="utf-8", errors="replace"))
    except (OSError, yaml.YAMLError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}
