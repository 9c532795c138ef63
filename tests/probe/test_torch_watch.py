"""The PyTorch watcher on small questions, which run one after another in one process, as in a kernel."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.records import Observation

pytestmark = pytest.mark.torch

IMPORTS = """
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import DataLoader, TensorDataset
"""
LENET = """
class LeNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2, self.c3 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5), nn.Conv2d(16, 120, 5)
        self.pool = nn.AvgPool2d(2)
        self.f1, self.f2 = nn.Linear(120, 84), nn.Linear(84, 10)
    def forward(self, x):
        x = self.pool(torch.tanh(self.c1(x)))
        x = self.pool(torch.tanh(self.c2(x)))
        x = torch.tanh(self.c3(x)).view(x.size(0), -1)
        return self.f2(torch.tanh(self.f1(x)))
"""
TRAIN = """
def train(model, loader, epochs, optimizer, loss_function=nn.CrossEntropyLoss()):
    for _ in range(epochs):
        for x, y in loader:
            optimizer.zero_grad()
            loss_function(model(x), y).backward()
            optimizer.step()
def toy(rows, *shape):
    torch.manual_seed(0)
    return TensorDataset(torch.randn(rows, *shape), torch.arange(rows) % 10)
"""
MNIST = """
from torchvision import datasets, transforms
def evaluate(model, loader):
    model.eval()
    with torch.no_grad():
        return sum((model(x).argmax(1) == y).sum().item() for x, y in loader) / len(loader.dataset)
small = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
normal = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
"""
INCEPTION = """
class Inception(nn.Module):
    def __init__(self, i, a, b):
        super().__init__()
        self.one = nn.Conv2d(i, a, 1)
        self.three = nn.Sequential(nn.Conv2d(i, b, 1), nn.ReLU(), nn.Conv2d(b, b, 3, padding=1))
    def forward(self, x):
        return torch.cat([F.relu(self.one(x)), F.relu(self.three(x))], 1)
"""
LIGHTNING = """
class Lit(nn.Module):
    def __init__(self):
        super().__init__()
        self.net, self.loss = nn.Sequential(nn.Flatten(), nn.Linear(16, 10)), nn.CrossEntropyLoss()
    def training_step(self, batch, index):
        x, y = batch
        return self.loss(self.net(x), y)
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=0.01)
class LitForward(Lit):
    def forward(self, x):
        return self.net(x)
class Trainer:
    def fit(self, module, loader):
        optimizer = module.configure_optimizers()
        for epoch in range(2):
            for index, batch in enumerate(loader):
                optimizer.zero_grad()
                module.training_step(batch, index).backward()
                optimizer.step()
lit, lit_forward = Lit(), LitForward()
for module in (lit, lit_forward):
    Trainer().fit(module, DataLoader(toy(20, 4, 4), batch_size=8))
"""
HEAVY = """
import grader.probe.torch_budget, grader.probe.torch_loaders as loaders
least, grader.probe.torch_budget.least_flops = grader.probe.torch_budget.least_flops, lambda training: 0.0
usual, loaders.LARGEST_STEP = loaders.LARGEST_STEP, 3 * 3 * 2 * 650.0
deep = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
drawn = []
def grouped(rows):
    images, labels = torch.stack([row[0] for row in rows]), torch.tensor([row[1] for row in rows])
    return {"image": images, "label": labels, "name": ["a"] * len(rows)}
heavy_loader = DataLoader(toy(40, 1, 8, 8), batch_size=20, collate_fn=grouped)
heavy_test = DataLoader(toy(20, 1, 8, 8), batch_size=20)
opt = torch.optim.SGD([{"params": deep[1].weight}], lr=0.1)
for epoch in range(2):
    for batch in heavy_loader:
        opt.zero_grad()
        drawn.append((len(batch["image"]), len(batch["label"]), len(batch["name"])))
        F.cross_entropy(deep(batch["image"]), batch["label"]).backward()
        opt.step()
    with torch.no_grad():
        for x, y in heavy_test:
            drawn.append(len(deep(x)))
