"""Bridges for old PyTorch code: each piece as students write it, with the bridges and without them."""

import pytest

pytestmark = pytest.mark.torch

PREPARE = """
import torch, torchvision
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset
loader = DataLoader(TensorDataset(torch.arange(12.0).reshape(4, 3), torch.arange(4)), batch_size=2)
net = nn.Sequential(nn.Conv2d(1, 4, 5), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 24 * 24, 10))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
"""
# bridge -> the code, and the error without the bridge
PIECES = {
    "torch_next": ("images, labels = iter(loader).next()\nassert images.shape == (2, 3)", "AttributeError"),
    "scheduler_verbose": (
        (
            "from torch.optim import lr_scheduler\n"
            "plateau = lr_scheduler.ReduceLROnPlateau(optimizer, 'min', patience=0, factor=0.5, verbose=True)\n"
            "for loss in (1.0, 2.0): plateau.step(loss)\n"
            "assert optimizer.param_groups[0]['lr'] == 0.05\n"
            "lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1, verbose=False)"
        ),
        "TypeError",
    ),
    "transforms": (
        (
            "from torchvision import transforms\n"
            "small = transforms.Compose([transforms.Scale(8), transforms.ToTensor()])\n"
            "from PIL import Image\nassert small(Image.new('L', (16, 16))).shape == (1, 8, 8)\n"
            "assert transforms.RandomSizedCrop(4)(Image.new('L', (16, 16))).size == (4, 4)"
        ),
        "AttributeError",
    ),
    "torch_load": (
        (
            "torch.save(net, 'net.pth')\nagain = torch.load('net.pth')\n"
            "with open('net.pth', 'rb') as file: torch.load(file, map_location='cpu')\n"
            "assert again(torch.zeros(1, 1, 28, 28)).shape == (1, 10)"
        ),
        "UnpicklingError",
    ),
    "model_utils": (
        (
            "from torchvision.models.utils import load_state_dict_from_url\n"
            "state = load_state_dict_from_url('https://download.pytorch.org/models/alexnet-owt-7be5be79.pth')\n"
            "net.load_state_dict(state)"
        ),
        "ModuleNotFoundError",
    ),
    "torchsummary": (
        (
            "from torchsummary import summary\nsummary(net, (1, 28, 28))\nsummary(net, (1, 28, 28), device='cpu')\n"
            "import torchinfo\nprint(torchinfo.summary(net, input_size=(8, 1, 28, 28)))\nassert net.training"
        ),
        "ModuleNotFoundError",
    ),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("old-torch")


@pytest.fixture(scope="module")
def bridged(hand_in, folder):
    return hand_in({"prepare": PREPARE} | {name: code for name, (code, _) in PIECES.items()}, folder)


@pytest.fixture(scope="module")
def without(hand_in, folder):
    pieces = {"prepare": PREPARE} | {name: code for name, (code, _) in PIECES.items()}
    return hand_in(pieces, folder, bridges_off=list(PIECES))


@pytest.mark.parametrize("name", PIECES)
def test_old_code_runs_and_the_bridge_is_noted(bridged, name):
    assert bridged[name]["error"] == ""
    assert ("substitution", name) in {(note["kind"], note["subject"]) for note in bridged[name]["notes"]}
    assert not [note for note in bridged[name]["notes"] if note["kind"] in {"missing", "probe"}]


@pytest.mark.parametrize("name", PIECES)
def test_without_the_bridge_the_error_is_the_librarys(without, name):
    assert without[name]["error"].partition(":")[0] == PIECES[name][1]
    assert ("substitution", name) not in {(note["kind"], note["subject"]) for note in without[name]["notes"]}


def test_new_code_uses_no_bridge(bridged):
    assert (bridged["prepare"]["error"], bridged["prepare"]["notes"]) == ("", [])


def test_the_summary_counts_shapes_and_parameters(bridged):
    printed = bridged["torchsummary"]["printed"]
    assert printed.count("Total params: 23,154") == 3
    rows = [line.split() for line in printed.splitlines() if "Conv2d-1" in line]
    assert rows == [["Conv2d-1", "[-1,", "4,", "24,", "24]", "104"]] * 3
