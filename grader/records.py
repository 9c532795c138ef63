"""The records that travel between the stages. They import the standard library and nothing else.

    files -> Submission -> Segmentation -> Trace -> Grade

All are frozen, all are plain data: a `Trace` goes to disk as JSON plus blobs and comes back equal. Shapes are tuples of
ints with the batch axis first; `None` stands for an axis of any size. Times are in seconds, sizes in bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal

TRACE_SCHEMA = 1
GRADES_SCHEMA = 1
# Below this confidence a person checks whether the right cells were taken as an answer.
SURE = 0.6

CellKind = Literal["code", "markdown", "raw"]
Status = Literal["passed", "partial", "failed", "unscored"]
Ran = Literal["passed", "failed", "partial", "none"]
Framework = Literal["torch", "keras"]
Profile = Literal["quick", "full"]
Shape = tuple[int | None, ...]
Points = float | None
Scalar = bool | int | float | str | None
STRICT: Mapping[str, str] = {"extra": "forbid", "ser_json_inf_nan": "constants"}


@dataclass(frozen=True, slots=True)
class Note:
    """Something a person should know that is not a verdict: a repair, a substitution, a cut.

    Attributes:
        kind: What sort of thing happened. `missing` names something that the grading environment lacked, and
            `damaged` code that a conversion broke: neither is ever the student's fault.
        message: One sentence for a person.
        subject: The thing it is about: a file, a package, a data set.
        question: The question in which it happened.
        cell: Index of the cell in which it happened.
    """

    kind: Literal[
        "repair",
        "damaged",
        "substitution",
        "stand-in",
        "cut",
        "missing",
        "command",
        "input",
        "truncated",
        "probe",
        "remark",
    ]
    message: str
    subject: str = ""
    question: str | None = None
    cell: int | None = None


# --- ingest -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    r"""One cell of a hand-in, in the order of the file.

    Attributes:
        index: Its place in the hand-in, from 0.
        kind: Code, markdown or raw.
        source: Its text, with `\n` line ends.
        execution_count: The count saved in the notebook: evidence of the order in which the student ran it.
        saved_text: What the handed-in notebook says that this cell printed: a claim, not a result.
        question: The question named by a tag of the file itself (nbgrader's `grade_id`, `# question: q6`), if any.
        origin: Name of the file it comes from.
        pictures: How many pictures lie in it or in its saved outputs.
        damaged: What damaged this code so that it does not parse even after repair (`the PDF`); empty for the
            student's own mistakes, which are judged as they are.
        writes: Name of the file that the cell writes (`%%writefile app.py`).
        parent: For code found in the text of another cell (a Markdown fence): the index of that cell, whose `source`
            still holds the text whole. Such derived cells stand after all others, so that `index` is the place in the
            notebook for every cell that the notebook has. They run only where an answer has no other code.
        line: First line of derived code in its parent's source, from 0.
    """

    index: int
    kind: CellKind
    source: str
    execution_count: int | None = None
    saved_text: str = ""
    question: str | None = None
    origin: str = ""
    pictures: int = 0
    damaged: str = ""
    writes: str = ""
    parent: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in.

    Attributes:
        id: Unique in a batch and safe as a file name.
        student: Name to show, as given by folder or file name.
        file: Name of the graded file (or folder), to show.
        cells: All cells in order.
        digest: SHA-256 of the content (cells and attachments).
        folder: Absolute path of the folder that holds `attachments`; empty where there are none.
        attachments: Paths, relative to `folder`, of other files handed in: they lie beside the running code.
        notes: Repairs made while reading, and earlier attempts that were not read.
        student_id: The learning platform's number for the student, from the name of the file or folder.
        attempt: Which attempt it is, as the platform numbers them.
        late: The platform marked it as late.
        handed_in: When it was handed in, as the platform wrote it down (ISO 8601); empty where it did not.
    """

    id: str
    student: str
    file: str
    cells: tuple[Cell, ...]
    digest: str
    folder: str = ""
    attachments: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    student_id: str = ""
    attempt: int | None = None
    late: bool = False
    handed_in: str = ""


# --- segment ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answer:
    """The cells that belong to one question.

    Attributes:
        question: Id of the question.
        cells: Indices of its cells, in order; empty when the question was not found.
        text: The prose of the answer without the question's own wording.
        confidence: From 0 (guess) to 1 (named by a tag).
        reason: Why these cells, for a person.
    """

    question: str
    cells: tuple[int, ...] = ()
    text: str = ""
    confidence: float = 0.0
    reason: str = ""

    @property
    def unsure(self) -> bool:
        """Whether cells were found, but a person should check that they are the answer."""
        return bool(self.cells) and self.confidence < SURE


@dataclass(frozen=True, slots=True)
class Segmentation:
    """Which cells answer which question: one `Answer` per question of the rubric, in the rubric's order.

    Attributes:
        answers: One per question.
        shared: Indices of cells before the first question (imports, helpers); they run first.
    """

    answers: tuple[Answer, ...]
    shared: tuple[int, ...] = ()

    def answer(self, question: str) -> Answer:
        """The answer to a question; an empty one if the question is unknown."""
        return next((a for a in self.answers if a.question == question), Answer(question))


# --- what the grader asks the probe ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PredictRequest:
    """Ask the trained model of a question for its outputs on the held-out images of a data set.

    Attributes:
        data_set: Its name.
        repeats: How often to time the model on one batch of them.
    """

    data_set: str
    repeats: int = 0


@dataclass(frozen=True, slots=True)
class CallRequest:
    """Ask to call a function of the student's on given inputs.

    Attributes:
        id: Names the request; calls in the trace refer to it.
        names: Usual names of the function, the best first; matched without regard to case and underscores.
        cases: For each case its positional arguments, each a number, a string or an array as nested lists with a dtype.
    """

    id: str
    names: tuple[str, ...]
    cases: tuple[tuple[Argument, ...], ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a call: a scalar, or an array given by its flat values, shape and NumPy dtype name."""

    values: tuple[float, ...] | Scalar
    shape: tuple[int, ...] | None = None
    dtype: str = "float64"


@dataclass(frozen=True, slots=True)
class AppRequest:
    """Ask to start a Streamlit app and to give it pictures.

    Attributes:
        pictures: Paths in the work folder, uploaded one after another; the first one once more at the end.
        seconds: How long all of that may take.
        sources: Apps that stand in cells of the answer: where, and their code. The engine fills them in.
    """

    pictures: tuple[str, ...]
    seconds: float = 60.0
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class QuestionPlan:
    """What to observe after the cells of one question have run. Holds no threshold and no answer.

    Attributes:
        question: Id of the question.
        input_shape: Shape of one batch to try a model on when the student's code fed it none, channels first.
        predict: Predictions to ask for.
        calls: Functions to call.
        app: The app to start, if the question may have one.
    """

    question: str
    input_shape: tuple[int, ...] | None = None
    predict: tuple[PredictRequest, ...] = ()
    calls: tuple[CallRequest, ...] = ()
    app: AppRequest | None = None


# --- execute and observe --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ErrorTrace:
    """An error of the student's code.

    Attributes:
        type: Name of the exception class.
        message: Its text, without terminal colours, at most 2,000 characters.
        cell: Index of the cell that failed.
        line: Line in that cell, from 1, of the deepest frame that lies in the hand-in; None when unknown.
        source: The text of that line.
        echo_of: Index of the cell whose failure is the root of this one (a name it did not get to define).
    """

    type: str
    message: str
    cell: int
    line: int | None = None
    source: str = ""
    echo_of: int | None = None


@dataclass(frozen=True, slots=True)
class LimitHit:
    """A bound that was hit: `out of memory at 2.1 GB of 2 GB`.

    Attributes:
        kind: What ran out; `kernel`: the process ended, and nobody knows why.
        measured: How much there was.
        limit: How much there may be.
        unit: Of both.
        cell: Index of the cell in which it was hit.
        scope: Whose time ran out.
    """

    kind: Literal["time", "memory", "disk", "processes", "output", "kernel"]
    measured: float
    limit: float
    unit: str
    cell: int | None = None
    scope: Literal["", "cell", "question", "submission"] = ""


@dataclass(frozen=True, slots=True)
class CellRun:
    """One cell as it ran. `seconds` is taken outside the student's process.

    Attributes:
        cell: Index of the cell.
        status: `stopped` means that a limit ended it; `skipped` that one had ended its question, or the run, before.
        seconds: Wall time.
        text: What it printed (stdout, stderr and text results), capped.
        error: The error that ended it.
        limit: The bound that ended it, or for which it was skipped.
    """

    cell: int
    status: Literal["ok", "error", "stopped", "skipped"]
    seconds: float = 0.0
    text: str = ""
    error: ErrorTrace | None = None
    limit: LimitHit | None = None


@dataclass(frozen=True, slots=True)
class Layer:
    """One call of a layer or of a function on tensors, in call order.

    Attributes:
        name: Path in the model (`features.0`, `vgg16/block1_conv1`); the function's name for a functional call.
        type: Class or function name as the framework has it (`Conv2d`, `Conv2D`, `relu`, `flatten`, `view`, `cat`).
        functional: True for a plain function (`F.relu`, `torch.cat`, `x.view`, `keras.ops...`), False for a layer.
        config: Its settings as the framework names them (`kernel_size`, `strides`, `padding`, `activation`, `p` ...);
            for functions the scalar arguments.
        inputs: Shapes of its tensor inputs.
        output: Shape of its (first) output.
        parameters: Number of parameters it owns; 0 when it was already called in this pass (shared weights).
        trainable_parameters: How many of these are trainable.
        sources: For each tensor input the index in `Model.layers` of the call that made it; -1 for the model's input.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    name: str
    type: str
    functional: bool = False
    config: Mapping[str, Scalar | tuple[Scalar, ...]] = field(default_factory=dict)
    inputs: tuple[Shape, ...] = ()
    output: Shape = ()
    parameters: int = 0
    trainable_parameters: int = 0
    sources: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ForwardError:
    """A forward pass that failed: which layer, with which shapes at its door."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    message: str
    layer: str = ""
    type: str = ""
    inputs: tuple[Shape, ...] = ()


@dataclass(frozen=True, slots=True)
class BatchTrial:
    """A forward pass with a batch of `size`: the output's shape, or what failed."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    size: int
    output: Shape = ()
    error: str = ""


@dataclass(frozen=True, slots=True)
class Model:
    """A model that a question built.

    Attributes:
        name: The student's name for it, or the class name where it has none.
        class_name: Its class.
        framework: `torch` (images N×C×H×W) or `keras` (images N×H×W×C).
        trained: Optimizer steps or `fit` were seen and weights changed.
        layers: Calls in order, for one forward pass in evaluation mode.
        parameters: All parameters, shared ones once.
        trainable_parameters: Those that were trainable at the end of the question.
        input_shape: Shape of the batch of the pass recorded in `layers`.
        input_origin: `seen`: the student's code fed the model such a batch; `loader`: the data the student prepared;
            `plan`: the rubric's shape, because the student's code fed it nothing.
        output_shape: Shape of the output of that pass; empty when it failed.
        batches: Trials with batch sizes 1, 2 and 5, and with the size that the student used.
        error: Why the recorded pass failed.
        evaluated: Mode of the last pass that the student's code made without gradients; empty if none was seen.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    name: str
    class_name: str
    framework: Framework
    trained: bool = False
    layers: tuple[Layer, ...] = ()
    parameters: int = 0
    trainable_parameters: int = 0
    input_shape: Shape = ()
    input_origin: Literal["seen", "loader", "plan"] = "plan"
    output_shape: Shape = ()
    batches: tuple[BatchTrial, ...] = ()
    error: ForwardError | None = None
    evaluated: Literal["", "eval", "train"] = ""


@dataclass(frozen=True, slots=True)
class Training:
    """One stage of training: a `fit` call, or the steps of one optimizer.

    Attributes:
        model: Index in `Observation.models`; None when the model is gone.
        framework: Which framework.
        optimizer: Class name of the optimizer.
        learning_rates: The distinct learning rates in order of use.
        loss: Name of the loss where it is known.
        epochs: Epochs that ran.
        epochs_asked: Epochs asked for (`fit`), or None.
        steps: Optimizer steps.
        batch_size: Rows in the first training batch.
        images: Rows that passed through training in all.
        history: Per epoch values by name: `loss`; for Keras all of `History.history`; for PyTorch also `accuracy` and
            `val_accuracy`, counted from outputs and labels where both were seen in every epoch. A loop with
            `tf.GradientTape` has a loss unless it is inside a `tf.function`.
        trainable_parameters: Number of trainable parameters when the stage began.
        changed: Number of parameter tensors whose values changed.
        unchanged: Number of parameter tensors whose values did not.
        changed_parameters: Number of parameters in the tensors whose values changed.
        data_set: Name of the served data set that was trained on, if it is known.
        cut: What the budget cut, for a person; empty if nothing.
        from_logits: Whether the loss applies softmax or sigmoid itself, where it can do both (Keras); None if unknown.
        target_range: Least and greatest target that the loss was given at first; None if unknown.
        loss_input: The activation whose output the loss was given (`softmax`, `log_softmax`, `sigmoid`), empty for none
            of them; None if unknown, as in Keras.
        seconds: Wall time per epoch, taken in the student's process; with Keras the validation is in it.
        device: Device of the parameters, as the framework names it.
        unchanged_names: Names of the parameter tensors that did not change (at most 200).
        input_range: Least and greatest value in the pictures of one training batch; None if unknown.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    model: int | None
    framework: Framework
    optimizer: str = ""
    learning_rates: tuple[float, ...] = ()
    loss: str = ""
    epochs: int = 0
    epochs_asked: int | None = None
    steps: int = 0
    batch_size: int | None = None
    images: int = 0
    history: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    trainable_parameters: int = 0
    changed: int = 0
    unchanged: int = 0
    changed_parameters: int | None = None
    data_set: str = ""
    cut: str = ""
    from_logits: bool | None = None
    target_range: tuple[float, float] | None = None
    loss_input: Literal["", "softmax", "log_softmax", "sigmoid"] | None = None
    seconds: tuple[float, ...] = ()
    device: str = ""
    unchanged_names: tuple[str, ...] = ()
    input_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plot with its points (at most 2,000 are kept; `points` is the true number)."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    label: str = ""
    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    points: int = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """One image drawn on an axes.

    Attributes:
        shape: Of its array.
        low: Least value.
        high: Greatest.
        signature: 16 block means, 4×4.
        grey: Name of the blob with its grey values (float32 `.npy`), kept where it may be a grid of pictures.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    shape: tuple[int, ...]
    low: float = 0.0
    high: float = 0.0
    signature: tuple[float, ...] = ()
    grey: str = ""


@dataclass(frozen=True, slots=True)
class LayerPictures:
    """What pictures of a model's first convolution look like: signatures as in `Picture`, four significant digits.

    Attributes:
        model: Index in `Observation.models`.
        layer: Name of the convolution.
        filters: For each filter the signatures of its mean over the input channels, then of up to three channels.
        maps: For each filter the signatures of its map for what the student's code fed the model, then of the same
            after ReLU; empty where it was fed nothing.
        filter_size: Height and width of a filter.
        map_size: Height and width of a map.
        fed: The picture that was fed to get the maps: 64 block means, 8×8, around its mean and in units of its standard
            deviation; empty where it was fed nothing or a constant.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    model: int
    layer: str = ""
    filters: tuple[tuple[tuple[float, ...], ...], ...] = ()
    maps: tuple[tuple[tuple[float, ...], ...], ...] = ()
    filter_size: tuple[int, ...] = ()
    map_size: tuple[int, ...] = ()
    fed: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Axes:
    """One axes of a figure."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    title: str = ""
    xlabel: str = ""
    ylabel: str = ""
    legend: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    pictures: tuple[Picture, ...] = ()
    bars: int = 0
    scatter_points: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One matplotlib figure: title, axes in order, and the name of the blob with its PNG (at most 1,000 px wide)."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    title: str = ""
    axes: tuple[Axes, ...] = ()
    png: str = ""


@dataclass(frozen=True, slots=True)
class Value:
    """A number or an array that a question defined. `values` is flat; kept up to 256 elements (4,096 in calls)."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    name: str
    type: str
    dtype: str = ""
    shape: tuple[int, ...] = ()
    values: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Function:
    """A function that a question defined, with the names of its parameters."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    name: str
    parameters: tuple[str, ...] = ()
    required: int = 0


@dataclass(frozen=True, slots=True)
class Call:
    """What the student's function gave for one case of a `CallRequest`.

    Attributes:
        request: Id of the request.
        case: Index of the case.
        function: Name of the function that was called; empty when none fits.
        value: The result, if it is a number or an array of numbers.
        input_changed: The call changed its input arrays.
        error: `TypeError: ...` when the call failed, or why no function was called.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    request: str
    case: int
    function: str = ""
    value: Value | None = None
    input_changed: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class Prediction:
    """Outputs of a model on held-out images.

    Attributes:
        data_set: Name of the data set.
        model: Index in `Observation.models`; None when there was no model to ask.
        preprocessing: How the images reached the model, for a person ("the transform of your MNIST test data").
        outputs: Name of the blob: a float32 `.npy` of shape (images, classes); empty when it failed.
        error: Why there are no outputs.
        seconds: Wall time per image of each repeated pass over one batch, if it was asked for.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    data_set: str
    model: int | None = None
    preprocessing: str = ""
    outputs: str = ""
    error: str = ""
    seconds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Upload:
    """What an app did with one picture.

    Attributes:
        picture: Path of the picture.
        shown: Texts that stood on the page only after the picture was uploaded and all buttons were pressed.
        input_shape: Shape of what the app fed its network, as the framework has it; empty if no network was seen.
        input_range: Least and greatest value in it.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    picture: str
    shown: tuple[str, ...] = ()
    input_shape: Shape = ()
    input_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class App:
    """A Streamlit app as it ran in Streamlit's own test harness, in the student's sandbox.

    Attributes:
        name: Its file, or the cell in which it stands.
        uploads: What it did with each picture.
        asks: Whether it asks for a file.
        error: `app.py, line 3: KeyError: ...` when it failed; empty if it did not.
        error_type: Name of the exception; `TimeoutError` when it took too long.
        saved: Names of files of models that the hand-in's code wrote before.
        unseen: Packages in its code by which a network can be asked without the probe's seeing it.
        seconds: How long it took.
    """

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    name: str
    uploads: tuple[Upload, ...] = ()
    asks: bool = False
    error: str = ""
    error_type: str = ""
    saved: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Observation:
    """What the probe saw of one question. This, as JSON, and its blobs are all that leave the sandbox."""

    __pydantic_config__: ClassVar[Mapping[str, str]] = STRICT
    question: str
    models: tuple[Model, ...] = ()
    trainings: tuple[Training, ...] = ()
    figures: tuple[Figure, ...] = ()
    layer_pictures: tuple[LayerPictures, ...] = ()
    values: tuple[Value, ...] = ()
    functions: tuple[Function, ...] = ()
    calls: tuple[Call, ...] = ()
    predictions: tuple[Prediction, ...] = ()
    apps: tuple[App, ...] = ()
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """A number in printed text, with the words before it on its line: ("Test Accuracy", 98.6, "%")."""

    label: str
    value: float
    unit: str = ""
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class QuestionTrace:
    """Everything seen of one question.

    Attributes:
        question: Its id.
        answer: The cells and the prose that were taken as its answer.
        runs: Its code cells as they ran.
        error: The root error of the question: the first one that is no echo, else the first one.
        observation: What the probe saw; None when the kernel was gone.
        numbers: Numbers printed by this run.
        claimed: Numbers in the saved outputs of the handed-in notebook.
    """

    question: str
    answer: Answer
    runs: tuple[CellRun, ...] = ()
    error: ErrorTrace | None = None
    observation: Observation | None = None
    numbers: tuple[Number, ...] = ()
    claimed: tuple[Number, ...] = ()

    @property
    def ran(self) -> Ran:
        """`none` without code, else whether all, some or none of the code cells ran to their end."""
        if not self.runs:
            return "none"
        ok = sum(run.status == "ok" for run in self.runs)
        return "passed" if ok == len(self.runs) else "partial" if ok else "failed"

    @property
    def seconds(self) -> float:
        """Wall time of the cells of this question, taken outside the student's process."""
        return sum(run.seconds for run in self.runs)


@dataclass(frozen=True, slots=True)
class Environment:
    """What a run ran on: enough to say why two runs differ.

    Attributes:
        python: Its version.
        packages: Versions of the packages that hand-ins use.
        device: `cpu` or `cuda:N`.
        isolation: Which sandbox stood around it.
        cores: Of the machine.
        processor: Its name.
        gpu: What NVIDIA calls the GPU; empty without one.
        driver: Version of the GPU's driver.
        gpu_memory_gb: Most memory of the GPU that was in use during the run, by whomever; None without one.
        gpu_utilisation: Mean percent of the time in which the GPU worked.
        seed: Drew the inputs of function calls: only calls with the same seed can be compared.
        data: SHA-256 of what was served, by name: predictions on a data set say nothing about another version of it.
    """

    python: str = ""
    packages: Mapping[str, str] = field(default_factory=dict)
    device: str = "cpu"
    isolation: str = ""
    cores: int = 0
    processor: str = ""
    gpu: str = ""
    driver: str = ""
    gpu_memory_gb: float | None = None
    gpu_utilisation: float | None = None
    seed: int = 0
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trace:
    """What was observed in one run of one submission. Scoring needs nothing else of it than this and its blobs.

    Attributes:
        schema: Version of this format.
        assignment: Name of the assignment whose plan was observed.
        plan_hash: Hash of what the rubric had run (not of its thresholds).
        profile: `quick` or `full`.
        submission: The hand-in itself.
        questions: One per question of the rubric, in its order.
        environment: Where it ran.
        shared: Runs of the cells that belong to no question.
        notes: Everything noted during the run, question by question.
        seconds: Wall time of the whole run.
        key: Hash of all that the run follows from; a hand-in with the same key need not run again.
    """

    schema: int
    assignment: str
    plan_hash: str
    profile: Profile
    submission: Submission
    questions: tuple[QuestionTrace, ...]
    environment: Environment
    shared: tuple[CellRun, ...] = ()
    notes: tuple[Note, ...] = ()
    seconds: float = 0.0
    key: str = ""

    def question(self, question: str) -> QuestionTrace:
        """The trace of a question; an empty one if the question is unknown."""
        return next((q for q in self.questions if q.question == question), QuestionTrace(question, Answer(question)))


@dataclass(frozen=True, slots=True)
class Execution:
    """What running a hand-in gave, before anything of it is believed.

    Attributes:
        runs: The code cells of each question as they ran.
        shared: Runs of the cells that belong to no question.
        reports: The probe's message about each question, as it came; no entry where the kernel was gone. The empty
            name stands for the cells that belong to no question.
        environment: Where it ran.
        notes: What the engine itself noted.
        seconds: Wall time of the whole run.
    """

    runs: Mapping[str, tuple[CellRun, ...]]
    shared: tuple[CellRun, ...]
    reports: Mapping[str, object]
    environment: Environment
    notes: tuple[Note, ...] = ()
    seconds: float = 0.0


# --- score ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a check may look at.

    Attributes:
        question: The trace of the question.
        blobs: Arrays and pictures by name.
        profile: `quick` or `full`: criteria may have values for each.
        notes: All notes of this question's run, those of the whole run included.
        labels: Held-out labels by data set. They exist only here, outside the sandbox.
        stand_ins: Names of data sets and weights that were stand-ins, with what they stood for.
        seed: Drew the inputs of function calls: only results on the same inputs can be compared.
        cells: The cells of the answer and the shared ones, in order: what was written, for checks that read code.
        earlier: Trainings of the questions before this one: what is drawn here may have been trained there.
    """

    question: QuestionTrace
    blobs: Mapping[str, bytes] = field(default_factory=dict)
    profile: Profile = "quick"
    notes: tuple[Note, ...] = ()
    labels: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    seed: int = 0
    cells: tuple[Cell, ...] = ()
    earlier: tuple[Training, ...] = ()


@dataclass(frozen=True, slots=True)
class LayerRow:
    """One line of a layer comparison: the student's layer, the reference's, and whether they agree."""

    student: str
    expected: str
    agrees: bool


@dataclass(frozen=True, slots=True)
class LayerTable:
    """The student's layers beside the reference's; `first_difference` is a row's index or None."""

    rows: tuple[LayerRow, ...]
    first_difference: int | None = None
    student: str = ""
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A quantity: what the student claimed, what was measured, what was asked for.

    Attributes:
        name: Of the quantity.
        measured: By the grader.
        claimed: Printed or written by the student.
        low: Lower end of the confidence interval of `measured`.
        high: Upper end.
        no_credit: Value that earns nothing.
        full_credit: Value that earns everything.
        unit: Of all these numbers.
    """

    name: str
    measured: float | None = None
    claimed: float | None = None
    low: float | None = None
    high: float | None = None
    no_credit: float | None = None
    full_credit: float | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class FigureShown:
    """A figure to show beside a verdict: blob name of the PNG, a caption, and whether it is the reference's."""

    png: str
    caption: str = ""
    reference: bool = False


@dataclass(frozen=True, slots=True)
class WrittenAnswer:
    """A text answer with the rubric's key points beside it, for the person who reviews it."""

    text: str
    key_points: tuple[str, ...] = ()


Exhibit = LayerTable | Measurement | FigureShown | WrittenAnswer


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a hand-in something stands.

    Attributes:
        cell: Index of the cell; for code in a fence, of the cell that holds it.
        line: Line in that cell, from 1; None for the cell as a whole.
        source: The text of that line.
    """

    cell: int
    line: int | None = None
    source: str = ""

    def __str__(self) -> str:
        return f"cell {self.cell}" if self.line is None else f"cell {self.cell}, line {self.line}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one check says.

    Attributes:
        share: Share of the criterion's points, from 0 to 1; None when it could not be judged (`unscored`).
        rationale: What was seen and what was expected, with units.
        hint: What to do about it, without giving the answer away.
        exhibits: What to show beside it.
        borderline: Within the noise of a threshold, decided in the student's favour.
        instructor: What only the instructor reads: the expected result, the test that failed.
        place: The code that was judged, or what lost points in it; None where that cannot be said.
    """

    share: float | None
    rationale: str
    hint: str = ""
    exhibits: tuple[Exhibit, ...] = ()
    borderline: bool = False
    instructor: str = ""
    place: Place | None = None

    @property
    def status(self) -> Status:
        """Passed, partial, failed, or unscored."""
        if self.share is None:
            return "unscored"
        return "passed" if self.share >= 1 else "partial" if self.share > 0 else "failed"


@dataclass(frozen=True, slots=True)
class Override:
    """Points that a person gave in place of a check's.

    Attributes:
        points: What counts.
        reason: Why, in the person's words; may be empty.
        by: Who.
        at: When (ISO 8601, UTC).
        automatic: Points that the check gives now; None while it gives none.
        clash: What has changed under the override since it was set, for a person; empty if nothing has.
    """

    points: float
    reason: str
    by: str
    at: str
    automatic: float | None
    clash: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """What a person wrote to the student."""

    text: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Lateness:
    """What being late costs.

    Attributes:
        hours: After the deadline; None when it is late, but nobody knows by how much.
        penalty: Points taken off the sum of the questions.
        words: How that came about, for a person.
    """

    hours: float | None
    penalty: float
    words: str


@dataclass(frozen=True, slots=True)
class CriterionGrade:
    """A verdict with its points. An unscored criterion has 0 points and needs a person.

    Where a person set points, `points` and `verdict.share` are the person's, and `override` says so; rationale and
    exhibits stay those of the check.
    """

    id: str
    title: str
    check: str
    max_points: float
    points: float
    public: bool
    verdict: Verdict
    override: Override | None = None
    comment: Comment | None = None


@dataclass(frozen=True, slots=True)
class QuestionGrade:
    """The grade of one question.

    Attributes:
        comment: A person's, on the question as a whole.
        seconds: Wall time of its cells; 0 where none ran.
        limits: Bounds that ended one of its cells.
    """

    id: str
    title: str
    max_points: float
    points: float
    ran: Ran
    error: ErrorTrace | None
    answer: Answer
    criteria: tuple[CriterionGrade, ...]
    notes: tuple[Note, ...] = ()
    comment: Comment | None = None
    seconds: float = 0.0
    limits: tuple[LimitHit, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether a person has set all of it, and so has looked at its cells."""
        return all(c.override for c in self.criteria)

    @property
    def status(self) -> Status:
        """Unscored while any criterion is; else passed, partial or failed by the points."""
        if any(c.verdict.share is None for c in self.criteria):
            return "unscored"
        if all(c.verdict.status == "passed" for c in self.criteria):
            return "passed"
        return "partial" if self.points > 0 else "failed"


@dataclass(frozen=True, slots=True)
class Grade:
    """What one submission earned, and what still needs a person.

    Attributes:
        submission: Id of the submission.
        student: Name to show.
        file: File to show.
        assignment: Name of the assignment.
        title: Title of the assignment.
        rubric_hash: Hash of the whole rubric.
        profile: Profile of the run.
        points: Points earned so far; a penalty for being late is taken off.
        max_points: Points of all questions.
        questions: One per question.
        notes: Notes that belong to no question.
        problem: Why there is no trace (an unreadable file, a fault of the grader); empty if there is one.
        fault: Whose the problem is: `student` hands in again, `operator` looks at the machine.
        student_id: The learning platform's number for the student.
        digest: SHA-256 of the hand-in's content; empty where there is no trace.
        late: The platform marked the hand-in as late.
        handed_in: When it was handed in (ISO 8601), where that is known.
        lateness: What being late costs; None when it costs nothing.
        override: Points that a person gave a hand-in which could not be graded; then it has no `problem` any more.
        comment: A person's, on the hand-in as a whole.
        seconds: Wall time of the whole run; 0 where there is no trace.
    """

    submission: str
    student: str
    file: str
    assignment: str
    title: str
    rubric_hash: str
    profile: Profile
    points: float
    max_points: float
    questions: tuple[QuestionGrade, ...] = ()
    notes: tuple[Note, ...] = ()
    problem: str = ""
    fault: Literal["", "student", "operator"] = ""
    student_id: str = ""
    digest: str = ""
    late: bool = False
    handed_in: str = ""
    lateness: Lateness | None = None
    override: Override | None = None
    comment: Comment | None = None
    seconds: float = 0.0

    @property
    def needs_review(self) -> bool:
        """True while anything is unscored, or nobody is sure which cells answer a question or how late it came."""
        late = self.lateness is not None and self.lateness.hours is None
        unsettled = (q.status == "unscored" or (q.answer.unsure and not q.settled) for q in self.questions)
        return bool(self.problem) or late or any(unsettled)

    @property
    def unscored_points(self) -> float:
        """Points that are neither earned nor lost yet: all of them after a fault of the grader."""
        if self.fault == "operator":
            return self.max_points
        return sum(c.max_points for q in self.questions for c in q.criteria if c.verdict.share is None)


# --- gradebook -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """One thing that a person must look at.

    Attributes:
        submission: Id of the hand-in.
        student: Name to show.
        question: Id of the question; empty for the hand-in as a whole.
        criterion: Id of the criterion; empty for the whole question.
        points: How many points hang on it.
        why: Why it waits.
    """

    submission: str
    student: str
    question: str
    criterion: str
    points: float
    why: str

    @property
    def place(self) -> str:
        """`q6/layers`, `q6`, or nothing."""
        return "/".join(filter(None, (self.question, self.criterion)))


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the history of a hand-in: when (ISO 8601, UTC), who, where (`q6/layers`), what."""

    at: str
    by: str
    place: str
    what: str


@dataclass(frozen=True, slots=True)
class Change:
    """A criterion's points before and after; None where it was unscored or was not there."""

    question: str
    criterion: str
    before: Points
    after: Points

    @property
    def place(self) -> str:
        """`q6/layers`, `late` for the penalty, `all` for points that a person gave the whole hand-in."""
        return "/".join(filter(None, (self.question, self.criterion)))


@dataclass(frozen=True, slots=True)
class Move:
    """A hand-in whose points changed.

    Attributes:
        submission: Its id.
        student: Name to show.
        before: Points before; None for a hand-in that had no grade.
        after: Points now; None for one that cannot be graded any more.
        changes: What made it move.
    """

    submission: str
    student: str
    before: Points
    after: Points
    changes: tuple[Change, ...]

    @property
    def by(self) -> float:
        """Points more, or less where negative."""
        return round((self.after or 0.0) - (self.before or 0.0), 2)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a new scoring changed.

    Attributes:
        compared: Hand-ins that had a grade before.
        moves: Those whose points, or the points of one of whose criteria, are others now.
        clashes: Overrides under which the check's verdict changed: student, place, what changed.
    """

    compared: int
    moves: tuple[Move, ...]
    clashes: tuple[tuple[str, str, str], ...]

    @property
    def by_criterion(self) -> Mapping[str, tuple[Change, ...]]:
        """The changes of the class by place, most frequent first."""
        found: dict[str, list[Change]] = {}
        for change in (change for move in self.moves for change in move.changes):
            found.setdefault(change.place, []).append(change)
        return {place: tuple(found[place]) for place in sorted(found, key=lambda place: -len(found[place]))}
