"""The Keras watcher on small questions, which run one after another in one process, as in a kernel."""

import io
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import numpy as np
import pydantic
import pytest

from grader.records import Observation

pytestmark = pytest.mark.tensorflow

# Spelled as students spell it, on purpose: `tf.keras`, `tensorflow.keras` and `keras` must all be covered.
PREPARE = """
import numpy as np, tensorflow as tf, keras
from tensorflow.keras import layers, Model, Input
from tensorflow.keras.datasets import mnist
(x_train, y_train), (x_test, y_test) = mnist.load_data()
logits = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
def digits():
    return keras.Sequential([Input((28, 28, 1)), layers.Conv2D(4, 5, strides=2, activation="relu", name="conv"),
                             layers.Flatten(), layers.Dense(10, name="out")])
"""
SEQUENTIAL = """
a, b = x_train.reshape(-1, 28, 28, 1) / 255.0, tf.keras.utils.to_categorical(y_train, 10)
c, d = x_test.reshape(-1, 28, 28, 1) / 255.0, tf.keras.utils.to_categorical(y_test, 10)
model = tf.keras.Sequential([layers.Conv2D(6, 5, padding="same", activation="tanh"), layers.AveragePooling2D(2),
                             layers.Flatten(), layers.Dense(10, activation="softmax")])
model.compile(tf.keras.optimizers.Adam(0.01), "categorical_crossentropy", metrics=["accuracy"])
history = model.fit(a, b, epochs=4, batch_size=30, validation_split=0.1, verbose=0)
score = model.evaluate(c, d, verbose=0)
np.random.seed(3)
weights = model.get_weights()
"""
UNTOUCHED = """
assert np.random.rand() == np.random.RandomState(3).rand()
assert all(np.array_equal(v, w) for v, w in zip(weights, model.get_weights()))
assert model.input_shape == (None, 28, 28, 1)
"""
FUNCTIONAL = """
leaky = layers.Conv2D(8, 3, padding="same", activation=layers.LeakyReLU(), name="c1")
base = keras.Sequential([Input((16, 16, 3)), leaky, layers.BatchNormalization(name="bn")], name="base")
base.trainable = False
inputs = Input((16, 16, 3))
x = base(inputs)
one, three = layers.Conv2D(4, 1, name="one")(x), layers.Conv2D(4, 3, padding="same", name="three")(x)
x = layers.Concatenate(name="cat")([one, three, layers.MaxPooling2D(3, 1, padding="same", name="pool")(x)])
x = keras.ops.relu(x + layers.Conv2D(16, 1, name="shortcut")(x))
net = Model(inputs, layers.Dense(10, activation="softmax")(layers.GlobalAveragePooling2D(name="gap")(x)))
maps = Model(net.input, net.layers[1].output)
"""
SUBCLASS = """
class Block(layers.Layer):
    def __init__(self, filters):
        super().__init__()
        self.conv, self.point = layers.Conv2D(filters, 3, padding="same", name="conv"), layers.Conv2D(filters, 1)
    def call(self, x):
        return tf.nn.relu(self.conv(x) + self.point(x))
class Gain(layers.Layer):
    def build(self, shape):
        self.gain = self.add_weight(shape=(shape[-1],), initializer="ones")
    def call(self, x):
        return tf.tanh(x * self.gain)
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.block, self.gain, self.out = Block(8), Gain(name="gain"), layers.Dense(10)
        self.drop = layers.Dropout(0.5)
    def call(self, x, training=None):
        a = self.block(x / 255.0)
        x = tf.concat([a, self.gain(a)], -1)
        x = tf.reshape(x, (tf.shape(x)[0], -1))
        return self.out(self.drop(x, training=training))
nets = {"first": Net()}
class OnlyDefined(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = layers.Dense(2)
    def call(self, x):
        return self.out(x)
"""
BROKEN = """
class Fails(keras.Model):
    def __init__(self, width):
        super().__init__()
        self.conv, self.out = layers.Conv2D(16, 5, name="conv"), layers.Dense(10)
        self.width = width
    def call(self, x):
        return self.out(tf.reshape(self.conv(x), (-1, self.width)))
loses_batch, fails = Fails(144), Fails(1000)
"""
TOO_SMALL = """
last = layers.Conv2D(4, 3, name="last")
small = keras.Sequential([Input((8, 8, 3)), layers.Conv2D(4, 3), layers.MaxPooling2D(4), last])
"""
PIPELINE = """
def scale(image, label):
    return tf.cast(image[..., None], tf.float32) / 255.0, label
train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).repeat(40).map(scale).shuffle(100).batch(10).prefetch(2)
held = tf.data.Dataset.from_tensor_slices((x_test, y_test)).map(scale).batch(50)
long = digits()
long.compile(keras.optimizers.SGD(0.1), logits, metrics=["accuracy"])
slower = keras.callbacks.LearningRateScheduler(lambda epoch, rate: 0.1 if epoch < 20 else 0.01)
history = long.fit(train, validation_data=held, epochs=40, verbose=0, callbacks=[slower])
assert len(history.history["loss"]) == len(history.history["val_accuracy"]) == 40
assert long.predict(held, verbose=0).shape == (200, 10)
"""
FINE_TUNING = """
from tensorflow.keras.preprocessing.image import ImageDataGenerator
flow = ImageDataGenerator(rescale=1 / 255).flow(x_train[:64, ..., None], y_train[:64], batch_size=16)
backbone = keras.Sequential([Input((28, 28, 1)), layers.Conv2D(4, 5)], name="backbone")
backbone.trainable = False
tuned = keras.Sequential([backbone, layers.Flatten(), layers.Dense(10, activation="softmax")])
tuned.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
tuned.fit(flow, epochs=2, verbose=0)
backbone.trainable = True
tuned.compile(keras.optimizers.Adam(1e-5), "sparse_categorical_crossentropy")
tuned.fit(flow, epochs=1, verbose=0)
"""
LARGE = """
pictures = np.random.rand(64, 96, 96, 3).astype("float32")
large = keras.Sequential([layers.Conv2D(2, 3, strides=4), layers.GlobalAveragePooling2D(), layers.Dense(2)])
large.compile("sgd", "mse")
history = large.fit(pictures, np.zeros((64, 2)), validation_data=(pictures, np.zeros((64, 2))), epochs=3, verbose=0)
assert len(history.history["val_loss"]) == 3
"""
LOOPS = """
flat = tf.data.Dataset.from_tensor_slices((x_train.reshape(-1, 784) / 127.5 - 1, y_train)).batch(30)
def one_step(model, optimizer, x, y):
    with tf.GradientTape() as tape:
        loss = logits(y, model(x, training=True))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
eager, traced = [keras.Sequential([layers.Dense(10)]) for _ in range(2)]
first, second = keras.optimizers.SGD(0.1), keras.optimizers.Adam(0.01)
fast = tf.function(lambda x, y: one_step(traced, second, x, y))
for epoch in range(3):
    for x, y in flat:
        one_step(eager, first, x, y)
for epoch in range(2):
    for x, y in flat:
        fast(x, y)
"""
CUT_LOOP = """
late, third = keras.Sequential([layers.Dense(10)]), keras.optimizers.SGD(0.1)
drawn = 0
for epoch in range(3):
    for x, y in flat:
        drawn += 1
        one_step(late, third, x, y)
assert drawn == 6, drawn
assert len(list(flat)) == 20
"""
PREPARED = """
x_train_scaled = x_train[..., None].astype("float32") / 255.0
suits = keras.Sequential([Input((28, 28, 1)), layers.Flatten(), layers.Dense(10)])
clashes = keras.Sequential([Input((32, 32, 3)), layers.Flatten(), layers.Dense(10)])
class Needs(keras.Model):
    def __init__(self, num_classes):
        super().__init__()
        self.flat, self.out = layers.Flatten(), layers.Dense(num_classes)
    def call(self, x):
        return self.out(self.flat(x))
"""
BY_HAND = """
rows, places = x_train.reshape(-1, 784)[:600] / 127.5 - 1, y_train[:600]
one, two = [keras.Sequential([layers.Dense(10)]) for _ in range(2)]
sgd, adam = keras.optimizers.SGD(0.1), keras.optimizers.Adam(0.01)
for epoch in range(4):
    for start in range(0, 600, 30):
        one_step(one, sgd, rows[start:start + 30], places[start:start + 30])
        one_step(two, adam, rows[start:start + 30], places[start:start + 30])
"""
CALLBACKS = """
short, long = digits(), digits()
short.compile(keras.optimizers.Adam(0.1), logits, metrics=["accuracy"])
flat_loss = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: logs.update(val_loss=1.0))
held = (x_train[:60, ..., None] / 255.0, y_train[:60])
stop = keras.callbacks.EarlyStopping(patience=3, restore_best_weights=True)
slower = keras.callbacks.ReduceLROnPlateau(patience=1, factor=0.5)
short.fit(x_train[..., None] / 255.0, y_train, epochs=20, validation_data=held, verbose=0,
          callbacks=[flat_loss, stop, slower])
for part in range(3):
    long.compile("adam", logits) if part == 0 else None
    long.fit(x_train[..., None] / 255.0, y_train, epochs=1, verbose=0)
"""
BY_BATCH = """
by_batch = digits()
by_batch.compile("adam", logits)
for start in range(0, 96, 32):
    by_batch.train_on_batch(x_train[start:start + 32, ..., None] / 255.0, y_train[start:start + 32])
"""
GENERATOR = """
def batches():
    while True:
        yield x_train[:20, ..., None] / 255.0, y_train[:20]
generated = digits()
generated.compile("adam", logits)
generated.fit(batches(), steps_per_epoch=3, epochs=2, verbose=0)
"""
DOWNLOADS = """
(images, labels), _ = keras.datasets.cifar10.load_data()
assert images.shape[1:] == (32, 32, 3) and images.dtype == np.uint8 and labels.shape == (len(images), 1)
backbone = tf.keras.applications.MobileNetV2(input_shape=(96, 96, 3), alpha=0.35, weights="imagenet", include_top=False)
assert open(keras.utils.get_file("weights.h5", "https://example.org/weights.h5")).read() == "served"
for download in (tf.keras.datasets.imdb.load_data,
                 lambda: tf.keras.utils.get_file("photos.tgz", "https://example.org/photos.tgz", extract=True)):
    try:
        download()
    except Exception as error:
        assert "URL fetch failure" in str(error)
    else:
        raise AssertionError("there is no network")
"""
OWN_WAY = """
spread = x_train.astype("float32") - x_train.mean(axis=0)
strange = keras.Sequential([layers.Flatten(), layers.Dense(10)])
strange.compile(keras.optimizers.Adam(0.01), logits)
strange.fit(np.round(spread / 255 * 3) / 3 + 0.2, y_train, epochs=8, verbose=0)
"""
PLOTTED = """
drawn = digits()
try:
    keras.utils.plot_model(drawn, "model.png", show_shapes=True)
except ImportError:
    pass
"""
HOSTILE = """
class Hostile(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = layers.Dense(2)
    def get_config(self):
        raise RuntimeError("no")
    def call(self, x):
        raise RuntimeError("not today")
hostile = Hostile()
"""