assert drawn == [(3, 3, 3), (3, 3, 3), 9] * 2, drawn
loaders.LARGEST_STEP, grader.probe.torch_budget.least_flops = usual, least
"""

QUESTIONS: dict[str, str] = {
    "prepare": IMPORTS + LENET + TRAIN + INCEPTION,
    "lenet": "net = LeNet()\nout = net(torch.randn(4, 1, 32, 32))",
    "sequential": "s = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(inplace=True), nn.MaxPool2d(2),"
    " nn.Flatten(), nn.Linear(8 * 16 * 16, 10))\ns(torch.randn(2, 3, 32, 32))",
    "functional": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 4, 3), nn.Linear(4 * 13 * 13, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        x = F.dropout(x, 0.25, self.training)
        return F.log_softmax(self.fc(torch.flatten(x, 1)), dim=1)
Net()(torch.randn(3, 1, 28, 28))
""",
    "inside a function": """
def experiment():
    torch.manual_seed(0)
    inner = nn.Sequential(nn.Flatten(), nn.Linear(16, 10))
    train(inner, DataLoader(toy(20, 4, 4), batch_size=8), 3, torch.optim.SGD(inner.parameters(), lr=0.1))
experiment()
""",
    "several": """
big, little = nn.Linear(100, 100), nn.Sequential(nn.Flatten(), nn.Linear(16, 10))
criterion, activation = nn.CrossEntropyLoss(), nn.ReLU()
train(little, DataLoader(toy(20, 4, 4), batch_size=10), 1, torch.optim.Adam(little.parameters()))
""",
    "branches": "b = nn.Sequential(Inception(3, 4, 8), Inception(12, 4, 4), nn.AdaptiveAvgPool2d(1), nn.Flatten(),"
    " nn.Linear(8, 10))\nb(torch.randn(2, 3, 8, 8))",
    "residual": """
class Block(nn.Module):
    def __init__(self, n=4):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(n, n, 3, padding=1), nn.BatchNorm2d(n)
    def forward(self, x):
        y = self.norm(self.conv(x))
        y += x
        return y + x
block = Block()
block(torch.randn(2, 4, 8, 8))
running = block.norm.running_mean.clone()
""",
    "shared": """
class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(8, 8)
    def forward(self, x):
        return self.fc(F.relu(self.fc(x)))
twice = Twice()
twice(torch.randn(2, 8))
""",
    "channel mismatch": """
deep = nn.Sequential(nn.Conv2d(3, 16, 1), Inception(16, 256, 256), Inception(528, 8, 8))
deep(torch.randn(6, 3, 2, 2))
""",
    "functional failure": """
class Bad(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        return torch.cat([x, self.conv(x)], 1)
bad = Bad()
bad(torch.randn(2, 3, 8, 8))
""",
    "batch axis": """
class Lost(LeNet):
    def forward(self, x):
        x = self.pool(torch.tanh(F.conv2d(x, self.c1.weight, self.c1.bias, padding=2)))
        x = self.pool(torch.tanh(self.c2(x)))
        x = torch.tanh(self.c3(x)).view(-1, 120)
        return self.f2(torch.tanh(self.f1(x)))
lost = Lost()
nn.CrossEntropyLoss()(lost(torch.randn(64, 1, 32, 32)), torch.zeros(64, dtype=torch.long))
""",
    "untrained": "idle = LeNet()\nloader = DataLoader(toy(10, 1, 32, 32), batch_size=4)",
    "planned": "alone = LeNet()",
    "only defined": "class Written(LeNet):\n    pass",
    "frozen": """
tuned = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 10))
for p in tuned[0].parameters():
    p.requires_grad = False
head = torch.optim.SGD(tuned[2].parameters(), lr=0.1)
train(tuned, DataLoader(toy(30, 8), batch_size=10, num_workers=2, persistent_workers=True), 2, head)
for p in tuned[0].parameters():
    p.requires_grad = True
train(tuned, DataLoader(toy(30, 8), batch_size=10), 1, torch.optim.Adam(tuned.parameters(), lr=1e-4))
""",
    "thawed": """
thawing = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 10))
thawing[0].requires_grad_(False)
both = torch.optim.SGD(thawing.parameters(), lr=0.1)
train(thawing, DataLoader(toy(20, 8), batch_size=10), 2, both)
thawing[0].requires_grad_(True)
both.param_groups[0]["lr"] = 0.01
train(thawing, DataLoader(toy(20, 8), batch_size=10), 1, both)
""",
    "Lightning style": LIGHTNING,
    "heavy": HEAVY,
    "loader from before": "cold = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))",
    "prepared tensor": """
del heavy_loader, heavy_test
nowhere = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2 * 30 * 30, 10))
filters = nowhere[0].weight.detach().clone()
x_train = torch.randn(12, 1, 28, 28)
""",
    "manual slices": """
x, y = torch.randn(40, 8), torch.arange(40) % 10
manual = nn.Linear(8, 10)
opt = torch.optim.SGD(manual.parameters(), lr=0.1)
for epoch in range(3):
    for i in range(0, 40, 10):
        opt.zero_grad()
        F.cross_entropy(manual(x[i : i + 10]), y[i : i + 10]).backward()
        opt.step()
""",
    "defined with arguments": """
class Block(nn.Module):
    def __init__(self, in_channels, filters):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, filters, 3, padding=1)
    def forward(self, x):
        return self.conv(x)
class Needs(nn.Module):
    def __init__(self, in_channels, num_classes, dropout_rate=0.5):
        super().__init__()
        self.block, self.head = Block(in_channels, 4), nn.Linear(4, num_classes)
    def forward(self, x):
        return self.head(self.block(x).mean((2, 3)))
class Unknown(nn.Module):
    def __init__(self, configuration):
        super().__init__()
        self.head = nn.Linear(configuration["in"], 2)
""",
    "drawn by index": """
x, y = torch.randn(40, 8), torch.arange(40) % 10
shuffled, whole = nn.Linear(8, 10), nn.Linear(8, 10)
opt, full = torch.optim.SGD(shuffled.parameters(), lr=0.1), torch.optim.SGD(whole.parameters(), lr=0.1)
def one_epoch(order):
    for i in range(0, 40, 10):
        opt.zero_grad()
        F.cross_entropy(shuffled(x[order[i : i + 10]]), y[order[i : i + 10]]).backward()
        opt.step()
for epoch in range(3):
    one_epoch(torch.randperm(40))
for epoch in range(4):
    full.zero_grad()
    F.cross_entropy(whole(x), y).backward()
    full.step()
""",
    "tensors for ever": """
x, y = torch.randn(4000, 8), torch.arange(4000) % 10
endless = nn.Linear(8, 10)
opt = torch.optim.SGD(endless.parameters(), lr=0.1)
rounds = 0
for epoch in range(20):
    for i in range(0, 4000, 40):
        opt.zero_grad()
        F.cross_entropy(endless(x[i : i + 40]), y[i : i + 40]).backward()
        opt.step()
    rounds += 1
assert rounds == 20 and len([i for i in range(500)]) == 500
""",
    "schedule": """
scheduled = nn.Linear(8, 10)
opt = torch.optim.SGD(scheduled.parameters(), lr=0.1)
schedule = torch.optim.lr_scheduler.StepLR(opt, step_size=2, gamma=0.1)
plateau = torch.optim.lr_scheduler.ReduceLROnPlateau(opt, patience=0, factor=0.5)
loader, best, waited = DataLoader(toy(4000, 8), batch_size=20), 0.0, 0
for epoch in range(30):
    train(scheduled, loader, 1, opt)
    schedule.step()
    plateau.step(1.0)
    waited += 1
    if waited == 6:
        break
""",
    "auxiliary outputs": """
from collections import namedtuple
Outputs = namedtuple("Outputs", ["logits", "aux"])
class Aux(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.a, self.b = nn.Linear(8, 8), nn.Linear(8, 10), nn.Linear(8, 10)
    def forward(self, x):
        x = self.body(x)
        return Outputs(self.a(x), self.b(x))
aux = Aux()
for x, y in DataLoader(toy(20, 8), batch_size=5):
    out = aux(x)
    optimizer = torch.optim.SGD(aux.parameters(), lr=0.1) if "optimizer" not in globals() else optimizer
    optimizer.zero_grad()
    (F.cross_entropy(out.logits, y) + 0.3 * F.cross_entropy(out.aux, y)).backward()
    optimizer.step()
""",
    "lent layers": """
lender = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1000))
borrower = nn.Sequential(lender[0], lender[1], nn.Linear(8, 10))
lent = torch.optim.SGD(borrower.parameters(), lr=0.1)
for x, y in DataLoader(toy(20, 8), batch_size=5):
    lent.zero_grad()
    F.cross_entropy(borrower(x), y).backward()
    lent.step()
""",
    "random state": """
torch.manual_seed(5)
dropping = nn.Sequential(nn.Linear(4, 4), nn.Dropout(0.5))
dropping(torch.randn(2, 4))
seen_by_hook = []
dropping[0].register_forward_hook(lambda *_: seen_by_hook.append(1))
dropping[1].eval()
state = torch.get_rng_state()
""",
    "random state after": "same = torch.equal(state, torch.get_rng_state())\n"
    "assert same and not seen_by_hook and dropping.training and not dropping[1].training",
    "fifty epochs": """
import time
class Slow(nn.Linear):
    def forward(self, x):
        start = time.process_time()
        while time.process_time() - start < 0.02:
            pass
        return super().forward(x)
slow = Slow(8, 10)
seconds = time.time()
opt = torch.optim.SGD(slow.parameters(), lr=0.1)
train_loader, test_loader = DataLoader(toy(400, 8), batch_size=10), DataLoader(toy(200, 8), batch_size=10)
tested = []
for epoch in range(50):
    train(slow, train_loader, 1, opt)
    tested.append(sum(len(slow(x)) for x, y in test_loader))
final = sum(len(slow(x)) for x, y in test_loader)
""",
    "mnist in its own way": MNIST
    + """
raw = datasets.MNIST(".", train=True, download=True).data.numpy() / 255.0
y = datasets.MNIST(".", train=True).targets
x = torch.tensor(raw - raw.mean(axis=0)).float().reshape(-1, 784).round(decimals=1) + 0.5
own = nn.Linear(784, 10)
opt = torch.optim.Adam(own.parameters(), lr=0.003)
for epoch in range(10):
    for i in torch.randperm(300).split(50):
        opt.zero_grad()
        F.cross_entropy(own(x[i]), y[i]).backward()
        opt.step()
""",
    "mnist": MNIST
    + """
train_set = datasets.MNIST("anywhere", train=True, download=True, transform=normal)
test_set = datasets.MNIST(root="elsewhere", train=False, transform=normal)
assert len(train_set) == 300 and train_set.data.shape == (300, 28, 28) and train_set.targets.dtype == torch.int64
assert train_set.classes[3] == "3 - three" and isinstance(test_set, torch.utils.data.Dataset)
train(small, DataLoader(train_set, batch_size=50, shuffle=True), 3, torch.optim.Adam(small.parameters(), lr=0.003))
accuracy = evaluate(small, DataLoader(test_set, batch_size=100))
assert test_set[0][0].shape == (1, 28, 28)
""",
    "mnist flattened and split": MNIST
    + """
class Own(torch.utils.data.Dataset):
    def __init__(self, inner):
        self.inner = inner
    def __len__(self):
        return len(self.inner)
    def __getitem__(self, i):
        image, label = self.inner[i]
        return transforms.ToTensor()(image).mul(2).sub(1), label
part, rest = torch.utils.data.random_split(datasets.MNIST(".", train=True), [200, 100])
flat = nn.Linear(784, 10)
opt = torch.optim.SGD(flat.parameters(), lr=0.05)
for x, y in DataLoader(Own(part), batch_size=20):
    opt.zero_grad()
    F.cross_entropy(flat(x.view(-1, 784)), y).backward()
    opt.step()
""",
    "mnist by hand": MNIST
    + """
raw = datasets.MNIST(".", train=True, download=True)
x, y = raw.data.unsqueeze(1).float() / 255, raw.targets
opt = torch.optim.Adam(small.parameters(), lr=0.003)
for epoch in range(2):
    for i in torch.randperm(300).split(50):
        opt.zero_grad()
        F.cross_entropy(small(x[i]), y[i]).backward()
        opt.step()
""",
    "cifar10": """
from torchvision import datasets, transforms
class Cifar(datasets.CIFAR10):
    pass
c = Cifar("x", False, transforms.ToTensor(), download=True)
assert c.data.shape == (100, 32, 32, 3) and c.classes[0] == "airplane" and c.class_to_idx["truck"] == 9
assert c[0][0].shape == (3, 32, 32) and isinstance(c.targets, list) and not c.train
""",
    "not served": 'from torchvision import datasets\ndatasets.STL10(".", download=True)',
    "not downloaded": 'from torchvision import datasets\ndatasets.Omniglot(".")',
    "weights": """
from torchvision import models
squeeze = models.squeezenet1_1(weights="DEFAULT")
dense = models.densenet121(pretrained=True)
""",
    "traced": """
from torchvision.models.feature_extraction import create_feature_extractor
plain = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Linear(4 * 36, 10)).eval()
x = torch.randn(2, 1, 8, 8)
for other in (torch.jit.trace(plain, x), torch.jit.script(plain), torch.fx.symbolic_trace(plain)):
    assert torch.equal(other(x), plain(x))
assert create_feature_extractor(plain, ["2"])(x)["2"].shape == (2, 4, 6, 6)
lazy = nn.Sequential(nn.Flatten(), nn.LazyLinear(10))
""",
    "served weights": """
state = torch.hub.load_state_dict_from_url("https://example.org/models/tiny.pth")
tiny = nn.Linear(2, 1)
tiny.load_state_dict(state)
assert tiny.bias.item() == 7
""",
}
PLANS: dict[str, dict[str, Any]] = {
    "defined with arguments": {"input_shape": [4, 3, 16, 16]},
    "planned": {"input_shape": [4, 1, 32, 32]},
    "only defined": {"input_shape": [4, 1, 32, 32]},
    "untrained": {"predict": [{"data_set": "mnist"}]},
    **{
        name: {"predict": [{"data_set": "mnist"}]}
        for name in ("mnist", "mnist flattened and split", "mnist by hand", "mnist in its own way", "inside a function")
    },
}
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def digits(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Ten noisy patterns that a linear model tells apart."""
    patterns = np.random.default_rng(0).integers(0, 200, (10, 7, 7)).repeat(4, axis=1).repeat(4, axis=2)
    labels = np.random.default_rng(seed).integers(0, 10, rows)
    noise = np.random.default_rng(seed + 1).integers(0, 55, (rows, 28, 28))
    return (patterns[labels] + noise).astype(np.uint8), labels.astype(np.uint8)


HELD_OUT, LABELS = digits(150, 5)


def write_data(folder: Path) -> dict[str, str]:
    """Served data sets in the layout of the grader's store."""
    rng = np.random.default_rng(3)
    train, test = digits(300, 1), digits(100, 3)
    colour = rng.integers(0, 255, (300, 32, 32, 3), dtype=np.uint8)
    labels = (np.arange(300) % 10).astype(np.uint8)
    for name, arrays, held_out, stand_in in (
        ("mnist", (*train, *test), HELD_OUT, ""),
        ("cifar10", (colour[:200], labels[:200], colour[200:], labels[200:]), colour[:50], "a synthetic set"),
    ):
        (folder / name).mkdir()
        names = ("x_train", "y_train", "x_test", "y_test")
        np.savez(folder / name / "served.npz", **dict(zip(names, arrays, strict=True)))
        np.save(folder / name / "held_out.npy", held_out)
        (folder / name / "meta.json").write_text(json.dumps({"classes": CLASSES, "stand_in": stand_in}))
    return {name: str(folder / name) for name in ("mnist", "cifar10")}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the watcher saw of every question."""
    import torch

    folder = tmp_path_factory.mktemp("data")
    torch.save({"weight": torch.ones(1, 2), "bias": torch.tensor([7.0])}, folder / "tiny.pth")
    given = {
        "settings": {
            "data": write_data(folder),
            "weights": {"tiny.pth": str(folder / "tiny.pth")},
            "training_gflop": 12.0,
        },
        "questions": {name: {"code": code, "plan": PLANS.get(name, {})} for name, code in QUESTIONS.items()},
    }
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("run_torch_questions.py"))],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def models(seen: dict[str, Any], question: str) -> list[dict[str, Any]]:
    return seen[question]["observation"]["models"]


def types(model: dict[str, Any]) -> list[str]:
    return [layer["type"] for layer in model["layers"]]


def notes(seen: dict[str, Any], question: str, kind: str) -> list[str]:
    return [note["subject"] for note in seen[question]["notes"] if note["kind"] == kind]


def accuracy(seen: dict[str, Any], question: str) -> float:
    (prediction,) = seen[question]["observation"]["predictions"]
    assert not prediction.get("error")
    outputs = np.load(io.BytesIO(bytes.fromhex(seen[question]["blobs"][prediction["outputs"]])), allow_pickle=False)
    assert outputs.shape == (150, 10)
    assert outputs.dtype == np.float32
    return float((outputs.argmax(axis=1) == LABELS).mean())


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_observation_fits_the_records(seen: dict[str, Any], question: str) -> None:
    from pydantic import TypeAdapter

    record = TypeAdapter(Observation).validate_python(
        {"question": question, **seen[question]["observation"], "notes": seen[question]["notes"]}
    )
    assert record.question == question
    assert question == "traced" or not [note for note in record.notes if note.kind == "probe"]


@pytest.mark.parametrize(
    "question",
    [
        q
        for q in QUESTIONS
        if q not in ("channel mismatch", "functional failure", "batch axis", "not served", "not downloaded")
    ],
)
def test_student_code_runs_under_the_watcher(seen: dict[str, Any], question: str) -> None:
    assert seen[question]["error"] == ""


def test_a_model_that_cannot_be_looked_into_is_still_reported(seen: dict[str, Any]) -> None:
    plain = next(model for model in models(seen, "traced") if model["name"] == "plain")
    scripted = next(model for model in models(seen, "traced") if model["class_name"] == "RecursiveScriptModule")
    assert scripted["parameters"] == plain["parameters"] == 1498
    assert len(plain["layers"]) == 5
    assert notes(seen, "traced", "probe") == ["RecursiveScriptModule"]


def test_lenet_is_recorded_layer_by_layer(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "lenet")
    assert (model["name"], model["class_name"], model["parameters"]) == ("net", "LeNet", 61_706)
    assert types(model) == (
        ["Conv2d", "tanh", "AvgPool2d"] * 2 + ["Conv2d", "tanh", "view", "Linear", "tanh", "Linear"]
    )
    assert [layer["parameters"] for layer in model["layers"] if layer["parameters"]] == [156, 2416, 48_120, 10_164, 850]
    assert [layer["output"] for layer in model["layers"]][6:9] == [[4, 120, 1, 1], [4, 120, 1, 1], [4, 120]]
    assert model["layers"][0]["config"]["kernel_size"] == [5, 5]
    assert model["layers"][2]["name"] == "pool"
    assert [layer["sources"] for layer in model["layers"]] == [[i - 1] for i in range(12)]
    assert model["input_origin"] == "seen"
    assert not model["trained"]
    assert [(trial["size"], trial["output"]) for trial in model["batches"]] == [(n, [n, 10]) for n in (1, 2, 4, 5)]


def test_a_sequential_is_recorded(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "sequential")
    assert types(model) == ["Conv2d", "ReLU", "MaxPool2d", "Flatten", "Linear"]
    assert [layer["sources"] for layer in model["layers"]] == [[-1], [0], [1], [2], [3]]
    assert model["output_shape"] == [2, 10]


def test_functions_are_recorded_with_their_arguments(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "functional")
    assert types(model) == ["Conv2d", "relu", "max_pool2d", "dropout", "flatten", "Linear", "log_softmax"]
    by_type = {layer["type"]: layer for layer in model["layers"]}
    assert all(by_type[name]["functional"] for name in ("relu", "max_pool2d", "flatten"))
    assert by_type["max_pool2d"]["config"]["kernel_size"] == 2
    assert by_type["dropout"]["config"]["p"] == 0.25
    assert by_type["flatten"]["config"]["start_dim"] == 1
    assert model["name"] == "Net"


def test_a_model_that_lived_in_a_function_is_found(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "inside a function")
    assert model["trained"]
    assert model["parameters"] == 170
    (training,) = seen["inside a function"]["observation"]["trainings"]
    assert training["model"] == 0
    assert (training["epochs"], training["steps"], training["batch_size"], training["images"]) == (3, 9, 8, 60)
    assert training["loss"] == "CrossEntropyLoss"
    assert training["learning_rates"] == [0.1]
    assert (training["changed"], training["unchanged"], training["trainable_parameters"]) == (2, 0, 170)
    losses = training["history"]["loss"]
    assert len(losses) == 3
    assert losses[2] < losses[0]


def test_an_input_that_is_no_image_of_the_data_set_gives_a_reason(seen: dict[str, Any]) -> None:
    (prediction,) = seen["inside a function"]["observation"]["predictions"]
    assert prediction["model"] == 0
    assert "mnist" in prediction["error"]
    assert "outputs" not in prediction


def test_the_trained_model_comes_first_and_losses_are_no_models(seen: dict[str, Any]) -> None:
    assert [(m["name"], m["trained"]) for m in models(seen, "several")] == [("little", True), ("big", False)]


def test_branches_are_seen_at_the_concatenation(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "branches")
    layers = model["layers"]
    first = next(i for i, layer in enumerate(layers) if layer["type"] == "cat")
    assert layers[first]["inputs"] == [[2, 4, 8, 8], [2, 8, 8, 8]]
    assert layers[first]["output"] == [2, 12, 8, 8]
    assert layers[first]["config"] == {"dim": 1}
    assert [layers[source]["type"] for source in layers[first]["sources"]] == ["relu", "relu"]
    assert layers[0]["name"] == "0.one"
    assert sum(layer["parameters"] for layer in layers) == model["parameters"]


def test_a_residual_addition_has_two_sources_and_leaves_buffers_alone(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "residual")
    assert types(model) == ["Conv2d", "BatchNorm2d", "add", "add"]
    assert [layer["sources"] for layer in model["layers"]] == [[-1], [0], [1, -1], [2, -1]]


def test_shared_weights_count_once(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "shared")
    assert [(layer["type"], layer["parameters"]) for layer in model["layers"]] == [
        ("Linear", 72),
        ("relu", 0),
        ("Linear", 0),
    ]
    assert model["parameters"] == 72


def test_a_channel_mismatch_names_the_layer(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "channel mismatch")
    assert model["error"]["layer"] == "2.one"
    assert model["error"]["type"] == "Conv2d"
    assert model["error"]["inputs"] == [[6, 512, 2, 2]]
    assert "528" in model["error"]["message"]
    assert model["output_shape"] == []
    assert all(trial["error"] for trial in model["batches"])


def test_a_failing_function_is_named(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "functional failure")
    assert (model["error"]["layer"], model["error"]["type"]) == ("", "cat")
    assert model["error"]["inputs"] == [[2, 3, 8, 8], [2, 4, 6, 6]]


def test_a_lost_batch_axis_is_seen_in_the_trials(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "batch axis")
    assert {"size": 64, "output": [256, 10], "error": ""} in model["batches"]
    assert {"size": 1, "output": [4, 10], "error": ""} in model["batches"]
    assert seen["batch axis"]["observation"]["trainings"] == []
    assert model["parameters"] == sum(layer["parameters"] for layer in model["layers"])


def test_an_untrained_model_is_tried_on_the_prepared_data_and_predicts_nothing(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "untrained")
    assert (model["input_origin"], model["input_shape"]) == ("loader", [4, 1, 32, 32])
    (prediction,) = seen["untrained"]["observation"]["predictions"]
    assert "no trained model" in prediction["error"]


@pytest.mark.parametrize(("question", "name"), [("planned", "alone"), ("only defined", "Written")])
def test_a_model_that_was_fed_nothing_is_tried_on_the_planned_shape(
    seen: dict[str, Any], question: str, name: str
) -> None:
    (model,) = models(seen, question)
    assert (model["name"], model["input_origin"], model["output_shape"]) == (name, "plan", [4, 10])


def test_frozen_weights_and_stages_are_told_apart(seen: dict[str, Any]) -> None:
    first, second = seen["frozen"]["observation"]["trainings"]
    assert (first["changed"], first["unchanged"], first["trainable_parameters"], first["epochs"]) == (2, 2, 90, 2)
    assert first["unchanged_names"] == ["0.weight", "0.bias"]
    assert (second["changed"], second["unchanged_names"]) == (4, [])
    assert (second["optimizer"], second["trainable_parameters"], second["learning_rates"]) == ("Adam", 162, [1e-4])
    assert notes(seen, "frozen", "substitution") == ["num_workers"]


def test_weights_that_one_optimizer_gets_later_are_a_stage_of_their_own(seen: dict[str, Any]) -> None:
    first, second = seen["thawed"]["observation"]["trainings"]
    assert (first["unchanged_names"], first["epochs"], first["learning_rates"]) == (["0.weight", "0.bias"], 2, [0.1])
    assert (second["changed"], second["epochs"], second["learning_rates"]) == (4, 1, [0.01])


def test_a_network_inside_a_lightning_style_class_is_the_trained_one(seen: dict[str, Any]) -> None:
    ranked = models(seen, "Lightning style")
    assert sorted((model["class_name"], model["trained"], model["output_shape"][1]) for model in ranked) == [
        ("LitForward", True, 10),
        ("Sequential", True, 10),
    ]
    assert {training["model"] for training in seen["Lightning style"]["observation"]["trainings"]} == {0, 1}


def test_a_heavy_network_is_given_fewer_rows_in_every_form_of_batch(seen: dict[str, Any]) -> None:
    (training,) = seen["heavy"]["observation"]["trainings"]
    assert (training["images"], training["steps"], training["batch_size"], training["epochs"]) == (12, 4, 20, 2)
    assert "batches had 3 images or less instead of 20" in training["cut"]
    assert notes(seen, "heavy", "cut") == ["batch size"]


def test_epochs_have_accuracy_time_and_device(seen: dict[str, Any]) -> None:
    (training,) = seen["heavy"]["observation"]["trainings"]
    assert {name: len(values) for name, values in training["history"].items()} == {
        "loss": 2,
        "accuracy": 2,
        "val_accuracy": 2,
    }
    assert len(training["seconds"]) == 2
    assert (training["device"], training["unchanged_names"]) == ("cpu", ["1.bias"])


def test_data_of_an_earlier_question_or_of_a_plain_tensor_are_tried(seen: dict[str, Any]) -> None:
    (before,) = models(seen, "loader from before")
    assert (before["input_origin"], before["input_shape"]) == ("loader", [20, 1, 8, 8])
    (tensor,) = models(seen, "prepared tensor")
    assert (tensor["input_origin"], tensor["input_shape"]) == ("loader", [12, 1, 28, 28])
    assert tensor["error"]["type"] == "Linear"
    assert tensor["error"]["inputs"] == [[12, 2 * 26 * 26]]


def test_a_loop_over_slices_is_counted_without_a_loader(seen: dict[str, Any]) -> None:
    (training,) = seen["manual slices"]["observation"]["trainings"]
    assert (training["epochs"], training["steps"], training["images"], training["batch_size"]) == (3, 12, 120, 10)
    assert training["loss"] == "cross_entropy"
    assert len(training["history"]["loss"]) == 3


def test_a_class_that_was_only_defined_is_built_where_its_arguments_can_be_guessed(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "defined with arguments")
    assert (model["class_name"], model["output_shape"], model["parameters"]) == ("Needs", [4, 10], 3 * 4 * 9 + 4 + 50)
    (note,) = [note for note in seen["defined with arguments"]["notes"] if note["kind"] == "remark"]
    assert (note["subject"], "configuration" in note["message"]) == ("Unknown", True)


def test_epochs_of_shuffled_rows_and_of_all_rows_at_once_are_told(seen: dict[str, Any]) -> None:
    shuffled, whole = seen["drawn by index"]["observation"]["trainings"]
    assert (shuffled["epochs"], shuffled["steps"], len(shuffled["seconds"])) == (3, 12, 3)
    assert (whole["epochs"], whole["steps"], len(whole["history"]["loss"])) == (4, 4, 4)


def test_a_loop_over_tensors_is_bounded_and_keeps_its_epochs(seen: dict[str, Any]) -> None:
    (training,) = seen["tensors for ever"]["observation"]["trainings"]
    assert 40 <= training["steps"] < 200  # of 2,000; the whole budget is 12 GFLOP, a batch 0.4
    assert training["epochs"] == len(training["history"]["loss"]) == 20
    assert "rounds: training may take 12 GFLOP of computation" in training["cut"]
    assert notes(seen, "tensors for ever", "cut") == ["loop"]


def test_schedules_and_early_stopping_work_in_cut_epochs(seen: dict[str, Any]) -> None:
    (training,) = seen["schedule"]["observation"]["trainings"]
    assert training["epochs"] == 6
    assert training["cut"]
    assert len(training["learning_rates"]) == 5
    assert training["learning_rates"] == sorted(training["learning_rates"], reverse=True)


def test_the_first_of_several_outputs_counts(seen: dict[str, Any]) -> None:
    (model,) = models(seen, "auxiliary outputs")
    assert model["trained"]
    assert model["output_shape"] == [5, 10]
    assert seen["auxiliary outputs"]["observation"]["trainings"][0]["loss"] == "cross_entropy"


def test_a_network_that_only_lent_its_layers_was_not_trained(seen: dict[str, Any]) -> None:
    ranked = models(seen, "lent layers")
    assert [(model["name"], model["trained"]) for model in ranked] == [("borrower", True), ("lender", False)]
    assert seen["lent layers"]["observation"]["trainings"][0]["model"] == 0


def test_the_budget_cuts_passes_and_keeps_every_epoch(seen: dict[str, Any]) -> None:
    question = seen["fifty epochs"]
    (training,) = question["observation"]["trainings"]
    assert training["epochs"] == 50
    assert len(training["history"]["loss"]) == 50
    assert 50 <= training["steps"] < 300
    assert "training may take 12 GFLOP of computation" in training["cut"]
    assert sorted(notes(seen, "fifty epochs", "cut")) == ["evaluation", "training"]
    assert question["seconds"] < 40


def test_mnist_is_served_and_the_transform_of_the_test_data_is_used(seen: dict[str, Any]) -> None:
    assert accuracy(seen, "mnist") > 0.9
    (prediction,) = seen["mnist"]["observation"]["predictions"]
    assert prediction["preprocessing"].startswith("your mnist test data")
    assert "Normalize" in prediction["preprocessing"]
    (training,) = seen["mnist"]["observation"]["trainings"]
    assert (training["data_set"], training["images"]) == ("mnist", 900)


def test_a_wrapped_split_of_a_served_set_prepares_the_held_out_images(seen: dict[str, Any]) -> None:
    assert accuracy(seen, "mnist flattened and split") > 0.6


def test_images_fed_by_hand_are_prepared_by_the_found_map(seen: dict[str, Any]) -> None:
    assert accuracy(seen, "mnist by hand") > 0.6
    (prediction,) = seen["mnist by hand"]["observation"]["predictions"]
    assert "times 0.00392" in prediction["preprocessing"]


def test_an_unknown_preparation_is_answered_by_the_best_of_the_usual_ones(seen: dict[str, Any]) -> None:
    assert accuracy(seen, "mnist in its own way") > 0.6
    (prediction,) = seen["mnist in its own way"]["observation"]["predictions"]
    assert "it is not known how your code prepares" in prediction["preprocessing"]
    assert "of 100 pictures that your code was served" in prediction["preprocessing"]


def test_a_stand_in_is_noted(seen: dict[str, Any]) -> None:
    assert notes(seen, "cifar10", "stand-in") == ["cifar10"]


@pytest.mark.parametrize(("question", "name"), [("not served", "STL10"), ("not downloaded", "Omniglot")])
def test_a_data_set_that_is_not_served_fails_as_without_a_network(
    seen: dict[str, Any], question: str, name: str
) -> None:
    assert seen[question]["error"].startswith(("RuntimeError", "URLError"))
    assert name in notes(seen, question, "missing")


def test_weights_that_are_not_served_have_a_stand_in(seen: dict[str, Any]) -> None:
    assert len(notes(seen, "weights", "stand-in")) == 2
    assert {m["name"]: m["parameters"] for m in models(seen, "weights")} == {"squeeze": 1_235_496, "dense": 7_978_856}
