"""Grades written by hand, as real hand-ins of the CNN assignment give them."""

from __future__ import annotations

import hashlib
import math
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from grader.records import (
    Answer,
    Cell,
    CellRun,
    CriterionGrade,
    Environment,
    ErrorTrace,
    Exhibit,
    FigureShown,
    Grade,
    LayerRow,
    LayerTable,
    LimitHit,
    Measurement,
    Note,
    Place,
    QuestionGrade,
    QuestionTrace,
    Submission,
    Trace,
    Verdict,
    WrittenAnswer,
)

TITLES = {
    "q1": "What a CNN is",
    "q2": "LeNet-5 and its legacy",
    "q3": "AlexNet against VGGNet",
    "q4": "Transfer learning",
    "q5": "Residual connections",
    "q6": "LeNet-5 on MNIST",
    "q7": "Transfer learning with VGG16",
    "q8": "Inside AlexNet's first layer",
    "q9": "GoogLeNet on CIFAR-10",
    "q10": "Chest X-rays in production",
}
CODE = ("q6", "q7", "q8", "q9")
KEY_POINTS = (
    "A convolution sees a local receptive field and shares its weights over the picture",
    "Pooling makes the maps smaller; layers build from edges to objects",
    "KEYPOINT: far fewer parameters than a fully connected network",
)
ESSAY = """**Convolutional networks** slide small filters over the picture, so that

1. each unit sees a *local* region,
2. the same weights are used everywhere.

| network | parameters |
|---|---|
| LeNet-5 | 61,706 |
| VGG-16 | 138 M |

A fully connected net on `224×224×3` needs 150,528 weights **per unit**.
"""
LENET = """class LeNet5(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
        self.conv2 = nn.Conv2d(6, 16, 5, padding=2)
        self.fc1 = nn.Linear(120, 84)
        self.fc2 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.avg_pool2d(torch.tanh(self.conv1(x)), 2)
        x = F.avg_pool2d(torch.tanh(self.conv2(x)), 2)
        x = x.view(-1, 120)
        return self.fc2(torch.tanh(self.fc1(x)))

for images, labels in loader:
    loss = criterion(model(images), labels)
    loss.backward()"""
SCRIPT = "<script>fetch('https://evil.example/x')</script>"
IMG = '"><img src=https://evil.example/i onerror="document.title=\'HACKED\'">'
HOSTILE = f"\x1b[31mRed\x1b[0m {SCRIPT} {IMG} \u202egnp.exe\x00 {{{{ 7*7 }}}} javascript:alert(1)"


@dataclass(frozen=True)
class Sample:
    """One graded hand-in with what the page may look at."""

    grade: Grade
    trace: Trace | None = None
    blobs: dict[str, bytes] = field(default_factory=dict)


def png(width: int = 640, height: int = 320, noise: int = 0) -> bytes:
    """A small true PNG: a grid of patches with waves of several directions, like the filters of a first layer."""
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        for x in range(width):
            column, row = x * 8 // width, y * 4 // height
            angle = math.pi * (column * 4 + row) / 32
            wave = math.sin((x * math.cos(angle) + y * math.sin(angle)) / (3 + column) + row)
            rows.append(int(127 + 120 * wave) ^ (noise & (x * 7919 + y * 104729 + x * y) & 255))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(bytes(rows)))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def criterion(
    name: str,
    title: str,
    points: float,
    share: float | None,
    rationale: str,
    hint: str = "",
    *exhibits: Exhibit,
    public: bool = True,
    borderline: bool = False,
    place: Place | None = None,
) -> CriterionGrade:
    verdict = Verdict(share, rationale, hint, exhibits, borderline, place=place)
    return CriterionGrade(name, title, name, points, points * (share or 0.0), public, verdict)


