"""Data sets and weights as Keras code asks for them, without a network."""

from importlib.util import find_spec
from shutil import which

import pytest

pytestmark = pytest.mark.tensorflow

PREPARE = """
import numpy as np, keras, tensorflow as tf
from tensorflow.keras.datasets import mnist, fashion_mnist, cifar10, cifar100
"""
SERVED = {
    "mnist": """
(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data('mnist.npz')
assert x_train.shape == (200, 28, 28) and x_train.dtype == y_train.dtype == np.uint8 and y_test.shape == (50,)
path = tf.keras.utils.get_file('mnist.npz', 'https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz')
with np.load(path) as data:
    assert data['x_train'].shape == (200, 28, 28) and data['y_test'].shape == (50,)
x_train[0] = 0
""",
    "fashion_mnist": """
(a, b), (c, d) = fashion_mnist.load_data()
assert np.array_equal(a[1:], x_train.transpose(0, 2, 1)[1:]) and b.max() == 9
net = keras.Sequential([keras.layers.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(10)])
net.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))
net.fit(a / 255.0, b, verbose=0)
""",
    "cifar10": """
(a, b), (c, d) = cifar10.load_data()
assert a.shape == (200, 32, 32, 3) and b.shape == (200, 1) and d.dtype == np.uint8
""",
    "cifar100": """
(a, b), _ = cifar100.load_data()
(_, coarse), _ = keras.datasets.cifar100.load_data(label_mode='coarse')
assert b.max() == 99 and b.shape == (200, 1) and coarse.max() == 19
""",
}
EXTENDED = """
network = keras.Sequential([keras.layers.Input((28, 28)), keras.layers.Flatten()])
"""
EXTENDING = """
network.add(keras.layers.Dense(10, activation='softmax'))
"""
PICTURES = """
from tensorflow.keras.applications import VGG16, ResNet50
from tensorflow.keras.applications.mobilenet_v2 import MobileNetV2, decode_predictions, preprocess_input
base = MobileNetV2(weights='imagenet', include_top=False, input_shape=(96, 96, 3), alpha=0.35)
full = MobileNetV2(weights='imagenet', alpha=0.35)
best = decode_predictions(full.predict(np.zeros((1, 224, 224, 3)), verbose=0), top=3)[0]
assert len(best) == 3 and best[0][0].startswith('n') and len(best[0]) == 3
from tensorflow.keras.applications.imagenet_utils import decode_predictions
assert decode_predictions(np.eye(1000)[[281]], top=1)[0][0][1] == 'tabby'
path = '../input/vgg16/vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5'
net.load_weights(path)
"""
TFDS = """
import tensorflow_datasets as tfds
tfds.disable_progress_bar()
(train, test), info = tfds.load('mnist', split=['train[:80%]', 'test'], shuffle_files=True, as_supervised=True,
                                with_info=True)
image, label = next(iter(train))
assert image.shape == (28, 28, 1) and image.dtype == tf.uint8 and label.dtype == tf.int64
assert len(train) == 160 and info.features['label'].num_classes == 10 and info.splits['train'].num_examples == 200
parts = tfds.load('cifar10', batch_size=20)
assert parts['test'].element_spec['image'].shape == (None, 32, 32, 3)
assert len(tfds.load('mnist:3.*.*', split='train[-50:]+test')) == 100
images, labels = tfds.as_numpy(tfds.load('fashion_mnist', split='test', batch_size=-1, as_supervised=True))
assert images.shape == (50, 28, 28, 1) and info.features['label'].int2str(3) == 'd'
scaled = train.map(lambda image, label: (tf.cast(image, tf.float32) / 255., label)).batch(20)
small = keras.Sequential([keras.layers.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
small.compile('adam', keras.losses.SparseCategoricalCrossentropy(from_logits=True))
small.fit(scaled, epochs=1, verbose=0)
"""
ABSENT = {
    "cats_vs_dogs": "tfds.load('cats_vs_dogs', split='train')",
    "boston_housing": "keras.datasets.boston_housing.load_data()",
    "photos.tgz": "keras.utils.get_file('photos.tgz', 'https://example.org/photos.tgz', extract=True)",
}
PIECES = {
    "prepare": PREPARE,
    **SERVED,
    "base": EXTENDED,
    "extended": EXTENDING,
    "pictures": PICTURES,
    "tfds": TFDS,
    **ABSENT,
}


@pytest.fixture(scope="module")
def results(hand_in, store, tmp_path_factory):
    return hand_in(PIECES, tmp_path_factory.mktemp("keras-data"), data=store, training_seconds=60.0)


def notes(result):
    return {note["subject"]: note["kind"] for note in result["notes"]}


@pytest.mark.parametrize("name", SERVED)
def test_served_sets_have_the_librarys_types(results, name):
    assert results[name]["error"] == ""
    assert notes(results[name]) == ({} if name == "mnist" else {name: "stand-in"})


def test_training_on_a_stand_in_is_not_taken_for_training_on_what_stands_in(results):
    assert [training["data_set"] for training in results["fashion_mnist"]["observation"]["trainings"]] == [
        "fashion_mnist"
    ]


def test_a_model_of_an_earlier_question_that_gets_layers_is_a_model_of_this_one(results):
    assert results["extended"]["error"] == ""
    (model,) = results["extended"]["observation"]["models"]
    assert (model["name"], model["parameters"]) == ("network", 7850)


def test_weights_with_and_without_top_and_names_of_classes(results):
    assert results["pictures"]["error"] == ""
    found = notes(results["pictures"])
    assert set(found.values()) == {"stand-in"}
    assert len(found) == 4
    assert {"imagenet_class_index.json", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"} < set(found)


def test_tensorflow_datasets(results):
    assert results["tfds"]["error"] == ""
    assert notes(results["tfds"]) == {
        "tensorflow_datasets": "substitution",
        "cifar10": "stand-in",
        "fashion_mnist": "stand-in",
    }
    assert [training["data_set"] for training in results["tfds"]["observation"]["trainings"]] == ["mnist"]


@pytest.mark.parametrize("name", ABSENT)
def test_what_is_not_served_fails_as_offline_and_is_noted(results, name):
    kind, _, message = results[name]["error"].partition(":")
    assert (kind, "URL fetch failure" in message) in {("Exception", True), ("ConnectionError", False)}
    assert notes(results[name]) == {name: "missing"}


def test_published_lengths(hand_in, store, tmp_path):
    code = PREPARE + "(x, y), (a, b) = mnist.load_data()\nx = x.reshape(60000, 784)\nassert a.shape == (10000, 28, 28)"
    done = hand_in({"a": code}, tmp_path, data=store, published_lengths=True)["a"]
    assert (done["error"], notes(done)) == ("", {"mnist train": "substitution", "mnist test": "substitution"})


@pytest.mark.skipif(not (find_spec("pydot") and which("dot")), reason="pydot or Graphviz is not here")
def test_what_plot_model_draws_is_a_figure(hand_in, tmp_path):
    code = "import keras\nnet = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])\n"
    code += "keras.utils.plot_model(net, show_shapes=True)"
    drawn = hand_in({"drawn": code}, tmp_path)["drawn"]
    assert drawn["error"] == ""
    (figure,) = drawn["observation"]["figures"]
    (picture,) = figure["axes"][0]["pictures"]
    assert picture["high"] > picture["low"]
    assert min(picture["shape"][:2]) > 50
    assert figure["png"].endswith(".png")
