"""Every row of the table is held to the real error of the installed framework."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from importlib import resources
from typing import Any

import pytest

from grader.records import Answer, CellRun, ErrorTrace, Layer, Model, Observation, QuestionTrace, Training
from grader.report.explain import TABLE, Explanation, explain, silent_mistakes

ROWS = tomllib.loads(resources.files("grader.report").joinpath(TABLE).read_text("utf-8"))["error"]
CHANNELS = "The number of channels does not fit"
AXES = "An axis is missing or one too many"
LABELS = "Labels and loss do not fit"
SMALL = "The maps are smaller than the kernel"
RANGE = "A label is out of range"
RESHAPE = "A reshape does not keep the number of values"
TYPES = "Number types do not fit"
OLD = "The name is from an older version"
SIZES = "Arrays of unequal sizes are combined"
INDEX = "An index is past the end"
FILE = "A file is not there"
LINEAR = "The input of a linear layer has the wrong size"
DEVICE = "Tensors lie on different devices"
NO_GPU = "A graphics card is taken for granted"
INPLACE = "A tensor that backward needs was changed in place"
TENSOR = "Pictures are not tensors yet"
OPTIMIZER = "The optimizer gets no weights"
SCALAR = "One number is wanted, and there are many"
ARRAY = "A NumPy array stands where a tensor is wanted"
LOADER = "A batch is taken from a loader in the wrong way"
MEMORY = "The memory is not enough"
NO_FRAMEWORK = "The framework is not installed"
UNPACK = "A line takes apart more or fewer values than there are"

TORCH = [
    ("nn.Linear(400, 84)(torch.zeros(64, 120))", LINEAR, "expects 400 numbers per row and is given 120"),
    (
        "F.cross_entropy(torch.zeros(256, 10), torch.zeros(64).long())",
        "The batch size changes inside the network",
        "256",
    ),
    ("nn.Conv2d(1, 6, 5)(torch.zeros(64, 3, 32, 32))", CHANNELS, "made for 1 input channels and is given 3"),
    ("nn.Conv2d(1, 6, 5)(torch.zeros(64, 784))", AXES, "`conv2d` wants batch × channels × height × width"),
    ("nn.Linear(4, 2)(torch.zeros(1, 4, device='meta'))", DEVICE, ""),
    ("torch.zeros(3) + torch.zeros(3, device='meta')", DEVICE, ""),
    ("torch.zeros(3, device='meta').numpy()", DEVICE, ""),
    ("nn.Linear(4, 2)(torch.zeros(1, 4).double())", TYPES, ""),
    ("nn.Conv2d(1, 2, 3)(torch.zeros(1, 1, 8, 8, dtype=torch.uint8))", TYPES, ""),
    ("torch.tensor(np.array(['cat', 1], dtype=object))", TYPES, ""),
    ("F.cross_entropy(torch.zeros(4, 10), torch.zeros(4))", LABELS, "64-bit integers"),
    ("F.cross_entropy(torch.zeros(4, 10), torch.zeros(4, 10).long())", LABELS, "one class number per picture"),
    ("F.cross_entropy(torch.zeros(4, 10), torch.zeros(4, 1).long())", LABELS, "one class number per picture"),
    ("F.binary_cross_entropy(torch.zeros(4), torch.zeros(4).long())", LABELS, ""),
    (
        "F.binary_cross_entropy_with_logits(torch.zeros(4, 1), torch.zeros(4))",
        LABELS,
        "shape (4) and the output (4, 1)",
    ),
    ("F.cross_entropy(torch.zeros(4, 10), torch.tensor([1, 2, 10, 3]))", RANGE, "A label has the number 10"),
    ("torch.zeros(64, 16, 7, 7).view(64, 400)", RESHAPE, "50176 values cannot be arranged as (64, 400)"),
    ("torch.zeros(4, 3, 2).transpose(1, 2).view(4, 6)", "A view of a transposed tensor", ""),
    ("nn.Conv2d(1, 6, 5)(torch.zeros(1, 1, 2, 2))", SMALL, "shrunk to 2 x 2"),
    ("nn.MaxPool2d(2)(torch.zeros(1, 1, 1, 1))", SMALL, "1x0x0"),
    ("torch.zeros(3).sum().backward()", "The loss is cut off from the weights", ""),
    (
        "x = torch.ones(3, requires_grad=True); y = (x * x).sum(); y.backward(); y.backward()",
        "Backward runs twice through one forward pass",
        "",
    ),
    ("x = torch.ones(3, requires_grad=True); y = x.exp(); y += 1; y.sum().backward()", INPLACE, ""),
    ("x = torch.ones(3, requires_grad=True); x += 1", INPLACE, ""),
    ("torch.ones(3, requires_grad=True).numpy()", "A tensor with a gradient is turned into an array", ""),
    (
        "nn.Linear(2, 3).load_state_dict(nn.Linear(2, 4).state_dict())",
        "Saved weights belong to another network",
        "Linear",
    ),
    ("nn.Module()(torch.zeros(1))", "The network has no forward", "`Module` has no method"),
    (
        "class Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(1, 2)\nNet()",
        "super().__init__() is missing",
        "",
    ),
    (
        "next(iter(DataLoader([torch.zeros(3, 2, 2), torch.zeros(3, 2, 3)], batch_size=2)))",
        "Pictures of one batch have different sizes",
        "(3, 2, 2) and (3, 2, 3)",
    ),
    ("next(iter(DataLoader([Image.new('L', (2, 2))])))", TENSOR, ""),
    ("transforms.Normalize((.5,), (.5,))(Image.new('L', (2, 2)))", TENSOR, ""),
    ("transforms.Normalize((.5,) * 3, (.5,) * 3)(torch.zeros(1, 4, 4))", CHANNELS, "shape (1, 4, 4)"),
    ("torch.zeros(4, 10) + torch.zeros(4, 3)", SIZES, "along axis 1 one has 10 and the other 3"),
    ("torch.cat([torch.zeros(1, 2, 28, 28), torch.zeros(1, 2, 27, 27)], 1)", SIZES, "28 is not 27"),
    ("nn.BatchNorm1d(3)(torch.zeros(1, 3))", "Batch normalisation of a single picture", ""),
    ("torch.optim.SGD([], lr=.1)", OPTIMIZER, ""),
    ("torch.optim.SGD(nn.Linear(1, 1).parameters, lr=.1)", OPTIMIZER, ""),
    ("torch.zeros(10).item()", SCALAR, ""),
    ("(torch.ones(3, requires_grad=True) * 2).backward()", SCALAR, ""),
    ("nn.Linear(2, 2)(np.zeros((1, 2)))", ARRAY, ""),
    ("nn.Conv2d(1, 2, 3)(np.zeros((1, 1, 4, 4)))", ARRAY, ""),
    ("iter(DataLoader([1])).next()", LOADER, ""),
    ("DataLoader([1])[0]", LOADER, ""),
    (
        "b = io.BytesIO(); torch.save(nn.Linear(1, 1), b); b.seek(0); torch.load(b)",
        "A whole model was saved instead of its weights",
        "",
    ),
    ("nn.Embedding(10, 3)(torch.tensor([10]))", INDEX, ""),
    ("torch.zeros(3)[5]", INDEX, ""),
    ("torch.zeros(10**15)", MEMORY, ""),
    ("torch.zeros(3).sum(1)", AXES, ""),
    ("bool(torch.zeros(10) == 1)", "Many comparisons stand where one answer is wanted", ""),
    ("nn.Linear(1, 1)()", "A call lacks an argument", "'input'"),
    ("torchvision.datasets.MNIST('/nowhere', download=False)", FILE, ""),
    ("torch.load('/nowhere/net.pt')", FILE, ""),
]

KERAS = [
    ("net(L.Flatten(), L.Dense(10)).fit(np.zeros((8, 27, 27)), y, verbose=0)", LINEAR, "784 numbers per row"),
    (
        "net(L.Dense(10), shape=(784,)).fit(x, y, verbose=0)",
        "The data does not have the shape that the model was built for",
        "(None, 784) and is given (None, 28, 28)",
    ),
    ("net(L.Conv2D(3, 3))", AXES, "`conv2d` wants 4 axes"),
    (
        "net(L.Conv2D(3, 3, name='conv'), shape=(28, 28, 1)).predict(np.zeros((8, 28, 28, 3)), verbose=0)",
        CHANNELS,
        "`conv` is made for 1",
    ),
    ("net(L.Flatten(), L.Dense(10), loss='categorical_crossentropy').fit(x, y, verbose=0)", LABELS, ""),
    ("net(L.Flatten(), L.Dense(10)).fit(x, np.eye(10)[y], verbose=0)", LABELS, ""),
    ("net(L.Flatten(), L.Dense(10)).fit(x, y + 10, verbose=0)", RANGE, ""),
    ("keras.Sequential([L.Input((28, 28)), L.Flatten()]).fit(x, y)", "The model is not compiled", ""),
    ("keras.Sequential([L.Dense(3)]).count_params()", "The model does not know its input shape", ""),
    ("net(L.Conv2D(3, 5), shape=(2, 2, 1))", SMALL, ""),
    ("net(L.MaxPooling2D(2), shape=(1, 1, 1))", SMALL, ""),
    ("keras.optimizers.SGD(lr=.1)", OLD, "do not know `lr`"),
    ("net(L.Flatten(), L.Dense(10)).predict_classes(x)", OLD, "no `predict_classes`"),
    ("net(L.Flatten(), L.Dense(10)).fit(x, y[:5], verbose=0)", "Pictures and labels differ in number", ""),
    ("L.Concatenate()([L.Input((4, 4, 2)), L.Input((3, 3, 2))])", SIZES, ""),
    ("L.Add()([L.Input((4, 4, 2)), L.Input((4, 4, 3))])", SIZES, ""),
    (
        "net(L.Flatten(), L.Dense(10)).fit(x, y, verbose=0).history['val_accuracy']",
        "The history has no such curve",
        "`val_accuracy`",
    ),
    ("net(L.Flatten(), L.Dense(10)).fit(x, y, verbose=0)['loss']", "The history is not the dictionary", ""),
    (
        "o = keras.optimizers.SGD(momentum=.9)\nfor n in (3, 4):\n    fitted(o, n)",
        "One optimizer is used for two models",
        "",
    ),
    ("np.sum(L.Input((3,)))", "A NumPy function is used while the network is built", ""),
    ("keras.models.load_model('net.keras')", FILE, ""),
    ("keras.utils.to_categorical(np.array([0, 1, 10]), 10)", INDEX, "classes must count from 0"),
]

NUMPY = [
    ("np.zeros(3) + np.zeros(4)", SIZES, "(3,) (4,)"),
    ("np.zeros(784).reshape(28, 27)", RESHAPE, "784 values cannot be arranged as (28,27)"),
    ("np.array([[1, 2], [3]])", "Rows of different lengths do not make an array", ""),
    ("np.zeros((2, 3)) @ np.zeros((2, 3))", "The shapes of a matrix product do not fit", ""),
    ("np.dot(np.zeros((2, 3)), np.zeros((2, 3)))", "The shapes of a matrix product do not fit", ""),
    ("np.concatenate([np.zeros((2, 3)), np.zeros((2, 4))])", SIZES, ""),
    ("np.zeros(10)[10]", INDEX, "the last of n is n − 1"),
    ("[1][1]", INDEX, ""),
    ("np.zeros(10)[1, 2]", AXES, ""),
    ("np.zeros(3).sum(axis=1)", AXES, ""),
    ("np.zeros(10)[1.0]", "An index is no whole number", ""),
    ("bool(np.zeros(3) == 1)", "Many comparisons stand where one answer is wanted", ""),
    ("np.float", OLD, "`np.float` is gone"),
    ("open('dataset/train.csv')", FILE, ""),
    ("import no_such_package", "A package is not installed", "`no_such_package`"),
    ("plt.plot([1])", "A module is used and not imported", "`plt` was never imported"),
    ("plot(history_)", "A name is used before it is defined", "`plot` has no value"),
    ("None.shape", "A function returned nothing", ""),
    ("(lambda self, x: x)(1)", "A call lacks an argument", "'x'"),
    ("a, b = 1, 2, 3", UNPACK, ""),
    ("import signal; signal.raise_signal(signal.SIGINT)", "The code takes too long", "a loop that never ends"),
    ("np.ones(10**15)", MEMORY, ""),
    ("for i in range(3)\n    pass", "Python cannot read the cell", ""),
    ("if True:\nx = 1", "Python cannot read the cell", ""),
]

PLOTS = [
    ("plt.imshow(np.zeros((1, 28, 28)))", "A picture has its channels in the wrong place", "gets (1, 28, 28)"),
    ("plt.plot(np.zeros(10), np.zeros(9))", "A curve has other numbers of x and y values", "10, x values for 9, y"),
]

# Messages of GPUs, which no machine without one can give; as PyTorch 2 words them.
OF_A_GPU = [
    ("RuntimeError", "Expected all tensors to be on the same device, but found at least two devices", DEVICE),
    ("RuntimeError", "Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor)", DEVICE),
    ("TypeError", "can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu() to copy it", DEVICE),
    ("AssertionError", "Torch not compiled with CUDA enabled", NO_GPU),
    ("RuntimeError", "Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU", NO_GPU),
    ("RuntimeError", "Attempting to deserialize object on a CUDA device but torch.cuda.is_available()", NO_GPU),
]


def provoked(code: str, names: dict[str, Any]) -> ErrorTrace:
    """The error that code of a student's really raises here, as a trace keeps it."""
    try:
        exec(compile(code, "cell", "exec"), names)
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001  whatever the frameworks raise
        return ErrorTrace(type(error).__name__, re.sub(r"\x1b\[\d+m", "", str(error))[:2000], 3, 1)
    pytest.fail(f"no error: {code}")


