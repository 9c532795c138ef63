"""The same hand-in graded twice gets the same: beside two busy processes, with training that the budget cuts."""

import asyncio
import contextlib
import subprocess
import sys
from dataclasses import replace

import pytest

from grader.execute import warmed
from grader.ingest import HandIn
from grader.pipeline import Settings, answer_key, judge, prepare_workplace, run
from grader.rubric import load_rubric

pytestmark = [
    *(pytest.mark.kernel, pytest.mark.torch, pytest.mark.tensorflow, pytest.mark.data),
    pytest.mark.timeout(600),
]

RUBRIC = """
assignment: twice
title: Twice
data: [mnist]
profiles:
  quick: {training_gflop: 60, training_seconds: 200, question_seconds: null, cell_seconds: 200}
questions:
  - {id: q1, title: MNIST, prompt: Train a network on MNIST and print its accuracy., points: 10, criteria: [
      {id: accuracy, title: Good, check: accuracy, points: 10, with: {no_credit: 0.05, full_credit: 0.999}}]}
  - {id: q2, title: Noise, prompt: Train a network on noise and draw its loss., points: 1, criteria: [
      {id: runs, title: It runs, check: runs, points: 1}]}
"""
TORCH = """
# question: q1
import random, time
import torch, torch.nn as nn, torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets, transforms
prepare = transforms.Compose([transforms.RandomRotation(5), transforms.ToTensor()])
train = DataLoader(datasets.MNIST(".", train=True, download=True, transform=prepare), batch_size=32, shuffle=True)
test = DataLoader(datasets.MNIST(".", train=False, transform=transforms.ToTensor()), batch_size=100)
net = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.3), nn.Linear(864, 10))
optimizer = torch.optim.Adam(net.parameters())
for epoch in range(4):
    net.train()
    for x, y in train:
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        optimizer.step()
    net.eval()
    with torch.no_grad():
        right = sum((net(x).argmax(1) == y).sum().item() for x, y in test)
    print("Accuracy:", right / len(test.dataset), random.random())
# question: q2
x, y = torch.randn(40, 8), torch.randint(0, 2, (40,))
linear = nn.Linear(8, 2)
steps = torch.optim.SGD(linear.parameters(), lr=0.1)
for epoch in range(3):
    order = torch.randperm(40)
    for start in range(0, 40, 10):
        steps.zero_grad()
        loss = F.cross_entropy(linear(x[order[start:start + 10]]), y[order[start:start + 10]])
        loss.backward()
        steps.step()
    print("loss", loss.item())
"""
KERAS = """
# question: q1
import random, numpy as np
from tensorflow import keras
from tensorflow.keras import layers
(x, y), (x_test, y_test) = keras.datasets.mnist.load_data()
net = keras.Sequential([layers.Input((28, 28, 1)), layers.RandomRotation(0.02), layers.Conv2D(6, 5, activation="relu"),
                        layers.MaxPooling2D(2), layers.Flatten(), layers.Dropout(0.3), layers.Dense(10, "softmax")])
net.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
history = net.fit(x[..., None] / 255.0, y, epochs=4, batch_size=32, validation_split=0.1, verbose=0)
print(history.history)
print("Accuracy:", net.evaluate(x_test[..., None] / 255.0, y_test, verbose=0)[1], random.random())
# question: q2
import tensorflow as tf
noise, labels = np.random.randn(40, 8).astype("float32"), np.random.randint(0, 2, 40)
batches = tf.data.Dataset.from_tensor_slices((noise, labels)).map(lambda a, b: (a, b), num_parallel_calls=2)
linear, adam = keras.Sequential([layers.Dense(2)]), keras.optimizers.Adam(0.01)
for epoch in range(3):
    for a, b in batches.shuffle(40).batch(10):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.sparse_categorical_crossentropy(b, linear(a), from_logits=True))
        adam.apply_gradients(zip(tape.gradient(loss, linear.trainable_variables), linear.trainable_variables))
    print("loss", float(loss))
"""


@contextlib.contextmanager
def load():
    """Two processes that do nothing but take processor time."""
    busy = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    try:
        yield
    finally:
        for process in busy:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """Trace and grade of each hand-in, alone and beside the load."""
    folder = tmp_path_factory.mktemp("twice")
    (folder / "rubric.yaml").write_text(RUBRIC)
    for name, code in {"torch": TORCH, "keras": KERAS}.items():
        (folder / f"{name}.py").write_text(code)
    rubric = load_rubric(folder / "rubric.yaml")
    key = answer_key(rubric, None)

    async def graded(place, name):
        trace, blobs = await run(HandIn(name, name, folder / f"{name}.py", (folder / f"{name}.py",)), rubric, place)
        return trace, judge(trace, blobs, rubric, key)

    async def all_of_them():
        async with warmed(prepare_workplace(rubric, Settings())) as place:
            alone = {name: await graded(place, name) for name in ("torch", "keras")}
            with load():
                return {name: (alone[name], await graded(place, name)) for name in alone}

    return asyncio.run(all_of_them())


@pytest.mark.parametrize("name", ["torch", "keras"])
def test_points_and_measured_accuracies_are_equal_and_the_trace_says_where_it_ran(twice, name):
    (trace, first), (again, second) = twice[name]
    assert [q.ran for q in first.questions] == ["passed", "passed"], [q.error for q in first.questions]
    verdicts = [[(c.points, c.verdict.status) for q in g.questions for c in q.criteria] for g in (first, second)]
    assert verdicts[0] == verdicts[1]
    measured = [g.questions[0].criteria[0].verdict.rationale for g in (first, second)]
    assert measured[0] == measured[1]
    assert first.points > 8
    assert trace.environment.packages == again.environment.packages != {}
    assert (trace.environment.device, trace.environment.seed) == ("cpu", again.environment.seed)


@pytest.mark.parametrize("name", ["torch", "keras"])
@pytest.mark.parametrize("question", ["q1", "q2"])
def test_training_gets_equally_far_and_prints_the_same(twice, name, question):
    seen = []
    for trace, _ in twice[name]:
        answer = trace.question(question)
        (training,) = answer.observation.trainings
        seen.append(([r.text for r in answer.runs], replace(training, seconds=())))
    assert seen[0] == seen[1]
    assert bool(training.cut) == (question == "q1")
    assert training.epochs == {"q1": 4, "q2": 3}[question]
