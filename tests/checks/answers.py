"""Answers as students write them: the same work in PyTorch and Keras, in three styles and five qualities.

The styles differ in the model (subclass, Sequential, made by a function), in the training (flat cells, a function, a
class) and in the function to be graded (`def`, `lambda`, a closure). `# %%` begins a cell.
"""

from textwrap import indent

TORCH_IMPORTS = """
import time
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
torch.manual_seed(0)
train_data = datasets.MNIST(".", train=True, transform=transforms.ToTensor(), download=True)
test_data = datasets.MNIST(".", train=False, transform=transforms.ToTensor(), download=True)
# %%
"""
TORCH_MODELS = {
    "subclass": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, FILTERS, 5)
        self.drop = nn.Dropout(0.1)
        self.out = nn.Linear(FILTERS * 6 * 6, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 4)
        x = self.out(self.drop(torch.flatten(x, 1)))
        return LAST
model = Net()
""",
    "sequential": """
parts = [nn.Conv2d(1, FILTERS, 5), nn.ReLU(), nn.MaxPool2d(4), nn.Flatten(), nn.Dropout(0.1)]
model = nn.Sequential(*parts, nn.Linear(FILTERS * 36, 10), *SOFTMAX)
""",
    "function": """
class Block(nn.Module):
    def __init__(self, out):
        super().__init__()
        self.layers = nn.ModuleList([nn.Conv2d(1, out, 5), nn.MaxPool2d(4)])
    def forward(self, x):
        return self.layers[1](torch.relu(self.layers[0](x)))
def build():
    return nn.Sequential(Block(FILTERS), nn.Flatten(), nn.Dropout(p=0.1), nn.Linear(FILTERS * 36, 10), *SOFTMAX)
