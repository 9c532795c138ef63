"""Why something was not seen, and whose fault that is: the student's (no points) or the grader's (a person looks)."""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import CellRun, ErrorTrace, Evidence, LimitHit, Note, Observation, Place, Verdict

# Exceptions by which a missing file, package or host shows itself.
_MISSING_ERRORS = frozenset((
    "FileNotFoundError", "NotADirectoryError", "ModuleNotFoundError", "ImportError", "URLError", "HTTPError",
    "ConnectionError", "ConnectTimeout", "ConnectionRefusedError", "MaxRetryError", "NewConnectionError", "SSLError",
    "gaierror", "TimeoutError", "NotFoundError", "DownloadError", "LocalEntryNotFoundError", "UnidentifiedImageError",
))  # fmt: skip
# Exceptions by which a misread letter shows itself.
_MISREAD_ERRORS = frozenset(("NameError", "AttributeError", "TypeError", "SyntaxError", "IndentationError", "KeyError"))
_REPAIRED = (
    "This code had to be repaired after its way through a document, and the error may come from there: "
    "please hand in the notebook or script."
)
_LIMITS = {
    "time": "out of time",
    "memory": "out of memory",
    "disk": "out of disk space",
    "processes": "too many processes",
    "output": "too much output",
    "kernel": "the Python process ended unexpectedly",
}


def observed(evidence: Evidence) -> Observation:
    """What the probe saw; an empty observation where it could not look."""
    return evidence.question.observation or Observation(evidence.question.question)


def absent(evidence: Evidence, what: str, hint: str = "") -> Verdict:
    """The verdict where the thing to judge is not there: unscored if the grader lacked something, else failed.

    Args:
        evidence: Of the question.
        what: One sentence that says what was looked for and not found.
        hint: What the student can do.
    """
    note, place = lacked(evidence), stopped_at(evidence)
    if note is not None and note.kind == "damaged":
        where = place if note.cell is None else Place(note.cell)
        return Verdict(None, f"{what} Cell {note.cell}: {note.message} A person will look.", note.message, place=where)
    if note is not None:
        text = f"{what} The grading environment lacked something: {_named(note)} A person will look."
        return Verdict(None, text, place=place)
    if never_ran(evidence):
        return Verdict(None, f"{what} {cause(evidence)} A person will look.".replace("  ", " "))
    if unseen(evidence):
        ours = "The grader could not look at what your code built; this is not your fault."
        return Verdict(None, f"{what} {ours} A person will look.")
    return Verdict(0.0, f"{what} {cause(evidence)}".strip(), hint, place=place)


def stopped_at(evidence: Evidence) -> Place | None:
    """Where the question's code failed; None if it did not."""
    error = evidence.question.error
    return Place(error.cell, error.line, error.source) if error else None


def unseen(evidence: Evidence) -> bool:
    """The code ran and nothing ended the run, but the probe could not report on it, or a part of it failed."""
    seen = evidence.question
    if seen.ran == "none" or any(run.limit for run in seen.runs):
        return False
    notes = (*evidence.notes, *observed(evidence).notes)
    return seen.observation is None or any(note.kind == "probe" and note.subject == "watcher" for note in notes)


def lacked(evidence: Evidence) -> Note | None:
    """The note about damaged code or a missing file, package or download that explains the question's failure.

    For an echo of an earlier failure, the evidence holds the notes that explain that one.
    """
    error = evidence.question.error
    if (note := _damage(evidence)) is not None:
        return note
    notes = [note for note in (*evidence.notes, *observed(evidence).notes) if note.kind == "missing"]
    return next(iter(notes), None) if error is None or error.echo_of is not None else explaining(error, notes)


def explaining(error: ErrorTrace, notes: Sequence[Note]) -> Note | None:
    """The note about something missing that made this error: it is named in it, or the error says so by its type."""
    named = next((note for note in notes if note.subject and note.subject in error.message), None)
    by_cell = next((note for note in notes if note.cell in (None, error.cell)), None)
    return named or (by_cell if _says_missing(error) else None)


def _damage(evidence: Evidence) -> Note | None:
    """The note about code that a conversion broke, if it is a cell that failed here, or the root of what failed."""
    error = evidence.question.error
    failed = {run.cell for run in failed_runs(evidence)} | ({error.cell, error.echo_of} if error else set())
    notes = [note for note in evidence.notes if note.cell in failed]
    if error is not None and error.type in _MISREAD_ERRORS and any(note.kind == "repair" for note in notes):
        # `layers.Platten`, `Adam(Ir=1e-3)`: what parses after the repair need not be what the student wrote.
        return Note("damaged", f"{error_text(error)} {_REPAIRED}", cell=error.cell)
    return next((note for note in notes if note.kind == "damaged"), None)


def _says_missing(error: ErrorTrace) -> bool:
    # Keras raises a bare `Exception("URL fetch failure on ...")`.
    # torchvision says "Dataset not found" as a RuntimeError.
    told = ("URL fetch failure", "Dataset not found")
    return error.type in _MISSING_ERRORS or any(words in error.message for words in told)


def _named(note: Note) -> str:
    text = note.message if not note.subject or note.subject in note.message else f"{note.subject}: {note.message}"
    return text if text.endswith((".", "!", "?")) else f"{text}."


def never_ran(evidence: Evidence) -> bool:
    """All cells of the question were skipped, because something before it had ended the run."""
    runs = evidence.question.runs
    return bool(runs) and all(run.status == "skipped" for run in runs)


def cause(evidence: Evidence) -> str:
    """One sentence on what stopped the question: a limit with its numbers, or an error with its place; may be empty."""
    limit = next((run.limit for run in evidence.question.runs if run.limit), None)
    if never_ran(evidence):
        return f"Its cells did not run{f', because the run had ended before: {limit_text(limit)}' if limit else ''}."
    if limit is not None:
        skipped = sum(run.status == "skipped" for run in evidence.question.runs)
        cells = "the cell" if skipped == 1 else f"the {skipped} cells"
        ended = f" That ended this question: {cells} after it did not run." if skipped else ""
        return f"The run was stopped: {limit_text(limit)}.{ended}"
    error = evidence.question.error
    return error_text(error) if error else ""


def limit_text(limit: LimitHit) -> str:
    """`out of memory at 2.1 GB of 2 GB, in cell 5`."""
    where = "" if limit.cell is None else f", in cell {limit.cell}"
    if limit.kind == "kernel":
        return f"{_LIMITS[limit.kind]}{where}"  # nothing was measured
    whose = f" for one {limit.scope}" if limit.scope else ""
    return f"{_LIMITS[limit.kind]} at {limit.measured:.4g} {limit.unit} of {limit.limit:.4g} {limit.unit}{whose}{where}"


def error_text(error: ErrorTrace) -> str:
    """`Cell 5, line 3 failed with NameError: name 'x' is not defined.`, with the root if it is an echo."""
    line = "" if error.line is None else f", line {error.line}"
    first = error.message.strip().splitlines()[0][:300] if error.message.strip() else ""
    text = f"Cell {error.cell}{line} failed with {error.type}{f': {first}' if first else ''}".rstrip(".")
    if error.echo_of is None:
        return f"{text}."
    return f"{text}. This follows from the earlier failure in cell {error.echo_of}: mend that one first."


def failed_runs(evidence: Evidence) -> list[CellRun]:
    """The code cells that did not run to their end."""
    return [run for run in evidence.question.runs if run.status != "ok"]