MNIST = {"predict": [{"data_set": "mnist"}]}
# id -> code, plan, settings
QUESTIONS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "prepare": (PREPARE, {}, {}),
    "sequential": (SEQUENTIAL, MNIST, {}),
    "untouched": (UNTOUCHED, {}, {}),
    "functional": (FUNCTIONAL, {"input_shape": [6, 3, 16, 16]}, {}),
    "subclass": (SUBCLASS, {"input_shape": [6, 3, 16, 16]}, {}),
    "broken": (BROKEN, {"input_shape": [8, 3, 16, 16]}, {}),
    "too small": (TOO_SMALL, {}, {}),
    "pipeline": (PIPELINE, MNIST, {"training_gflop": 30.0}),
    "full": (PIPELINE.replace("40", "2"), {}, {"profile": "full", "training_gflop": 0.0, "training_seconds": 0.0}),
    "fine-tuning": (FINE_TUNING, {}, {}),
    "large": (LARGE, {}, {"training_gflop": 0.0}),
    "loops": (LOOPS, MNIST, {}),
    "cut loop": (CUT_LOOP, {}, {"training_gflop": 0.0}),
    "by batch": (BY_BATCH, {}, {}),
    "prepared": (PREPARED, {"input_shape": [4, 1, 28, 28]}, {}),
    "by hand": (BY_HAND, {}, {"training_gflop": 20.0}),
    "callbacks": (CALLBACKS, {}, {"training_gflop": 2.0}),
    "generator": (GENERATOR, {}, {}),
    "own way": (OWN_WAY, MNIST, {}),
    "plotted": (PLOTTED, {}, {}),
    "downloads": (DOWNLOADS, {}, {}),
    "hostile": (HOSTILE, {"input_shape": [4, 5], **MNIST}, {}),
}