network = build()
model = network
""",
}
TORCH_TRAIN = """
LESS
optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
loader = DataLoader(train_data, batch_size=20, shuffle=True)
losses, scores = [], []
for epoch in range(4):
    model.train()
    total = 0.0
    for images, labels in loader:
        optimizer.zero_grad()
        loss = nn.CrossEntropyLoss()(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
        PAUSE
    losses.append(total / len(loader))
    EVAL
    right = 0
    with torch.no_grad():
        for images, labels in DataLoader(test_data, batch_size=50):
            right += (model(images).argmax(1) == labels).sum().item()
    scores.append(right / len(test_data))
PRINTED
"""
TORCH_RESULT = "losses, scores"
KERAS_IMPORTS = """
import time
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import keras
from keras import layers
keras.utils.set_random_seed(0)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, x_test = x_train[..., None] / 255.0, x_test[..., None] / 255.0
# %%
"""
KERAS_MODELS = {
    "subclass": """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(FILTERS, 5, activation="relu")
        self.pool = layers.MaxPooling2D(4)
        self.flat = layers.Flatten()
        self.drop = layers.Dropout(0.1)
        self.out = layers.Dense(10, activation="softmax")

    def call(self, x, training=False):
        return self.out(self.drop(self.flat(self.pool(self.conv(x))), training=training))
model = Net()
""",
    "sequential": """
model = keras.Sequential([layers.Input((28, 28, 1)), layers.Conv2D(FILTERS, 5), layers.Activation("relu")])
model.add(layers.MaxPool2D(4))
model.add(layers.Flatten())
model.add(layers.Dropout(0.1))
model.add(layers.Dense(10, activation="softmax"))
""",
    "function": """
def build():
    image = layers.Input((28, 28, 1))
    x = layers.ReLU()(layers.Conv2D(FILTERS, (5, 5))(image))
    x = layers.Dropout(0.1)(layers.Flatten()(layers.MaxPooling2D((4, 4))(x)))
    return keras.Model(image, layers.Dense(10, activation="softmax")(x))
network = build()
model = network
""",
}
KERAS_TRAIN = """
LESS
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=LOGITS)
model.compile(optimizer=keras.optimizers.Adam(0.02), loss=loss, metrics=["accuracy"])
pauses = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: PAUSE)
history = model.fit(
    IMAGES, LABELS, batch_size=20, epochs=4, validation_data=(x_test, y_test), verbose=0, callbacks=[pauses]
)
losses, scores = history.history["loss"], history.history["val_accuracy"]
accuracy_of_test = model.evaluate(x_test, y_test, verbose=0)[1]
PRINTED
"""
KERAS_RESULT = "losses, scores, history"
REST = """
plt.figure()
plt.plot(range(1, 5), losses, label="training loss")
plt.plot(range(1, 5), SECOND, label="LABEL")
plt.title("Training")
plt.xlabel("epoch")
plt.ylabel("loss")
LEGEND
plt.show()
best_accuracy = BEST
FUNCTION
data = np.arange(6) - 2.5
total = TOTAL
"""
FUNCTIONS = {
    "subclass": "def relu(x):\n    return RELU",
    "sequential": "relu = lambda x: RELU",
    "function": "def made(add):\n    def inner(x):\n        return RELU + add\n    return inner\nrelu = made(0)",
}
RIGHT_REST = {
    "LEGEND": "plt.legend()",
    "RELU": "np.maximum(x, 0)",
    "TOTAL": "float(relu(data).sum())",
    "BEST": "scores[-1]",
}
# Dense networks with seven outputs, which nobody trains; and then the code fails.
TORCH_WRONG = {
    "subclass": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.out = nn.Linear(784, 7)
    def forward(self, x):
        return self.out(x.flatten(1))
model = Net()
""",
    "sequential": "model = nn.Sequential(nn.Flatten(), nn.Linear(784, 20), nn.Linear(20, 7))",
    "function": """
def build(*sizes):
    return nn.Sequential(nn.Flatten(), *(nn.Linear(i, o) for i, o in zip(sizes, sizes[1:])))
model = build(784, 30, 7)
""",
}
KERAS_WRONG = {
    "subclass": """
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.flat, self.out = layers.Flatten(), layers.Dense(7)
    def call(self, x):
        return self.out(self.flat(x))
model = Net()
""",
    "sequential": "model = keras.Sequential([layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(7)])",
    "function": """
def build(*sizes):
    image = x = layers.Input((28, 28, 1))
    x = layers.Flatten()(x)
    for size in sizes:
        x = layers.Dense(size)(x)
    return keras.Model(image, x)
model = build(30, 7)
""",
}
WRONG = """
data = np.arange(6) - 2.5
FUNCTION
total = -1.0 * len([1])
plt.bar([1, 2], [3, 4])
plt.show()
print("Test accuracy:", accuracy_that_was_never_computed)
"""
ABSENT = {"subclass": "# TODO", "sequential": "import numpy as np", "function": "print('I had no time for this')"}
HALF = {  # one of two cells runs
    "subclass": """
class Adder:
    def add(self, a, b):
        return a + b
seven = Adder().add(3, 4)
# %%
Adder().subtract(1)
""",
    "sequential": """
values = [i * i for i in range(5)]
# %%
print(sum(valeus))
""",
    "function": """
def half(x):
    return x / 2
# %%
half("a")
""",
}
LIES = """
losses, scores = [2.1, 1.2, 0.6, 0.2], [0.5, 0.8, 0.95, 0.99]
accuracy = 0.99
print("Test accuracy: 0.99")
print("Training time: 12.5 s")
"""


