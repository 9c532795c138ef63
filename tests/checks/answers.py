"""Answers as students write them: the same work in PyTorch and Keras, in three styles and four qualities."""

TORCH_IMPORTS = """
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
    losses.append(total / len(loader))
    EVAL
    right = 0
    with torch.no_grad():
        for images, labels in DataLoader(test_data, batch_size=50):
            right += (model(images).argmax(1) == labels).sum().item()
    scores.append(right / len(test_data))
print(f"Test accuracy: {scores[-1]:.3f}")
"""
KERAS_IMPORTS = """
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import keras
from keras import layers
keras.utils.set_random_seed(0)
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train, x_test = x_train[..., None] / 255.0, x_test[..., None] / 255.0
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
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=LOGITS)
model.compile(optimizer=keras.optimizers.Adam(0.02), loss=loss, metrics=["accuracy"])
history = model.fit(x_train, y_train, batch_size=20, epochs=4, validation_data=(x_test, y_test), verbose=0)
losses, scores = history.history["loss"], history.history["val_accuracy"]
print("Test accuracy:", round(model.evaluate(x_test, y_test, verbose=0)[1], 3))
"""
REST = """
plt.figure()
plt.plot(range(1, 5), losses, label="training loss")
plt.plot(range(1, 5), SECOND, label="LABEL")
plt.title("Training")
plt.xlabel("epoch")
plt.ylabel("loss")
LEGEND
plt.show()
def relu(x):
    return RELU
data = np.arange(6) - 2.5
total = TOTAL
"""
RIGHT_REST = {"LEGEND": "plt.legend()", "RELU": "np.maximum(x, 0)", "TOTAL": "float(relu(data).sum())"}
WRONG = """
data = np.arange(6) - 2.5
def relu(x):
    return 0 * x
total = -1.0 * len([1])
"""
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
    def forward(self, x):
        return self.head(self.base(x).flatten(1))
net = Tuned()
base = net.base
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
TORCH_STAGES = """
def stage(rate):
    optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=rate)
    for images, labels in DataLoader(train_data, batch_size=50):
        optimizer.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()
for p in base.parameters():
    p.requires_grad = BEFORE
if TRAIN:
    stage(0.1)
for p in base.parameters():
    p.requires_grad = True
if TRAIN:
    stage(SECOND_RATE)
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


def answers(framework: str) -> dict[str, str]:
    """Code by name: `right subclass`, ..., `partly function`, `wrong sequential`, `lying subclass`, and so on."""
    torch = framework == "torch"
    models = TORCH_MODELS if torch else KERAS_MODELS
    imports, train = (TORCH_IMPORTS, TORCH_TRAIN) if torch else (KERAS_IMPORTS, KERAS_TRAIN)
    second = (
        {"SECOND": "losses", "LABEL": "loss again"}
        if torch
        else {"SECOND": "history.history['val_loss']", "LABEL": "validation loss"}
    )
    good = {
        "FILTERS": "4",
        "LAST": "x",
        "SOFTMAX": "[]",
        "LOGITS": "False",
        "EVAL": "model.eval()",
        **RIGHT_REST,
        **second,
    }
    bad = good | {
        "FILTERS": "7",
        "LAST": "F.softmax(x, 1)",
        "SOFTMAX": "[nn.Softmax(1)]",
        "LOGITS": "True",
        "EVAL": "pass",
    }
    bad |= {"LEGEND": "", "RELU": "np.maximum(x, 0) * (np.abs(x).max() > 0.9)", "TOTAL": "float(data.sum())"}
    zeros = good | {"RELU": "np.zeros_like(x)", "TOTAL": "4.5", "SECOND": "scores", "LABEL": "accuracy"}
    found = {}
    for style, model in models.items():
        found[f"right {style}"] = written([imports, model, train, REST], **good)
        found[f"partly {style}"] = written([imports, model, train, REST], **bad)
        found[f"wrong {style}"] = written([imports, model, WRONG], **good)
        found[f"lying {style}"] = written([imports, model, LIES, REST], **zeros)
    bases, stages = (TORCH_BASES, TORCH_STAGES) if torch else (KERAS_BASES, KERAS_STAGES)
    tuned = {"FILTERS": "6", "OUTPUTS": "10", "BEFORE": "False", "TRAIN": "True", "SECOND_RATE": "0.001"}
    for style, base in bases.items():
        for quality, changes in TUNED.items():
            found[f"{quality} transfer {style}"] = written([imports, base, stages], **(tuned | changes))
    return found


TUNED = {
    "right": {},
    "partly": {"BEFORE": "True", "SECOND_RATE": "0.5"},
    "wrong": {"FILTERS": "9"},
    "lying": {"TRAIN": "False"},
}
