"""Bridges for old Keras code: each piece as students write it, with the bridges and without them."""

import pytest

pytestmark = pytest.mark.tensorflow

PREPARE = """
import numpy as np, keras, tensorflow as tf
from keras.models import Sequential, load_model
from keras.layers import Conv2D, Dense, Flatten, Input
from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau
x, y = np.random.rand(20, 8, 8, 1).astype('float32'), np.eye(2)[np.arange(20) % 2]
def net():
    model = Sequential([Input((8, 8, 1)), Flatten(), Dense(2, activation='softmax')])
    model.compile(loss='categorical_crossentropy', optimizer='adam', metrics=['accuracy'])
    return model
model = net()
"""
# bridge -> the code, and the error without the bridge
PIECES = {
    "image_data_generator": (
        (
            "from keras.preprocessing.image import ImageDataGenerator, img_to_array, load_img\n"
            "from keras.preprocessing import image\n"
            "flow = ImageDataGenerator(rescale=1./255, rotation_range=10).flow(x, y, batch_size=5)\n"
            "assert image.ImageDataGenerator is ImageDataGenerator and len(flow) == 4"
        ),
        "ImportError",
    ),
    "keras_next": (
        (
            "from tensorflow.keras.preprocessing.image import ImageDataGenerator\n"
            "images, labels = ImageDataGenerator().flow(x, y, batch_size=5).next()\nassert images.shape == (5, 8, 8, 1)"
        ),
        "AttributeError",
    ),
    "backend": (
        (
            "from keras import backend as K\nassert float(K.mean(K.constant([1., 3.]))) == 2\n"
            "assert K.image_data_format() == 'channels_last'"
        ),
        "AttributeError",
    ),
    "np_utils": (
        (
            "from keras.utils import np_utils\nassert np_utils.to_categorical([1, 0], 2).shape == (2, 2)\n"
            "from tensorflow.keras.utils import np_utils as again\nfrom keras.utils.np_utils import to_categorical\n"
            "from keras.utils.vis_utils import plot_model\n"
            "assert keras.utils.np_utils.to_categorical([1], 2).shape == (1, 2)"
        ),
        "ImportError",
    ),
    "layer_modules": (
        (
            "from keras.layers.normalization import BatchNormalization\n"
            "from keras.layers.convolutional import Conv2D, MaxPooling2D, ZeroPadding2D\n"
            "from keras.layers.core import Dense, Dropout, Activation, Flatten\n"
            "from keras.layers.advanced_activations import LeakyReLU\n"
            "from tensorflow.keras.layers.normalization.batch_normalization import BatchNormalization as again\n"
            "from keras.engine.topology import Layer, Input\nfrom keras.engine import Model\n"
            "assert again is BatchNormalization is keras.layers.BatchNormalization\nkeras.layers.core.Dense(2)"
        ),
        "ModuleNotFoundError",
    ),
    "experimental_layers": (
        (
            "from tensorflow.keras.layers.experimental import preprocessing\npreprocessing.Rescaling(1. / 255)\n"
            "tf.keras.layers.experimental.preprocessing.RandomFlip('horizontal')"
        ),
        "ModuleNotFoundError",
    ),
    "optimizer_names": (
        (
            "from keras.optimizers import adam, sgd\nassert adam is keras.optimizers.Adam\n"
            "from tensorflow.keras.optimizers import gradient_descent_v2\ngradient_descent_v2.SGD(0.1)"
        ),
        "ImportError",
    ),
    "legacy_optimizers": (
        "opt = tf.keras.optimizers.legacy.Adam(learning_rate=0.01)\nassert isinstance(opt, keras.optimizers.Adam)",
        "ImportError",
    ),
    "lr": (
        (
            "opt = keras.optimizers.SGD(lr=0.5, decay=1e-6, momentum=0.9, nesterov=True)\n"
            "assert abs(float(opt.lr) - 0.5) < 1e-6\nopt.lr = 0.25\nassert float(opt.learning_rate) == 0.25\n"
            "from tensorflow.keras.optimizers import Adam\nassert Adam(lr=0.5).get_config()['learning_rate'] == 0.5\n"
            "tuned = net()\ntuned.compile(Adam(lr=0.5), 'mse')\ntuned.fit(x, y, verbose=0)"
        ),
        "ValueError",
    ),
    "average_pooling": (
        (
            "from keras.layers import AveragePooling2D\nlenet = Sequential()\n"
            "lenet.add(Conv2D(filters=6, kernel_size=(3, 3), activation='relu', input_shape=(8, 8, 1)))\n"
            "lenet.add(AveragePooling2D())\nassert lenet.output_shape == (None, 3, 3, 6)\n"
            "assert AveragePooling2D((3, 3)).pool_size == AveragePooling2D(pool_size=3).pool_size == (3, 3)\n"
            "assert AveragePooling2D.from_config(lenet.layers[1].get_config()).pool_size == (2, 2)"
        ),
        "TypeError",
    ),
    "generators": (
        (
            "class Batches(keras.utils.Sequence):\n    def __len__(self): return 4\n"
            "    def __getitem__(self, i): return x[i * 5:i * 5 + 5], y[i * 5:i * 5 + 5]\n"
            "history = model.fit_generator(Batches(), steps_per_epoch=20 / 5, epochs=2, validation_data=Batches(),\n"
            "    validation_steps=2, verbose=0, workers=4, use_multiprocessing=True, max_queue_size=10)\n"
            "assert len(history.history['loss']) == 2\n"
            "assert len(model.evaluate_generator(Batches(), 4)) == 2\n"
            "assert model.predict_generator(Batches(), steps=4, workers=0).shape == (20, 2)"
        ),
        "AttributeError",
    ),
    "fit_arguments": (
        (
            "model.fit(x, y, batch_size=5, nb_epoch=2, verbose=0, workers=2)\nmodel.predict(x, verbose=0)\n"
            "model.fit(x, y, steps_per_epoch=20 / 5, verbose=0, use_multiprocessing=False)"
        ),
        "TypeError",
    ),
    "predict_classes": (
        "assert model.predict_classes(x).shape == (20,)\nassert model.predict_proba(x, verbose=0).shape == (20, 2)",
        "AttributeError",
    ),
    "accuracy_names": (
        (
            "import pickle, pandas\n"
            "stop = EarlyStopping(monitor='val_acc', patience=5, mode='auto')\n"
            "save = ModelCheckpoint('w-{epoch:02d}-{val_acc:.2f}.keras', monitor='val_acc', save_best_only=True)\n"
            "class Enough(keras.callbacks.Callback):\n"
            "    def on_epoch_end(self, epoch, logs={}):\n        assert logs.get('acc') < 2\n"
            "history = model.fit(x, y, epochs=2, validation_split=0.2, verbose=0, callbacks=[stop, save, Enough()])\n"
            "assert history.history['acc'] == history.history['accuracy'] and len(history.history['val_acc']) == 2\n"
            "assert list(pandas.DataFrame(history.history)) == list(pickle.loads(pickle.dumps(history.history)))\n"
            "import glob\nassert glob.glob('w-01-*.keras') and 'nothing' not in history.history"
        ),
        "ValueError",
    ),
    "file_names": (
        (
            "w = model.get_weights()\n"
            "model.save('saved_model')\nagain = load_model('saved_model')\n"
            "model.save_weights('weights.h5'); model.save_weights('checkpoints/w'); model.save_weights('w.hdf5')\n"
            "for name in ('weights.h5', 'checkpoints/w', 'w.hdf5'):\n"
            "    other = net(); other.load_weights(name)\n"
            "    assert all(np.array_equal(a, b) for a, b in zip(w, other.get_weights()))\n"
            "best = [ModelCheckpoint('best.hdf5', monitor='val_loss', save_best_only=True, period=1),\n"
            "        ModelCheckpoint(filepath='only.h5', save_weights_only=True, verbose=0),\n"
            "        ModelCheckpoint('plain', save_best_only=True), ModelCheckpoint('new.keras')]\n"
            "model.fit(x, y, epochs=1, validation_split=0.2, verbose=0, callbacks=best)\n"
            "load_model('best.hdf5'); load_model('plain'); load_model('new.keras'); other.load_weights('only.h5')\n"
            "other.load_weights('best.hdf5')\n"
            "model.save('model.h5'); tf.keras.models.load_model('model.h5')\n"
            "assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), other.get_weights()))"
        ),
        "ValueError",
    ),
    "layer_shapes": (
        (
            "shapes = [(layer.input_shape, layer.output_shape) for layer in model.layers]\n"
            "assert shapes == [((None, 8, 8, 1), (None, 64)), ((None, 64), (None, 2))]"
        ),
        "AttributeError",
    ),
}
TODAY = """
model.summary()
model.fit(x, y, epochs=1, verbose=0, callbacks=[EarlyStopping('loss'), ReduceLROnPlateau('loss')])
model.save('today.keras'); load_model('today.keras'); model.save_weights('today.weights.h5')
model.load_weights('today.weights.h5')
keras.optimizers.Adam(learning_rate=0.1); keras.layers.AveragePooling2D(2)
try:
    keras.optimizers.Adam(rate=0.1)
except ValueError: pass
try:
    keras.utils.nothing
except AttributeError as error:
    assert 'nothing' in str(error)
"""


