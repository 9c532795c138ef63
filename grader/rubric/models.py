"""What a rubric may hold. Unknown keys are refused, nothing changes after loading."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SerializeAsAny,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
)
from pydantic_core import PydanticCustomError

from grader.checks import CHECKS, Parameters
from grader.data import Kind, names, weights_names
from grader.errors import RubricError
from grader.records import Profile

Item = TypeVar("Item")


_ONE_FILE: tuple[Kind, ...] = ("picture", "table", "weights", "file")
_ANY_FILE: tuple[Kind, ...] = (*_ONE_FILE, "folder")
# The names of `grader.probe.bridges.BRIDGES`, which cannot be imported here: its hooks name the frameworks.
BRIDGES = frozenset(
    {"accuracy_names", "average_pooling", "backend", "experimental_layers", "file_names", "fit_arguments"}
    | {"generators", "image_data_generator", "keras_next", "layer_modules", "layer_shapes", "legacy_optimizers", "lr"}
    | {"model_utils", "np_utils", "optimizer_names", "predict_classes", "scheduler_verbose", "torch_load"}
    | {"torch_next", "torchsummary", "transforms"}
)
_LISTED = 12  # known names that a message lists


def nearest(name: str, known: Iterable[str]) -> str:
    """A suggestion to append to a message: the nearest known name, or some of them when none is near."""
    all_names = sorted(known)
    near = get_close_matches(name, all_names, n=1)
    more = f" and {len(all_names) - _LISTED} more" if len(all_names) > _LISTED else ""
    return f"; did you mean '{near[0]}'?" if near else f"; there are: {', '.join(all_names[:_LISTED])}{more}"


def _known(kind: str, name: str, registry: Iterable[str]) -> str:
    if name not in registry:
        context = {"kind": kind, "name": name, "nearest": nearest(name, registry)}
        raise PydanticCustomError("unknown_name", "unknown {kind} '{name}'{nearest}", context)
    return name


def _inside(target: str) -> str:
    path = PurePosixPath(target)
    if path.is_absolute() or ".." in path.parts or not path.parts or "\\" in target:
        raise PydanticCustomError("unsafe_path", "must be a path inside the work folder, such as 'sample.jpg'")
    return target


def _some(items: tuple[Item, ...]) -> tuple[Item, ...]:
    if not items:
        raise PydanticCustomError("empty", "must have at least one item")
    return items


def _end_of_day(moment: object) -> object:
    """A day alone, of which YAML makes a `date`, means its end."""
    if isinstance(moment, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", moment):
        return f"{moment}T23:59:59"
    return datetime.combine(moment, time(23, 59, 59)) if type(moment) is date else moment


# Lax pydantic would take `yes` and "5" for numbers: in a rubric those are mistakes.
Number = Annotated[float, Field(strict=True, ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
Size = Annotated[int, Field(strict=True, gt=0)]
Flag = Annotated[bool, Field(strict=True)]
Percent = Annotated[float, Field(strict=True, ge=0, le=100)]
AwareTime = Annotated[
    datetime,
    BeforeValidator(_end_of_day),
    AfterValidator(lambda moment: moment if moment.tzinfo else moment.replace(tzinfo=UTC)),
    WithJsonSchema({"type": "string"}),  # a day alone is no `date-time`
]
Text = Annotated[str, Field(min_length=1)]
# Ids become file names and anchors of pages.
Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
DataSetName = Annotated[str, AfterValidator(lambda name: _known("data set", name, names(["data set"])))]
FileName = Annotated[str, AfterValidator(lambda name: _known("file", name, names(_ANY_FILE)))]
OneFileName = Annotated[str, AfterValidator(lambda name: _known("file", name, names(_ONE_FILE)))]
WeightsName = Annotated[
    str, AfterValidator(lambda name: _known("weights", name, {*weights_names(), *names(["weights"])}))
]
BridgeName = Annotated[str, AfterValidator(lambda name: _known("bridge", name, BRIDGES))]
UrlPattern = Annotated[str, Field(pattern=r"^(https?|ftp|\*)(://|.*\*)")]
Target = Annotated[str, AfterValidator(_inside)]
CheckName = Annotated[str, AfterValidator(lambda name: _known("check", name, CHECKS))]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Limits(_Model):
    """The bounds of a run. One that is hit ends the question, or the submission where it is the submission's time.

    Attributes:
        cell_seconds: Wall time of one cell.
        question_seconds: Wall time of the cells of one question together; None for no bound.
        submission_seconds: Wall time of one submission.
        training_gflop: What the training of one question may compute, in 10^9 floating-point operations, counted from
            layers, so that it ends at the same step on every machine; None for no bound.
        training_seconds: Processor time per thread of the training of one question: the net for what is not counted,
            far above what the operations take; None for no bound.
        memory_gb: Memory of the run, in GB (10^9 bytes).
        output_mb: What the cells may print, in MB (10^6 bytes).
        disk_mb: What the run may write, in MB.
        processes: Processes and threads that may exist at once.
        gpu_memory_gb: Memory that the run may take of a GPU; one that runs out of it is run once more, alone.
    """

    cell_seconds: Positive
    question_seconds: Positive | None = None
    submission_seconds: Positive
    training_gflop: Positive | None = None
    training_seconds: Positive | None
    memory_gb: Positive
    output_mb: Positive
    disk_mb: Positive
    processes: Annotated[int, Field(strict=True, ge=64)] = 512
    gpu_memory_gb: Positive = 4


_PROFILES: Mapping[Profile, Limits] = {
    "quick": Limits(
        cell_seconds=240,
        question_seconds=400,
        submission_seconds=900,
        training_gflop=1000,
        training_seconds=80,
        memory_gb=6,
        output_mb=2,
        disk_mb=512,
    ),
    "full": Limits(
        cell_seconds=3600,
        question_seconds=7200,
        submission_seconds=14400,
        training_gflop=None,
        training_seconds=None,
        memory_gb=12,
        output_mb=10,
        disk_mb=4096,
        gpu_memory_gb=8,
    ),
}


class LatePolicy(_Model):
    """What being late costs.

    Attributes:
        due: The deadline, with its offset from UTC (`2026-11-20T23:59+01:00`); without one it is UTC, and a day alone
            means its end. `--due` of the command line comes first.
        grace_hours: Hours after the deadline that cost nothing. Later than that, days count from the deadline itself.
        percent_per_day: Of the points earned, for each day that has begun.
        at_most_percent: The most that is ever taken off.
    """

    due: AwareTime | None = None
    grace_hours: Number = 0
    percent_per_day: Percent
    at_most_percent: Percent = 100.0


class Criterion(_Model):
    """One line of points, graded by one check.

    Attributes:
        id: Unique in its question.
        title: What students read.
        check: Name of the check.
        points: Points for a verdict of share 1.
        public: Whether students see it.
        optional: The question does not ask for code: without any, a person gives these points with those of the text.
        hint: Shown where points are lost.
        parameters: Of the check; `with:` in the file.
    """

    id: Id
    title: Text
    check: CheckName
    points: Number
    public: Flag = True
    optional: Flag = False
    hint: str = ""
    parameters: SerializeAsAny[Parameters] = Field(default=None, alias="with", validate_default=True)

    @field_validator("parameters", mode="plain")
    @classmethod
    def _of_the_check(cls, value: Any, info: ValidationInfo) -> Any:
        check = CHECKS.get(info.data.get("check", ""))
        if check is None or isinstance(value, check.parameters):
            return value
        return check.parameters.model_validate({} if value is None else value, context=info.context)


class Question(_Model):
    """One question of an assignment.

    Attributes:
        id: Unique in the rubric.
        title: Short name of the question.
        prompt: What was asked; finds the question in a hand-in and is shown to students.
        points: Sum of the points of its criteria.
        input_shape: Shape of a batch to try a model on that was fed nothing: batch axis first, then channels.
        criteria: At least one.
    """

    id: Id
    title: Text
    prompt: str = ""
    points: Positive
    input_shape: Annotated[tuple[Size, ...], Field(min_length=2)] | None = None
    criteria: Annotated[tuple[Criterion, ...], AfterValidator(_some)]


class Rubric(_Model):
    """An assignment: its data, its bounds, its questions.

    Attributes:
        assignment: Id of the assignment.
        title: Its name for people.
        data: Data sets served to student code.
        files: Files and folders laid into the work folder: name there -> entry of the store.
        weights: Weight files by their published names; those that are not in the store get stand-ins.
        paths: Student paths (their last parts, or a glob) -> entry of the store.
        urls: URLs (exact, or a glob) -> entry of the store that is one file.
        bridges: Bridges for old code -> whether they are in place; those that are not named are.
        reference: Folder of the reference implementation, relative to the rubric.
        profiles: Bounds of the profiles `quick` and `full`; those that are not named have defaults.
        late: What being late costs; nothing if it is not given.
        questions: In their order.
    """

    assignment: Id
    title: Text
    data: tuple[DataSetName, ...] = ()
    files: Mapping[Target, FileName] = Field(default_factory=dict)
    weights: tuple[WeightsName, ...] = ()
    paths: Mapping[Text, FileName] = Field(default_factory=dict)
    urls: Mapping[UrlPattern, OneFileName] = Field(default_factory=dict)
    bridges: Mapping[BridgeName, Flag] = Field(default_factory=dict)
    reference: Text | None = None
    profiles: Mapping[Profile, Limits] = Field(default=_PROFILES)
    late: LatePolicy | None = None
    questions: Annotated[tuple[Question, ...], AfterValidator(_some)]

    _path: Path = PrivateAttr(default=Path())

    @field_validator("profiles", mode="before")
    @classmethod
    def _completed(cls, value: Any) -> Any:
        """Bounds that a profile does not name are the defaults of that profile."""
        if not isinstance(value, dict):
            return value
        known = {name: limits.model_dump() for name, limits in _PROFILES.items()}
        return {
            n: {**known[n], **given} if n in known and isinstance(given, dict) else given for n, given in value.items()
        }

    @field_validator("profiles", mode="after")
    @classmethod
    def _both(cls, value: Mapping[Profile, Limits]) -> Mapping[Profile, Limits]:
        return {**_PROFILES, **value}

    def model_post_init(self, context: Path | None) -> None:
        """Keep the path of the file, which `load_rubric` gives as validation context."""
        self._path = context or Path()

    @property
    def path(self) -> Path:
        """The file that it was loaded from."""
        return self._path

    def with_due(self, due: datetime) -> Rubric:
        """The same rubric with another deadline.

        Raises:
            RubricError: It does not say what being late costs.
        """
        if self.late is None:
            raise RubricError(
                f"{self.path} does not say what being late costs", "Add for example 'late: {percent_per_day: 10}'"
            )
        return self.model_copy(update={"late": self.late.model_copy(update={"due": due})})

    @property
    def reference_folder(self) -> Path | None:
        """The folder of the reference implementation; None if the rubric names none."""
        return (self.path.parent / self.reference).resolve() if self.reference else None

    @property
    def total(self) -> float:
        """Points of all questions."""
        return sum(question.points for question in self.questions)

    @property
    def hash(self) -> str:
        """SHA-256 of the content: comments, layout and place of the file do not count."""
        content = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()

    def question(self, question: str) -> Question:
        """The question with an id.

        Raises:
            RubricError: There is no such question.
        """
        for one in self.questions:
            if one.id == question:
                return one
        raise RubricError(f"no question '{question}' in {self.path}{nearest(question, [q.id for q in self.questions])}")