def expect(found: Explanation | None, name: str, words: str) -> None:
    assert found is not None
    assert found.name == name
    assert words in f"{found.means} {found.do}"
    assert "?" not in found.means
    assert "{" not in found.means + found.do


@pytest.fixture(scope="module")
def torch_names() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(
        "import io, torch, torchvision, numpy as np; from torch import nn; import torch.nn.functional as F\n"
        "from torch.utils.data import DataLoader; from torchvision import transforms; from PIL import Image",
        names,
    )
    return names


@pytest.fixture(scope="module")
def keras_names() -> dict[str, Any]:
    names: dict[str, Any] = {}
    exec(
        "import numpy as np, keras; from keras import layers as L\n"
        "def net(*layers, loss='sparse_categorical_crossentropy', shape=(28, 28)):\n"
        "    model = keras.Sequential([L.Input(shape), *layers]); model.compile('sgd', loss); return model\n"
        "def fitted(optimizer, n):\n"
        "    model = net(L.Flatten(), L.Dense(n)); model.compile(optimizer, 'mse')\n"
        "    model.fit(x, x[:, 0, :n], verbose=0)\n"
        "x = np.zeros((8, 28, 28), 'float32'); y = np.zeros(8, int)",
        names,
    )
    return names


@pytest.mark.torch
@pytest.mark.parametrize(("code", "name", "words"), TORCH)
def test_an_error_of_pytorch(torch_names: dict, code: str, name: str, words: str) -> None:
    expect(explain(provoked(code, dict(torch_names))), name, words)