@pytest.fixture(scope="module")
def bridged(hand_in, tmp_path_factory):
    pieces = {"prepare": PREPARE, "today": TODAY} | {name: code for name, (code, _) in PIECES.items()}
    return hand_in(pieces, tmp_path_factory.mktemp("old-keras"), training_seconds=60.0)


@pytest.fixture(scope="module")
def without(hand_in, tmp_path_factory):
    pieces = {"prepare": PREPARE} | {name: code for name, (code, _) in PIECES.items()}
    return hand_in(pieces, tmp_path_factory.mktemp("no-bridge"), training_seconds=60.0, bridges_off=list(PIECES))


@pytest.mark.parametrize("name", PIECES)
def test_old_code_runs_and_the_bridge_is_noted(bridged, name):
    assert bridged[name]["error"] == ""
    assert ("substitution", name) in {(note["kind"], note["subject"]) for note in bridged[name]["notes"]}
    assert not [note for note in bridged[name]["notes"] if note["kind"] in {"missing", "probe"}]


@pytest.mark.parametrize("name", PIECES)
def test_without_the_bridge_the_error_is_the_librarys(without, name):
    assert without[name]["error"].partition(":")[0] == PIECES[name][1]
    assert ("substitution", name) not in {(note["kind"], note["subject"]) for note in without[name]["notes"]}


@pytest.mark.parametrize("name", ["prepare", "today"])
def test_code_of_today_uses_no_bridge(bridged, name):
    assert (bridged[name]["error"], bridged[name]["notes"]) == ("", [])


def test_what_the_watcher_sees_of_a_generator_training(bridged):
    (training,) = bridged["generators"]["observation"]["trainings"]
    assert (training["epochs"], training["steps"], training["optimizer"]) == (2, 8, "Adam")


def test_what_the_watcher_sees_of_an_old_learning_rate(bridged):
    (training,) = bridged["lr"]["observation"]["trainings"]
    assert training["learning_rates"] == [0.5]