def question(
    name: str,
    *criteria: CriterionGrade,
    cells: tuple[int, ...] = (),
    error: ErrorTrace | None = None,
    ran: str = "passed",
    notes: tuple[Note, ...] = (),
) -> QuestionGrade:
    place = int(name[1:])
    answer = Answer(name, cells or (2 * place - 1, 2 * place), "", 0.95, f"the heading names question {place}")
    return QuestionGrade(
        name,
        TITLES[name],
        sum(c.max_points for c in criteria),
        sum(c.points for c in criteria),
        ran,  # type: ignore[arg-type]
        error,
        answer,
        criteria,
        notes,
    )


def essay(name: str, text: str = ESSAY) -> QuestionGrade:
    words = f"Your answer of {len(text.split())} words waits for a person to read it."
    title = "Your explanation, read by a person against the key points"
    waits = criterion("written", title, 10, None, words, "", WrittenAnswer(text, KEY_POINTS))
    return question(name, waits, ran="none")


def layer_table(rows: int = 7, first: int | None = 2) -> LayerTable:
    names = [
        ("Conv2d 6@5×5 padding 2 → 64×6×28×28", "Conv2d 6@5×5 padding 2 → 64×6×28×28"),
        ("AvgPool2d 2×2 → 64×6×14×14", "AvgPool2d 2×2 → 64×6×14×14"),
        ("Conv2d 16@5×5 padding 2 → 64×16×14×14", "Conv2d 16@5×5 → 64×16×10×10"),
        ("AvgPool2d 2×2 → 64×16×7×7", "AvgPool2d 2×2 → 64×16×5×5"),
        ("view → 256×120", "flatten → 64×400"),
        ("—", "Linear 120 → 64×120"),
        ("Linear 84 → 256×84", "Linear 84 → 64×84"),
    ]
    made = [LayerRow(*names[i % 7], i < first if first is not None else True) for i in range(rows)]
    return LayerTable(tuple(made), first, "your LeNet5", "reference LeNet5")


def accuracy(measured: float, claimed: float | None = None) -> Measurement:
    return Measurement("accuracy", measured, claimed, measured - 0.012, measured + 0.009, 0.5, 0.9, "share")


def code_question(name: str, share: float = 1.0) -> QuestionGrade:
    return question(
        name,
        criterion("runs", "Your code runs from top to bottom", 4, 1.0, "All 3 code cells ran to their end."),
        criterion("accuracy", "Your trained network recognises digits that it has never seen", 6, share, "98.1 %.", ""),
    )


def grade(name: str, student: str, questions: tuple[QuestionGrade, ...], notes: tuple[Note, ...] = ()) -> Grade:
    return Grade(
        name,
        student,
        f"{name}.ipynb",
        "cnn-architectures",
        "CNN architectures",
        hashlib.sha256(b"rubric").hexdigest(),
        "quick",
        sum(q.points for q in questions),
        sum(q.max_points for q in questions),
        questions,
        notes,
    )


def trace_of(grade: Grade, sources: dict[int, str], questions: tuple[QuestionTrace, ...] = ()) -> Trace:
    cells = tuple(Cell(i, "code", source) for i, source in sources.items())
    return Trace(
        1,
        grade.assignment,
        "plan",
        grade.profile,
        Submission(grade.submission, grade.student, grade.file, cells, "digest"),
        questions,
        Environment("3.11.9", {"torch": "2.14.1", "torchvision": "0.29.1", "numpy": "2.4.0"}, "cpu", "bwrap", 2),
        seconds=214.3,
    )