TORCH_BASES = {
    "subclass": """
class Tuned(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Sequential(nn.Conv2d(1, FILTERS, 5), nn.ReLU(), nn.Conv2d(FILTERS, 4, 5), nn.MaxPool2d(4))
        self.head = nn.Linear(100, OUTPUTS)
        self.frozen = not BEFORE
    def forward(self, x):
        with torch.set_grad_enabled(torch.is_grad_enabled() and not self.frozen):
            x = self.base(x)
        return self.head(x.flatten(1))
net = Tuned()
""",
    "sequential": """
base = nn.Sequential(nn.Conv2d(1, FILTERS, 5), nn.ReLU(), nn.Conv2d(FILTERS, 4, 5), nn.MaxPool2d(4))
net = nn.Sequential(base, nn.Flatten(), nn.Linear(100, OUTPUTS))
""",
    "function": """
def pretrained():
    return nn.Sequential(nn.Conv2d(1, FILTERS, 5), nn.ReLU(), nn.Conv2d(FILTERS, 4, 5), nn.MaxPool2d(4), nn.Flatten())
def with_head(base):
    base.add_module("head", nn.Linear(100, OUTPUTS))
    return base
base = pretrained()
net = with_head(pretrained())
base = net[:5]
""",
}
TORCH_STAGES = {  # frozen by `no_grad`, by the optimizer's list, by flags
    "subclass": """
if TRAIN:
    stage(net.parameters(), 0.1)
net.frozen = False
if TRAIN:
    stage(net.parameters(), SECOND_RATE)
""",
    "sequential": """
if TRAIN:
    stage(net.parameters() if BEFORE else net[-1].parameters(), 0.1)
    stage(net.parameters(), SECOND_RATE)
""",
    "function": """
for p in base.parameters():
    p.requires_grad = BEFORE
if TRAIN:
    stage([p for p in net.parameters() if p.requires_grad], 0.1)
for p in base.parameters():
    p.requires_grad = True
if TRAIN:
    stage(net.parameters(), SECOND_RATE)
""",
}
TORCH_STAGE = """
def stage(parameters, rate):
    optimizer = torch.optim.SGD(parameters, lr=rate)
    for images, labels in DataLoader(train_data, batch_size=50):
        optimizer.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()
"""
KERAS_BASES = {
    "subclass": """
class Tuned(keras.Model):
    def __init__(self, base):
        super().__init__()
        self.base, self.flat, self.head = base, layers.Flatten(), layers.Dense(OUTPUTS, activation="softmax")
    def call(self, x):
        return self.head(self.flat(self.base(x)))
base = keras.Sequential([layers.Conv2D(FILTERS, 5, activation="relu"), layers.Conv2D(4, 5), layers.MaxPooling2D(4)])
base.build((None, 28, 28, 1))
net = Tuned(base)
""",
    "sequential": """
base = keras.Sequential([layers.Input((28, 28, 1)), layers.Conv2D(FILTERS, 5, activation="relu")])
base.add(layers.Conv2D(4, 5))
base.add(layers.MaxPooling2D(4))
net = keras.Sequential([base, layers.Flatten(), layers.Dense(OUTPUTS, activation="softmax")])
""",
    "function": """
def pretrained():
    image = layers.Input((28, 28, 1))
    x = layers.Conv2D(4, 5)(layers.Conv2D(FILTERS, 5, activation="relu")(image))
    return keras.Model(image, layers.MaxPooling2D(4)(x))
base = pretrained()
image = layers.Input((28, 28, 1))
net = keras.Model(image, layers.Dense(OUTPUTS, activation="softmax")(layers.Flatten()(base(image))))
""",
}
KERAS_STAGES = """
base.trainable = BEFORE
def stage(rate):
    net.compile(optimizer=keras.optimizers.SGD(rate), loss="sparse_categorical_crossentropy")
    net.fit(x_train, y_train, batch_size=50, epochs=1, verbose=0)
if TRAIN:
    stage(0.1)
base.trainable = True
if TRAIN:
    stage(SECOND_RATE)
"""


def written(pieces: list[str], **words: str) -> str:
    """The code of an answer, with words in place of the capitals."""
    code = "\n".join(pieces)
    for word, text in words.items():
        code = code.replace(word, text)
    return code


