"""The state of one run inside the student's kernel."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import process_time  # by name: code that replaces `time.process_time` changes no budget
from typing import Any, Protocol


@dataclass(frozen=True)
class Settings:
    """What the grader tells the probe at the start.

    Attributes:
        profile: `quick` bounds training, `full` does not.
        training_gflop: In `quick`, operations (10^9) that the training of one question may compute; None for no bound.
        training_seconds: In `quick`, seconds of processor time per thread after which training is cut whatever it has
            computed; None for no bound. Far above what the operations take: it must not decide how far training comes.
        threads: CPU threads of this run.
        gpu_share: Of the memory of its GPU.
        seed: For Python, NumPy and the frameworks.
        preload: Framework modules that the hand-in imports, in the order in which they must be imported.
        data: For each served data set its folder, with `served.npz` (x_train, y_train, x_test, y_test as uint8),
            `held_out.npy` (uint8 images without labels) and `meta.json` (`classes`, `stand_in`).
        weights: For each served weight file (by its published name) its path; others get a stand-in.
        urls: For each URL, or pattern of URLs as for `fnmatch`, the file that is served for it.
        uploads: Files in the work folder that `files.upload()` of Colab gives.
        bridges_off: Names of the bridges for old code (`grader.probe.bridges`) that the rubric switches off.
        published_lengths: Whether the small data sets of the store are repeated up to the published lengths, because
            the hand-in counts on them (`x_train.reshape(60000, 784)`).
        serve: Whether data and weights are served and workers replaced; not in a student's own notebook.
    """

    profile: str = "quick"
    training_gflop: float | None = 1000.0
    training_seconds: float | None = 80.0
    threads: int = 1
    gpu_share: float = 1.0
    seed: int = 0
    preload: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, str] = field(default_factory=dict)
    urls: Mapping[str, str] = field(default_factory=dict)
    uploads: tuple[str, ...] = ()
    bridges_off: tuple[str, ...] = ()
    published_lengths: bool = False
    serve: bool = True


class Stepper(Protocol):
    """What watches the optimizers of a framework."""

    def advance(self) -> int:
        """Steps so far that no loader, data set or `fit` fed; what they computed is counted by then."""

    def lap(self, *, cut: bool) -> None:
        """A loop that made such steps has run once, or was cut: that is an epoch, where nothing else tells."""

    def cut_by_hand(self, message: str) -> None:
        """A loop that made such steps was ended."""


class Recorder:
    """Collects, per question, what the watchers note. One instance lives in the kernel.

    Attributes:
        settings: What the grader said at the start.
        question: Id of the running question, or None before the first.
        namespace: The student's global names.
        before: The names (and ids of their values) that stood before the running question.
        notes: Notes of the running question, in JSON form.
        blobs: Bytes to send with the next report, by name.
        served: Names of the data sets that student code has loaded, in this question or before.
        computed: Floating-point operations that the training of this question has taken, with its evaluations.
        models_handed_in: Names of the files of models that lay in the work folder before any code ran.
        steppers: Watchers of optimizers.
        training_started: Processor time when the training of this question began, or None.
    """

    def __init__(self, settings: Settings, namespace: dict[str, Any]) -> None:
        self.settings = settings
        self.namespace = namespace
        self.question: str | None = None
        self.before: dict[str, int] = {}
        self.notes: list[dict[str, Any]] = []
        self.blobs: dict[str, bytes] = {}
        self.served: list[str] = []
        self.computed = 0.0
        self.models_handed_in: frozenset[str] = frozenset()
        self.training_started: float | None = None
        self.steppers: list[Stepper] = []

    def begin(self, question: str) -> None:
        """A question starts: forget what was noted for the one before."""
        self.question = question
        self.before = {name: id(value) for name, value in self.namespace.items()}
        self.notes = []
        self.blobs = {}
        self.computed = 0.0
        self.training_started = None

    def new_names(self) -> list[str]:
        """Public names that this question defined or rebound, in order of definition."""
        return [
            name
            for name, value in list(self.namespace.items())
            if isinstance(name, str) and not name.startswith("_") and self.before.get(name) != id(value)
        ]

    def note(self, kind: str, message: str, subject: str = "") -> None:
        """Keep a note (kinds: `grader.records.Note`) once per question; at most 200."""
        # Student text may hold halves of surrogate pairs, which no message can carry.
        message, subject = (text.encode("utf-8", "replace").decode() for text in (message[:1000], subject[:300]))
        entry = {"kind": kind, "message": message, "subject": subject, "question": self.question}
        if entry not in self.notes and len(self.notes) < 200:
            self.notes.append(entry)

    def blob(self, content: bytes, suffix: str) -> str:
        """Keep bytes for the next report; returns their name, `<sha256><suffix>`."""
        name = hashlib.sha256(content).hexdigest() + suffix
        self.blobs[name] = content
        return name

    @property
    def granted(self) -> float:
        """Floating-point operations that training may take in this question; infinite in `full`."""
        gflop = self.settings.training_gflop
        return math.inf if self.settings.profile != "quick" or gflop is None else gflop * 1e9

    def spend(self, flops: float) -> None:
        """Training or its evaluation computes; the first time, the clock starts, too."""
        self.computed += flops
        if self.training_started is None:
            self.training_started = self.clock()

    def flops_left(self) -> float:
        """Operations that training may still take in this question.

        Counted, not timed: the same code gets equally far on every machine and beside any load. The clock is a net
        below for what no count knows, such as a slow transform. Once it has run out, nothing is left (minus infinity).
        """
        return -math.inf if self.out_of_time() else self.granted - self.computed

    def out_of_time(self) -> bool:
        """Whether training has taken all its seconds."""
        seconds = self.settings.training_seconds
        if self.settings.profile != "quick" or seconds is None or self.training_started is None:
            return False
        return self.clock() - self.training_started >= seconds

    def clock(self) -> float:
        """Seconds of processor time per thread: a busy machine must not cut a student's training shorter."""
        return process_time() / self.settings.threads

    def budget(self) -> str:
        """What the training of a question may take, for a person."""
        if self.out_of_time():
            return f"{self.settings.training_seconds:g} s of processor time"
        return f"{self.granted / 1e9:g} GFLOP of computation"

    def data_folder(self, name: str) -> Path | None:
        """Folder of a served data set, or None."""
        folder = self.settings.data.get(name)
        return Path(folder) if folder else None