def good() -> Sample:
    """Everything judged is right; six essays wait."""
    blob = {"f.png": png()}
    figure = FigureShown("f.png", "64 filters of AlexNet's first convolution, 11 × 11")
    q8 = question(
        "q8",
        criterion("runs", "Your code runs from top to bottom", 2, 1.0, "All 2 code cells ran to their end."),
        criterion("figure", "Two titled figures show all 64 filters and maps", 8, 1.0, "64 pictures.", "", figure),
    )
    timing = Measurement("time", 2.4, no_credit=10.0, full_credit=3.0, unit="× the reference")
    q6 = question(
        "q6",
        criterion("runs", "Your code runs from top to bottom", 1, 1.0, "All 3 code cells ran to their end."),
        criterion("architecture", "The network is LeNet-5", 3, 1.0, "As expected.", "", layer_table(first=None)),
        criterion("accuracy", "Your network recognises new digits", 3, 1.0, "98.1 % right.", "", accuracy(0.981)),
        criterion("timing", "Your code takes no longer than needed", 3, 1.0, "2.4 times.", "", timing, borderline=True),
    )
    rest = [code_question("q7"), q8, code_question("q9")]
    questions = (*map(essay, ("q1", "q2", "q3", "q4", "q5")), q6, *rest, essay("q10"))
    graded = grade("amara-okafor", "Amara Okafor", questions)
    return Sample(graded, trace_of(graded, {}), blob)


def partial() -> Sample:
    """The batch-axis bug, an echo of it, a cut training, a missing file."""
    root = ErrorTrace(
        "ValueError",
        "Expected input batch_size (256) to match target batch_size (64).",
        12,
        16,
        "    loss = criterion(model(images), labels)",
    )
    echo = ErrorTrace("NameError", "name 'history' is not defined", 18, 3, "plt.plot(history)", echo_of=12)
    cut = Note("cut", "Training was stopped after 20 s: 2 of 10 epochs ran.", "training", "q6", 12)
    missing = Note("missing", "The file dataset/train is not here; a folder of faces stood in.", "dataset/train", "q7")
    q6 = question(
        "q6",
        criterion("runs", "Your code runs from top to bottom", 1, 0.5, "1 of 2 code cells ran to its end."),
        criterion(
            "architecture",
            "The network is LeNet-5 and gives one row of 10 outputs per picture",
            3,
            0.0,
            "Your network turns a batch of 64 pictures into 256 rows: the batch axis is lost at `view` (layer 5).",
            "Flatten all axes but the first, and compare the shape before that layer with the reference.",
            layer_table(),
            place=Place(11, 4, "class Net(nn.Module):  # <b>mine</b>"),
        ),
        criterion(
            "accuracy", "Your trained network recognises new digits", 3, 0.24, "59.6 %.", "Train.", accuracy(0.596)
        ),
        criterion(
            "reported", "You report the accuracy, and it is true", 2, 0.0, "No accuracy was printed.", "Print it."
        ),
        criterion("timing", "HIDDENTITLE", 1, 0.0, "HIDDENRATIONALE", "HIDDENHINT", accuracy(0.123), public=False),
        cells=(11, 12),
        error=root,
        ran="partial",
        notes=(cut,),
    )
    q7 = question(
        "q7",
        criterion("runs", "Your code runs from top to bottom", 4, None, "dataset/train is missing here.", ""),
        criterion("architecture", "The network stands on the base of VGG16", 6, 1.0, "14,714,688 parameters, frozen."),
        notes=(missing,),
    )
    curve = FigureShown("curve.png", "accuracy over epochs")
    q8 = question(
        "q8",
        criterion("runs", "Your code runs from top to bottom", 2, 1.0, "All 2 code cells ran to their end."),
        criterion("figure", "All 64 filters", 8, 0.5, "32 of 64 pictures.", "Show all of them.", curve, curve),
    )
    q9 = question(
        "q9",
        criterion("runs", "Your code runs from top to bottom", 3, 0.0, "Cell 18, line 3 failed with NameError."),
        criterion("figure", "One figure with both curves", 7, 0.0, "No figure was drawn in this question.", "Draw it."),
        cells=(17, 18),
        error=echo,
        ran="failed",
    )
    limit = LimitHit("time", 240, 240, "s", 12)
    q6 = replace(q6, seconds=242.5, limits=(limit,))
    questions = (*map(essay, ("q1", "q2", "q3", "q4", "q5")), q6, q7, q8, q9, essay("q10"))
    notes = (
        Note("substitution", "torchvision's MNIST was served from this machine; nothing was downloaded.", "MNIST"),
    )
    graded = replace(grade("ben-carter", "Ben Carter", questions, notes), seconds=214.3)
    runs = (CellRun(11, "ok", 2.5), CellRun(12, "stopped", 240.0, limit=limit))
    seen = QuestionTrace("q6", q6.answer, runs, root)
    plot = "import matplotlib.pyplot as plt\nplt.figure()\nplt.plot(history)\nplt.show()"
    return Sample(graded, trace_of(graded, {12: LENET, 18: plot}, (seen,)), {"curve.png": png()})