@pytest.mark.tensorflow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("code", "name", "words"), KERAS)
def test_an_error_of_keras(keras_names: dict, code: str, name: str, words: str) -> None:
    expect(explain(provoked(code, dict(keras_names))), name, words)


@pytest.mark.parametrize(("code", "name", "words"), NUMPY)
def test_an_error_of_numpy_or_python(code: str, name: str, words: str) -> None:
    names: dict[str, Any] = {}
    exec("import numpy as np", names)
    expect(explain(provoked(code, names)), name, words)


@pytest.mark.data
@pytest.mark.parametrize(("code", "name", "words"), PLOTS)
def test_an_error_of_matplotlib(code: str, name: str, words: str) -> None:
    names: dict[str, Any] = {}
    exec("import matplotlib; matplotlib.use('agg'); import numpy as np, matplotlib.pyplot as plt", names)
    expect(explain(provoked(code, names)), name, words)


@pytest.mark.parametrize(("kind", "message", "name"), OF_A_GPU)
def test_an_error_of_a_gpu(kind: str, message: str, name: str) -> None:
    expect(explain(ErrorTrace(kind, message, 1)), name, "")


@pytest.mark.parametrize("name", ["torch", "torchvision", "tensorflow", "keras"])
def test_a_framework_that_is_not_installed(name: str) -> None:
    code = f"import sys; sys.path = [path for path in sys.path if 'site-packages' not in path]; import {name}"
    command = [sys.executable, "-I", "-S", "-c", code]
    message = subprocess.run(command, capture_output=True, text=True, check=False).stderr.strip().splitlines()[-1]
    found = explain(ErrorTrace(*message.split(": ", 1), 1))
    expect(found, NO_FRAMEWORK, f"`{name}` is not installed")
    assert found.do.startswith(f"On your own machine install it: pip install {name}.")