def trained(style: str, training: str, result: str) -> str:
    """The training in flat cells, in a function, or in a method of a class."""
    if style == "subclass":
        return training
    body = indent(f"{training}\nreturn {result}", "    ")
    if style == "sequential":
        return f"def run(model, train_data=None):\n{body}\n{result} = run(model, DATA)"
    method = indent(f"def run(self, model, train_data=None):\n{body}", "    ")
    return f"class Trainer:\n{method}\n{result} = Trainer().run(model, DATA)"


def words(framework: str) -> tuple[dict[str, str], dict[str, str]]:
    """What stands for the capitals in right answers, and in partly right ones."""
    torch = framework == "torch"
    good = {
        "FILTERS": "4", "LAST": "x", "SOFTMAX": "[]", "LOGITS": "False", "EVAL": "model.eval()",
        "LESS": "started = time.time()",
        "PAUSE": "None", "IMAGES": "x_train", "LABELS": "y_train", "DATA": "train_data" if torch else "None",
        "PRINTED": 'print(f"Test accuracy: {scores[-1]:.3f}"); print(f"Training time: {time.time() - started:.2f} s")',
        "SECOND": "losses" if torch else "history.history['val_loss']",
        "LABEL": "loss again" if torch else "validation loss",
        **RIGHT_REST,
    }  # fmt: skip
    bad = {
        "FILTERS": "7",
        "LAST": "F.softmax(x, 1)",
        "SOFTMAX": "[nn.Softmax(1)]",
        "LOGITS": "True",
        "EVAL": "pass",
        "LESS": "train_data = torch.utils.data.Subset(train_data, [i for i in range(300) if i % 10 < 6])"
        if torch
        else "",
        "IMAGES": "x_train[y_train < 6]",
        "LABELS": "y_train[y_train < 6]",
        "PAUSE": "time.sleep(0.1)" if torch else "time.sleep(1)",
        "PRINTED": "",
        "LEGEND": "",
        "RELU": "np.maximum(x, 0) * (np.abs(x).max() > 0.9)",
        "TOTAL": "float(data.sum())",
        "BEST": "0.91",
    }
    return good, good | bad


def answers(framework: str) -> dict[str, str]:
    """Code by name: `right subclass`, ..., `partly function`, `wrong sequential`, `lying subclass`, and so on."""
    torch = framework == "torch"
    models, wrong = (TORCH_MODELS, TORCH_WRONG) if torch else (KERAS_MODELS, KERAS_WRONG)
    imports, train = (TORCH_IMPORTS, TORCH_TRAIN) if torch else (KERAS_IMPORTS, KERAS_TRAIN)
    good, bad = words(framework)
    zeros = good | {"RELU": "np.zeros_like(x)", "TOTAL": "4.5", "SECOND": "scores", "LABEL": "accuracy"}
    found = {}
    for style, model in models.items():
        rest = REST.replace("FUNCTION", FUNCTIONS[style])
        training = trained(style, train, TORCH_RESULT if torch else KERAS_RESULT)
        found[f"right {style}"] = written([imports, model, training, rest], **good)
        found[f"partly {style}"] = written([imports, model, training, rest], **bad)
        failing = WRONG.replace("FUNCTION", FUNCTIONS[style])
        found[f"wrong {style}"] = written([imports, wrong[style], failing], **(good | {"RELU": "0 * x"}))
        found[f"lying {style}"] = written([imports, model, LIES, rest], **zeros)
        found[f"absent {style}"] = ABSENT[style]
        found[f"partly runs {style}"] = HALF[style]
    bases = TORCH_BASES if torch else KERAS_BASES
    tuned = {"FILTERS": "6", "OUTPUTS": "10", "BEFORE": "False", "TRAIN": "True", "SECOND_RATE": "0.001"}
    for style, base in bases.items():
        stages = TORCH_STAGE + TORCH_STAGES[style] if torch else KERAS_STAGES
        for quality, changes in TUNED.items():
            found[f"{quality} transfer {style}"] = written([imports, base, stages], **(tuned | changes))
    for name, fed in FED.items():
        found[f"maps of {name}"] = written([imports, TORCH_MAPS if torch else KERAS_MAPS], FED=fed)
    found["losses"] = imports + (TORCH_LOSSES if torch else KERAS_LOSSES)
    return found