def lying() -> Sample:
    """Claims 99.4 % and has 11.3 %."""
    claim = criterion(
        "reported",
        "You report the accuracy, and it is true",
        6,
        0.0,
        "You reported 99.4 %, measured on new pictures are 11.3 %.",
        "Print the number that your code computes.",
        accuracy(0.113, 0.994),
    )
    runs = criterion("runs", "Your code runs from top to bottom", 4, 1.0, "All code cells ran to their end.")
    others = (code_question("q7", 0.5), code_question("q8"), code_question("q9", 0.0))
    graded = grade("cleo-marsh", "Cleo Marsh", (essay("q1"), question("q6", runs, claim), *others))
    return Sample(graded, trace_of(graded, {}))


def problem(fault: str = "student") -> Sample:
    """A file that is no notebook, or a fault of the grader."""
    why = (
        "broken.ipynb is not a notebook: it is no JSON (line 1). Save it in Jupyter and hand it in again"
        if fault == "student"
        else "the grader failed on this hand-in: no space left on device"
    )
    graded = replace(grade(f"{fault}-problem", "Dana Wu", ()), max_points=100.0, problem=why, fault=fault)  # type: ignore[arg-type]
    return Sample(graded)


def hostile(attack: str = HOSTILE) -> Sample:
    """Every string that a student can choose tries to break out."""
    text = (
        f"# {attack}\n\n[click](javascript:alert(1)) <https://evil.example/a> https://evil.example/b\n\n"
        "![pixel](https://evil.example/p.png)\n\n<svg onload=alert(1)>\n\n"
        f"[ref]\n\n[ref]: https://evil.example/r\n\n<img src=x onerror=alert(1)>\n\n```{IMG}\n{SCRIPT}\n```\n"
    )
    error = ErrorTrace(attack, attack, 2, 1, attack)
    table = LayerTable((LayerRow(attack, attack, False),), 0, attack, attack)
    measured = Measurement(attack, math.nan, math.inf, unit=attack)
    named = Measurement(attack, 0.5, 0.7, unit=attack)
    no_picture = FigureShown("svg.png", attack)
    picture = FigureShown("real.png", attack)
    exhibits = (table, measured, named, no_picture, picture, WrittenAnswer(text, KEY_POINTS))
    waits = criterion("written", attack, 10, None, attack, attack, *exhibits)
    failed = criterion("runs", attack, 10, 0.0, attack, attack)
    answer = Answer("q1", (1, 2), text, 0.4, attack)
    notes = (Note("input", attack, attack, "q1", 2),)
    q1 = QuestionGrade("q1", attack, 20, 0, "failed", error, answer, (waits, failed), notes)
    graded = replace(grade("mallory", attack, (q1,), notes), file="=HYPERLINK(1)" + attack)
    blobs = {"svg.png": b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "real.png": png(32, 32)}
    return Sample(graded, trace_of(graded, {2: attack}), blobs)


@pytest.fixture(scope="session")
def samples() -> dict[str, Sample]:
    return {
        "good": good(),
        "partial": partial(),
        "lying": lying(),
        "problem": problem(),
        "fault": problem("operator"),
        "hostile": hostile(),
    }


@pytest.fixture(scope="session")
def attacker() -> Callable[[str], Sample]:
    """Makes a hand-in of which every string is a given attack."""
    return hostile