def test_every_row_is_provoked_by_a_test() -> None:
    tested = {case[1] for case in (*TORCH, *KERAS, *NUMPY, *PLOTS)} | {name for *_, name in OF_A_GPU} | {NO_FRAMEWORK}
    assert {row["name"] for row in ROWS} <= tested
    assert len(tested) > 25


def test_an_echo_and_an_unknown_error_have_no_explanation() -> None:
    assert explain(ErrorTrace("NameError", "name 'np' is not defined", 4, 1, "np", echo_of=2)) is None
    assert explain(ErrorTrace("MyError", "something of the student's own", 4)) is None


def test_a_message_with_braces_fills_nothing() -> None:
    found = explain(ErrorTrace("ModuleNotFoundError", "No module named 'a{__class__}'", 1))
    assert found is None or "class" not in found.means
    assert explain(
        ErrorTrace("TypeError", "f() missing 1 required positional argument: '{0.__class__}'", 1)
    ) == Explanation(
        "A call lacks an argument",
        "The call does not give '{0.__class__}'.",
        "Compare the call with the `def`. Methods need `self` as their first parameter.",
    )


@pytest.mark.timeout(10)
@pytest.mark.timeout(30)  # quadratic patterns would take minutes
def test_a_hostile_message_takes_no_time() -> None:
    for start in ("", "Invalid input shape for input ", "of layer '", "target and output must have the same rank", "("):
        explain(ErrorTrace("ValueError", start + "1, " * 700, 1))
        explain(ErrorTrace("ValueError", start + "conv" * 500, 1))