TUNED = {
    "right": {},
    "partly": {"BEFORE": "True", "SECOND_RATE": "0.5"},
    "wrong": {"FILTERS": "9"},
    "lying": {"TRAIN": "False"},
}

FED = {
    "the picture": "picture",
    "another crop": "picture[2:, 2:] * 3",
    "noise": "np.random.default_rng(2).random((64, 64))",
    "another picture": "np.kron(np.random.default_rng(7).random((8, 8)), np.ones((8, 8)))",
}
TORCH_MAPS = """
from torchvision.utils import make_grid
picture = np.kron(np.random.default_rng(1).random((8, 8)), np.ones((8, 8)))
net = nn.Sequential(nn.Conv2d(3, 16, 7, stride=2), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
maps = net[0](torch.tensor(FED).float().expand(1, 3, -1, -1)).detach()
for title, pictures in (("Filters", net[0].weight.detach()), ("Feature maps", maps.permute(1, 0, 2, 3))):
    plt.figure()
    plt.title(title)
    plt.imshow(make_grid(pictures, nrow=4, normalize=True).permute(1, 2, 0))
    plt.show()
"""
KERAS_MAPS = """
picture = np.kron(np.random.default_rng(1).random((8, 8)), np.ones((8, 8)))
net = keras.Sequential([layers.Conv2D(16, 7, strides=2), layers.ReLU(), layers.GlobalAveragePooling2D()])
fed = np.repeat((FED)[None, :, :, None], 3, axis=3).astype("float32")
net(fed)
maps = keras.Model(net.inputs, net.layers[0].output).predict(fed, verbose=0)[0]
side = maps.shape[0]
grid = np.zeros((4 * side, 4 * side))
for i in range(16):
    row, column = divmod(i, 4)
    grid[row * side : (row + 1) * side, column * side : (column + 1) * side] = maps[..., i]
figure, axes = plt.subplots(4, 4)
figure.suptitle("Filters")
for i, ax in enumerate(axes.flat):
    ax.imshow(net.layers[0].get_weights()[0][:, :, 0, i])
plt.show()
plt.figure()
plt.imshow(grid)
plt.title("Feature maps")
plt.show()
"""
TORCH_LOSSES = """
x, y = torch.randn(6, 4), torch.arange(6) * 2 % 10
def learn(loss):
    net = nn.Linear(4, 10)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    loss(net(x)).backward()
    optimizer.step()
    return net
nets = [
    learn(lambda out: F.cross_entropy(out, y)),
    learn(lambda out: F.nll_loss(F.log_softmax(out, 1), y)),
    learn(lambda out: F.nll_loss(torch.log(F.softmax(out, 1)), target=y)),
    learn(lambda out: F.nll_loss(out, y)),
    learn(lambda out: nn.CrossEntropyLoss()(out.softmax(1), y)),
    learn(lambda out: F.binary_cross_entropy(input=torch.sigmoid(out[:, 0]), target=(y > 4).float())),
    learn(lambda out: F.binary_cross_entropy_with_logits(out[:, 0], y.float())),
]
"""
KERAS_LOSSES = """
import tensorflow as tf
labelled = tf.data.Dataset.from_tensor_slices((x_train, y_train)).map(lambda image, label: (image, label)).batch(50)
def batches():
    while True:
        yield x_train[:20], y_train[:20]
def learn(data, **more):
    net = keras.Sequential([layers.Input((28, 28, 1)), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
    net.compile("sgd", "binary_crossentropy")
    net.fit(data, epochs=1, verbose=0, **more)
    return net
nets = [learn(labelled), learn(batches(), steps_per_epoch=2)]
"""