def pictures(shape: tuple[int, ...], labels: np.ndarray, seed: int) -> np.ndarray:
    """Noise with a bright row whose place is the class: easy to learn, no two alike."""
    images = np.random.default_rng(seed).integers(0, 60, (len(labels), *shape), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 + 2 * label] += 180
    return images


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Folders of two data sets as the data store makes them."""
    folders = {}
    for name, shape in (("mnist", (28, 28)), ("cifar10", (32, 32, 3))):
        folder = tmp_path_factory.mktemp(name)
        train, test, held = (np.arange(n, dtype=np.uint8) % 10 for n in (600, 200, 100))
        arrays = {"x_train": pictures(shape, train, 0), "x_test": pictures(shape, test, 1)}
        np.savez(folder / "served.npz", y_train=train, y_test=test, **arrays)
        np.save(folder / "held_out.npy", pictures(shape, held, 2))
        meta = {"classes": 10, "stand_in": "synthetic pictures" if name == "cifar10" else ""}
        (folder / "meta.json").write_text(json.dumps(meta))
        folders[name] = str(folder)
    return folders


@pytest.fixture(scope="module")
def results(served: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    weights = tmp_path_factory.mktemp("weights") / "weights.h5"
    weights.write_text("served")
    questions = {name: {"code": c, "plan": p, "settings": s} for name, (c, p, s) in QUESTIONS.items()}
    settings = {"data": served, "weights": {"weights.h5": str(weights)}, "training_gflop": 1000.0}
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("run_keras_questions.py"))],
        input=json.dumps({"settings": settings, "questions": questions}),
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
        env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def of(results: dict[str, Any], question: str) -> dict[str, Any]:
    return results[question]["observation"]


def table(model: dict[str, Any]) -> list[tuple[str, str]]:
    return [(layer["name"], layer["type"]) for layer in model["layers"]]


def outputs(result: dict[str, Any], place: int = 0) -> np.ndarray:
    blob = result["blobs"][result["observation"]["predictions"][place]["outputs"]]
    return np.load(io.BytesIO(bytes.fromhex(blob)), allow_pickle=False)


@pytest.mark.parametrize("question", QUESTIONS)
def test_observations_are_valid_records(results, question):
    adapter = pydantic.TypeAdapter(Observation)
    adapter.validate_json(
        json.dumps({"question": question, "notes": results[question]["notes"], **of(results, question)})
    )
    assert not [note for note in results[question]["notes"] if note["kind"] == "probe"]


@pytest.mark.parametrize("question", [name for name in QUESTIONS if name != "too small"])
def test_student_code_runs_as_without_the_probe(results, question):
    assert results[question]["error"] == ""


def test_sequential_model_is_described(results):
    (model,) = of(results, "sequential")["models"]
    assert (model["name"], model["class_name"], model["trained"]) == ("model", "Sequential", True)
    assert [kind for _, kind in table(model)] == ["Conv2D", "AveragePooling2D", "Flatten", "Dense"]
    conv, pool, _, dense = model["layers"]
    assert (
        conv["config"] | {"filters": 6, "kernel_size": [5, 5], "activation": "tanh", "padding": "same"}
        == conv["config"]
    )
    assert (conv["inputs"], conv["output"]) == ([[8, 28, 28, 1]], [8, 28, 28, 6])
    assert (conv["parameters"], dense["trainable_parameters"]) == (156, 11770)
    assert [layer["sources"] for layer in model["layers"]] == [[-1], [0], [1], [2]]
    assert (model["parameters"], model["input_origin"]) == (156 + 11770, "seen")
    assert {trial["size"]: trial["output"] for trial in model["batches"]} == {n: [n, 10] for n in (1, 2, 5, 30)}
    assert pool["config"]["pool_size"] == [2, 2]


def test_fit_is_a_training(results):
    (training,) = of(results, "sequential")["trainings"]
    assert (training["optimizer"], training["learning_rates"]) == ("Adam", [0.01])
    assert (training["loss"], training["data_set"], training["cut"]) == ("categorical_crossentropy", "mnist", "")
    assert (training["epochs"], training["epochs_asked"], training["batch_size"]) == (4, 4, 30)
    assert (training["steps"], training["images"]) == (4 * 18, 4 * 540)
    assert (training["changed"], training["unchanged"], training["trainable_parameters"]) == (4, 0, 11926)
    assert {name: len(values) for name, values in training["history"].items()} == dict.fromkeys(
        ("accuracy", "loss", "val_accuracy", "val_loss"), 4
    )


def test_held_out_images_go_through_the_students_preprocessing(results):
    (prediction,) = of(results, "sequential")["predictions"]
    scores = outputs(results["sequential"])
    assert (scores.shape, scores.dtype) == ((100, 10), np.float32)
    assert (scores.argmax(1) == np.arange(100) % 10).mean() > 0.9
    assert "0.00392" in prediction["preprocessing"]


def test_functional_model_with_a_base_is_one_model(results):
    (model,) = of(results, "functional")["models"]
    assert model["name"] == "net"
    assert table(model)[:5] == [
        ("base/c1", "Conv2D"),
        ("base/bn", "BatchNormalization"),
        ("one", "Conv2D"),
        ("three", "Conv2D"),
        ("pool", "MaxPooling2D"),
    ]
    by_name = {layer["name"]: layer for layer in model["layers"]}
    assert by_name["cat"]["sources"] == [2, 3, 4]
    assert (by_name["base/c1"]["config"]["activation"], by_name["base/c1"]["trainable_parameters"]) == ("LeakyReLU", 0)
    assert (by_name["add"]["functional"], by_name["add"]["sources"]) == (True, [5, 6])
    assert by_name["relu"]["functional"]
    assert model["parameters"] - model["trainable_parameters"] == 224 + 32
    assert (model["input_shape"], model["input_origin"], model["trained"]) == ([6, 16, 16, 3], "plan", False)


def test_subclassed_model_shows_layers_and_functions_in_call_order(results):
    defined, model = sorted(of(results, "subclass")["models"], key=lambda m: m["parameters"])
    assert (model["name"], defined["name"]) == ("nets['first']", "OnlyDefined")
    assert [kind for _, kind in table(model)] == [
        "divide",
        "Conv2D",
        "Conv2D",
        "add",
        "relu",
        "Gain",
        "concat",
        "reshape",
        "Dropout",
        "Dense",
    ]
    by_name = {layer["name"]: layer for layer in model["layers"]}
    assert by_name["concat"]["sources"] == [4, 5]
    assert by_name["gain"]["parameters"] == 8
    assert by_name["concat"]["config"]["axis"] == -1
    assert model["layers"][1]["name"].endswith("/conv")


def test_lost_batch_axis_and_failing_layer_are_seen(results):
    models = {model["name"]: model for model in of(results, "broken")["models"]}
    assert models["loses_batch"]["output_shape"] == [8 * 16, 10]
    assert models["loses_batch"]["batches"][0] == {"size": 1, "output": [16, 10], "error": ""}
    error = models["fails"]["error"]
    assert (error["layer"], error["inputs"]) == ("reshape", [[8, 12, 12, 16]])
    assert "18432 values" in error["message"]
    assert "1000" in models["fails"]["batches"][0]["error"]


def test_model_that_could_not_be_put_together_names_its_layer(results):
    (model,) = of(results, "too small")["models"]
    assert "zero or negative" in results["too small"]["error"]
    assert (model["error"]["layer"], model["error"]["inputs"]) == ("last", [[None, 1, 1, 4]])


def test_budget_shortens_epochs_and_keeps_their_number(results):
    (training,) = of(results, "pipeline")["trainings"]
    assert (training["epochs"], training["epochs_asked"]) == (40, 40)
    assert 40 <= training["steps"] < 40 * 2400
    assert training["images"] == training["steps"] * 10
    assert {len(values) for values in training["history"].values()} == {40}
    assert training["learning_rates"] == [0.1, 0.01]
    assert f"{training['steps']} of 96000 batches" in training["cut"]
    assert [note["subject"] for note in results["pipeline"]["notes"] if note["kind"] == "cut"] == ["long"]


def test_cut_epochs_go_on_where_the_last_one_stopped(results):
    assert (outputs(results["pipeline"]).argmax(1) == np.arange(100) % 10).mean() > 0.9


def test_full_profile_cuts_nothing(results):
    (training,) = of(results, "full")["trainings"]
    assert (training["cut"], training["steps"]) == ("", 2 * 120)


def test_feature_extraction_and_fine_tuning_are_two_trainings(results):
    extraction, tuning = of(results, "fine-tuning")["trainings"]
    assert (extraction["changed"], extraction["unchanged"], extraction["trainable_parameters"]) == (2, 2, 23050)
    assert (tuning["changed"], tuning["unchanged"], tuning["trainable_parameters"]) == (4, 0, 23154)
    assert [name.rpartition("/")[2] for name in extraction["unchanged_names"]] == ["kernel", "bias"]
    assert (len(extraction["seconds"]), extraction["device"], tuning["unchanged_names"]) == (2, "CPU:0", [])
    assert (extraction["learning_rates"], tuning["learning_rates"]) == ([0.001], [1e-05])
    assert (extraction["steps"], extraction["batch_size"], extraction["data_set"]) == (8, 16, "mnist")
    assert [model["name"] for model in of(results, "fine-tuning")["models"]] == ["tuned"]


def test_batches_of_large_pictures_are_made_smaller(results):
    (training,) = of(results, "large")["trainings"]
    assert (training["epochs"], training["steps"], training["images"], training["batch_size"]) == (3, 6, 12, 32)
    assert "2 images instead of 32" in training["cut"]


def test_loops_are_trainings_of_the_model_they_change(results):
    observation = of(results, "loops")
    names = [model["name"] for model in observation["models"]]
    by_model = {names[training["model"]]: training for training in observation["trainings"]}
    assert (by_model["eager"]["optimizer"], by_model["eager"]["steps"], by_model["eager"]["epochs"]) == ("SGD", 60, 3)
    assert (by_model["traced"]["optimizer"], by_model["traced"]["steps"], by_model["traced"]["epochs"]) == (
        "Adam",
        40,
        2,
    )
    first, _, last = by_model["eager"]["history"]["loss"]
    assert last < first
    assert by_model["traced"]["history"] == {}  # inside of a `tf.function` a loss has no value
    assert {(t["changed"], t["batch_size"], t["data_set"]) for t in by_model.values()} == {(2, 30, "mnist")}
    assert {model["trained"] for model in observation["models"]} == {True}
    assert (outputs(results["loops"], names.index("traced")).argmax(1) == np.arange(100) % 10).mean() > 0.8


def test_a_loop_without_a_budget_gets_two_batches_per_epoch(results):
    (training,) = of(results, "cut loop")["trainings"]
    assert training["steps"] == 6
    assert training["cut"]


def test_models_that_were_never_fitted_meet_the_data_that_were_prepared(results):
    models = {model["name"]: model for model in of(results, "prepared")["models"]}
    assert (models["suits"]["input_origin"], models["suits"]["output_shape"]) == ("loader", [8, 10])
    assert models["clashes"]["input_shape"] == [8, 28, 28, 1]
    assert "shape" in models["clashes"]["error"]["message"]
    assert (models["Needs"]["output_shape"], models["Needs"]["parameters"]) == ([8, 10], 7850)


def test_two_optimizers_in_a_loop_over_arrays_are_bounded_and_told_apart(results):
    first, second = of(results, "by hand")["trainings"]
    assert (first["optimizer"], second["optimizer"]) == ("SGD", "Adam")
    assert first["model"] != second["model"]
    for training in (first, second):
        assert 8 <= training["steps"] < 80
        assert training["epochs"] == len(training["seconds"]) == len(training["history"]["loss"]) == 4
        assert "training may take 20 GFLOP" in training["cut"]


def test_loops_have_seconds_per_epoch(results):
    assert sorted(len(training["seconds"]) for training in of(results, "loops")["trainings"]) == [2, 3]
    assert all(second > 0 for training in of(results, "loops")["trainings"] for second in training["seconds"])


def test_callbacks_work_in_cut_epochs_and_fit_in_a_loop_gives_stages(results):
    short, *long = of(results, "callbacks")["trainings"]
    assert (short["epochs"], short["epochs_asked"]) == (4, 20)
    assert short["cut"]
    assert short["learning_rates"] == [0.1, 0.05, 0.025]
    assert [(part["epochs"], part["epochs_asked"]) for part in long] == [(1, 1)] * 3


def test_train_on_batch_is_one_training(results):
    (training,) = of(results, "by batch")["trainings"]
    assert (training["steps"], training["images"], training["batch_size"], training["changed"]) == (3, 96, 32, 4)


def test_generator_is_seen_without_losing_a_batch(results):
    (training,) = of(results, "generator")["trainings"]
    assert (training["steps"], training["images"], training["data_set"]) == (6, 120, "mnist")


def test_downloads_are_served_stood_in_for_or_missing(results):
    notes = {note["subject"]: note["kind"] for note in results["downloads"]["notes"]}
    assert notes.pop("cifar10") == "stand-in"
    assert (notes.pop("imdb"), notes.pop("photos.tgz")) == ("missing", "missing")
    ((weights, kind),) = notes.items()
    assert weights.startswith("mobilenet_v2_weights")
    assert kind == "stand-in"
    assert [model["name"] for model in of(results, "downloads")["models"]] == ["backbone"]


def test_an_unknown_preparation_is_answered_by_the_best_of_the_usual_ones(results):
    (prediction,) = of(results, "own way")["predictions"]
    assert "it is not known how your code prepares" in prediction["preprocessing"]
    assert (outputs(results["own way"]).argmax(1) == np.arange(100) % 10).mean() > 0.7


@pytest.mark.skipif(bool(find_spec("pydot") and which("dot")), reason="pydot and Graphviz are here: plot_model draws")
def test_plot_model_without_pydot_is_said(results):
    assert [(note["kind"], note["subject"]) for note in results["plotted"]["notes"]] == [("missing", "pydot")]


def test_hostile_model_is_reported_with_its_error(results):
    (model,) = of(results, "hostile")["models"]
    assert model["error"]["message"] == "RuntimeError: not today"
    (prediction,) = of(results, "hostile")["predictions"]
    assert "nothing was fed" in prediction["error"]