def trained(last: str, loss: str) -> QuestionTrace:
    model = Model("net", "Net", "torch", layers=(Layer("fc", "Linear"), Layer("out", last)))
    return QuestionTrace(
        "q6", Answer("q6"), observation=Observation("q6", models=(model,), trainings=(Training(0, "torch", loss=loss),))
    )


def test_a_softmax_before_a_loss_that_applies_it_is_told() -> None:
    (found,) = silent_mistakes(trained("Softmax", "CrossEntropyLoss"))
    assert found.name == "Softmax (or sigmoid) is applied twice"
    assert "`CrossEntropyLoss`" in found.means
    assert list(silent_mistakes(trained("LogSoftmax", "CrossEntropyLoss"))) == []
    assert list(silent_mistakes(trained("Softmax", "MSELoss"))) == []
    assert len(list(silent_mistakes(trained("Sigmoid", "BCEWithLogitsLoss")))) == 1
    assert list(silent_mistakes(QuestionTrace("q1", Answer("q1")))) == []


@pytest.mark.tensorflow
def test_keras_own_warning_of_a_softmax_twice_is_told(keras_names: dict) -> None:
    names = dict(keras_names)
    with pytest.warns(UserWarning, match="from_logits=True") as warned:
        exec(
            "loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)\n"
            "net(L.Flatten(), L.Dense(10, 'softmax'), loss=loss).fit(x, y, verbose=0)",
            names,
        )
    run = CellRun(3, "ok", text=f"UserWarning: {warned[0].message}")
    (found,) = silent_mistakes(QuestionTrace("q6", Answer("q6"), (run,)))
    assert "from_logits=True" in found.means
