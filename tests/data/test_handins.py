"""Small hand-ins written as the field notes describe them: each runs offline to its end, with the store.

Without the store the same text fails where real hand-ins fail. Both shares are printed.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from grader.execute import Workplace, warmed
from grader.execute.layout import Stock
from grader.ingest import HandIn, find
from grader.pipeline import run
from grader.records import Trace
from grader.rubric import load_rubric
from grader.rubric.models import BRIDGES

FOLDER = Path(__file__).parent / "handins"
PATHS = sorted(path for path in FOLDER.iterdir() if path.suffix in {".ipynb", ".py"})
AT_ONCE = 2

pytestmark = [
    pytest.mark.kernel,
    pytest.mark.torch,
    pytest.mark.tensorflow,
    pytest.mark.data,
    pytest.mark.timeout(2400),  # all hand-ins run before the first test
]


@dataclass(frozen=True)
class Outcome:
    """What came of one hand-in."""

    errors: tuple[str, ...]
    notes: tuple[tuple[str, str, str], ...]

    @property
    def ran(self) -> bool:
        return not self.errors


def outcome(trace: Trace) -> Outcome:
    (question,) = trace.questions
    runs = (*trace.shared, *question.runs)
    errors = [f"{run.error.type}: {run.error.message}" for run in runs if run.error]
    assert runs
    noted = (*trace.notes, *(question.observation.notes if question.observation else ()))
    return Outcome(tuple(errors), tuple((note.kind, note.subject, note.message) for note in noted))


async def run_all(place: Workplace) -> dict[str, Outcome]:
    rubric = load_rubric(FOLDER / "rubric.yaml")
    slots = asyncio.Semaphore(AT_ONCE)

    async def one(hand_in: HandIn, place: Workplace) -> tuple[str, Outcome]:
        async with slots:
            trace, _ = await run(hand_in, rubric, place)
            return hand_in.path.stem, outcome(trace)

    async with warmed(place) as warm:
        return dict(await asyncio.gather(*(one(hand_in, warm) for hand_in in find(PATHS))))


def bare(place: Workplace) -> Workplace:
    """The same sandbox, where nothing is served and old code meets today's libraries."""
    return replace(place, data=(), files=(), stock=Stock(), weights={}, bridges_off=tuple(BRIDGES))


@pytest.fixture(scope="module")
def served(workplace) -> dict[str, Outcome]:
    return asyncio.run(run_all(workplace))


# Kind and subject of a note that has to be in the trace. Real digits under their own name are no substitution, and what
# the rubric lays out under a fixed name is said by the rubric's stand-ins.
SAID = {
    "colab_drive": [
        ("stand-in", "/content/drive/MyDrive/Assignments/cats_and_dogs/train"),
        ("substitution", "google.colab"),
    ],
    "colab_files_and_output": [("substitution", "files.upload")],
    "kaggle_input": [
        ("stand-in", "/kaggle/input/iris-flowers/train.csv"),
        ("stand-in", "/kaggle/input/chest-xray-pneumonia/chest_xray/train"),
    ],
    "keras_cifar10": [("stand-in", "cifar10")],
    "keras_fashion_cifar100": [("stand-in", "cifar100"), ("stand-in", "fashion_mnist")],
    "keras_get_file": [("substitution", "https://example.org/pictures/cat.jpg")],
    "keras_mobilenet_top": [("stand-in", "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5")],
    "keras_old_names": [
        ("command", "pip install keras==2.2.4"),
        *(("substitution", name) for name in ("file_names", "generators", "image_data_generator", "keras_next")),
        *(("substitution", name) for name in ("layer_modules", "lr", "np_utils")),
    ],
    "keras_transfer_old": [("stand-in", "mobilenet_1_0_128_tf_no_top.h5")],
    "keras_vgg16_no_top": [("stand-in", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5")],
    "one_picture": [("substitution", "C:\\Users\\HP\\Downloads\\dog.jpg"), ("substitution", "images/test_image.png")],
    "path_to_folder": [("stand-in", "path/to/train"), ("stand-in", "path/to/validation")],
    "pip_lines": [("command", "pip3 install --upgrade scikit-learn")],
    "requests_picture": [("substitution", "https://example.org/data/iris.csv")],
    "tensorflow_datasets_load": [("substitution", "tensorflow_datasets")],
    "torch_cifar10": [("stand-in", "cifar10"), ("stand-in", "cifar100")],
    "torch_fashion_kmnist": [("stand-in", "fashion_mnist"), ("stand-in", "kmnist")],
    "torch_hub_url": [("stand-in", "squeezenet1_1-b8a52dc0.pth")],
    "torch_old_names": [("substitution", name) for name in ("scheduler_verbose", "torch_next", "torchsummary")],
    "torch_pretrained_true": [("stand-in", "alexnet-owt-7be5be79.pth")],
    "torch_svhn": [("stand-in", "svhn")],
    "torch_weights": [("stand-in", "resnet18-f37072fd.pth")],
    "torch_windows_folder": [("stand-in", "D:\\ML\\chest_xray\\train")],
    "urllib_picture": [("substitution", "https://example.org/pictures/cat.jpg")],
    "wget_and_curl": [("substitution", "https://example.org/data/flowers.csv")],
}
REAL = {"keras_mnist", "sklearn_openml", "tensorflow_before_torchvision", "torch_mnist"}
LAID = {"torch_image_folder", "writes_into_its_data"}


def test_there_is_a_hand_in_for_each_way_to_ask_for_data():
    assert len(PATHS) >= 30
    assert {path.stem for path in PATHS} == SAID.keys() | REAL | LAID


@pytest.mark.parametrize("name", [path.stem for path in PATHS])
def test_a_hand_in_runs_offline_to_its_end(served, name):
    assert served[name].errors == ()


@pytest.mark.parametrize("name", SAID)
def test_each_substitution_is_in_the_trace(served, name):
    noted = {(kind, subject) for kind, subject, _ in served[name].notes}
    assert not set(SAID[name]) - noted, noted


def test_without_the_store_almost_none_of_them_runs(served, workplace, capsys):
    without = asyncio.run(run_all(bare(workplace)))
    shares = {"with": served.values(), "without": without.values()}
    ran = {words: sum(one.ran for one in outcomes) for words, outcomes in shares.items()}
    with capsys.disabled():
        for words, count in ran.items():
            print(f"\n{count} of {len(PATHS)} hand-ins run to their end {words} the store", end="")  # noqa: T201
    assert ran["without"] <= 6 < len(PATHS) == ran["with"]
