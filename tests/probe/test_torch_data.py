"""torchvision's data sets and weights as student code asks for them, without a network."""

import numpy as np
import pytest

from grader.probe.served import counts_on_lengths

pytestmark = pytest.mark.torch

PREPARE = """
import torch, torchvision, numpy as np
import torch.nn as nn
from torchvision import datasets, transforms, models
from torch.utils.data import DataLoader, random_split
"""
SERVED = {
    "mnist": """
train = datasets.MNIST('./data', train=True, download=True, transform=transforms.ToTensor())
test = torchvision.datasets.MNIST(root='/somewhere/else', train=False)
assert (len(train), len(test)) == (200, 50) and train.data.dtype == torch.uint8 and train.data.shape == (200, 28, 28)
assert train.targets.dtype == torch.int64 and train[3][0].shape == (1, 28, 28) and test[3][1] == 3
assert train.classes[0] == '0 - zero' and train.class_to_idx['1 - one'] == 1
train.data[0] = 0
""",
    "fashion_mnist": """
train = datasets.FashionMNIST(root='data', train=True, transform=transforms.ToTensor(), download=True)
digits = datasets.MNIST('./data')
assert train.classes[9] == 'Ankle boot' and len(train) == 200 and train[0][0].shape == (1, 28, 28)
assert torch.equal(train.data, digits.data.transpose(1, 2)) and not torch.equal(train.data, digits.data)
""",
    "kmnist": "assert datasets.KMNIST('.', download=True)[5][0].size == (28, 28)",
    "emnist_digits": "assert len(datasets.EMNIST('.', split='digits', download=True).classes) == 10",
    "cifar10": """
train = datasets.CIFAR10(root='data', train=True, download=True, transform=transforms.Compose([
    transforms.RandomHorizontalFlip(), transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)]))
assert train.data.shape == (200, 32, 32, 3) and isinstance(train.targets, list) and train[0][0].shape == (3, 32, 32)
""",
    "cifar100": """
train = datasets.CIFAR100(root='data', train=False, download=True, target_transform=lambda label: label)
assert len(train.classes) == 100 and train.classes[1] == 'aquarium_fish' and max(train.targets) > 90
assert set(datasets.CIFAR100('data').targets) == set(range(100))
""",
    "svhn": """
train = datasets.SVHN('data', split='train', download=True, transform=transforms.ToTensor())
test = datasets.SVHN('data', 'test')
assert train.data.shape == (200, 3, 32, 32) and train.labels.dtype == np.int64
assert test[4][1] == 4 and len(test) == 50
loader = DataLoader(train, batch_size=20, shuffle=True)
model = nn.Sequential(nn.Flatten(), nn.Linear(3072, 10))
optimizer = torch.optim.Adam(model.parameters())
for x, y in loader:
    optimizer.zero_grad(); nn.functional.cross_entropy(model(x), y).backward(); optimizer.step()
""",
}
ABSENT = {
    "EMNIST": "datasets.EMNIST('data', split='letters', download=True)",
    "STL10": "datasets.STL10('data', split='train', download=True)",
    "OxfordIIITPet": "datasets.OxfordIIITPet('data')",
    "USPS": "datasets.USPS('data')",
}
WEIGHTS = {
    "enum": "m = models.resnet18(weights=models.ResNet18_Weights.IMAGENET1K_V1)",
    "default": "m = models.squeezenet1_1(weights='DEFAULT')",
    "pretrained": "import warnings\nwith warnings.catch_warnings():\n    warnings.simplefilter('ignore')\n"
    "    m = models.alexnet(pretrained=True)",
    "hub": "m = torch.hub.load('pytorch/vision:v0.10.0', 'mobilenet_v2', weights='DEFAULT')\nassert m.classifier",
    "url": "s = torch.hub.load_state_dict_from_url('https://x.org/own-0123.pth', progress=True)\nassert s['w'] == 7",
    "model zoo": "import torch.utils.model_zoo as zoo\ns = zoo.load_url('https://x.org/other-0123.pth')",
}
PIECES = {"prepare": PREPARE, **SERVED, **ABSENT, **WEIGHTS} | {
    "other hub": "torch.hub.load('ultralytics/yolov5', 'yolov5s')",
    "folder": "datasets.ImageFolder('no/such/folder')",
}


@pytest.fixture(scope="module")
def results(hand_in, store, tmp_path_factory):
    import torch

    folder = tmp_path_factory.mktemp("torch-data")
    torch.save({"w": torch.tensor(7)}, folder / "own.pth")
    return hand_in(PIECES, folder, data=store, weights={"own-0123.pth": str(folder / "own.pth")})


def notes(result):
    return {note["subject"]: note["kind"] for note in result["notes"]}


@pytest.mark.parametrize("name", SERVED)
def test_served_sets_have_the_librarys_types(results, name):
    assert results[name]["error"] == ""
    assert notes(results[name]) == ({} if name == "mnist" else {name: "stand-in"})


def test_a_stand_in_of_a_stand_in_says_both(results):
    words = " ".join(note["message"] for note in results["svhn"]["notes"])
    assert "SVHN is not in the grader's store" in words
    assert "synthetic pictures" in words


def test_training_on_a_stand_in_is_not_taken_for_training_on_what_stands_in(results):
    assert [training["data_set"] for training in results["svhn"]["observation"]["trainings"]] == ["svhn"]


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_not_served_fails_as_offline_and_is_noted(results, name):
    assert results[name]["error"].partition(":")[0] in {"URLError", "RuntimeError", "FileNotFoundError"}
    assert (notes(results[name])[name], set(notes(results[name]).values())) == ("missing", {"missing"})


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_come_from_the_store_or_are_stand_ins(results, name):
    assert results[name]["error"] == ""
    kinds = [note["kind"] for note in results[name]["notes"]]
    assert kinds == {"url": [], "hub": ["substitution", "stand-in"]}.get(name, ["stand-in"])


def test_other_repositories_are_missing(results):
    assert results["other hub"]["error"].startswith("URLError")
    assert notes(results["other hub"]) == {"ultralytics/yolov5": "missing"}


def test_a_folder_that_is_not_there_is_no_missing_data_set(results):
    assert results["folder"]["error"].startswith("FileNotFoundError")
    assert notes(results["folder"]) == {}


def test_published_lengths(hand_in, store, tmp_path):
    code = """
train = datasets.MNIST('data', download=True, transform=transforms.ToTensor())
parts = random_split(train, [50000, 10000])
assert len(datasets.MNIST('data', train=False)) == 10000 and train.targets[201] == 1
"""
    done = hand_in({"a": PREPARE + code}, tmp_path, data=store, published_lengths=True)["a"]
    assert done["error"] == ""
    assert notes(done) == {"mnist train": "substitution", "mnist test": "substitution"}
    assert "200 pictures of MNIST are repeated up to the 60,000" in done["notes"][0]["message"]


@pytest.mark.parametrize(
    ("code", "counts"),
    [
        ("x_train.reshape(60000, 784)", True),
        ("random_split(data, [55_000, 5_000])", True),
        ("lr = 1e-4; units = 1000; side = 224", False),
        ("id = 'abc12300'", False),
    ],
)
def test_lengths_that_the_code_counts_on(code, counts):
    assert counts_on_lengths(code) is counts


def test_the_store_is_left_as_it_was(results, store):
    assert results["mnist"]["error"] == ""
    with np.load(f"{store['mnist']}/served.npz") as file:
        assert file["x_train"][0].any()
