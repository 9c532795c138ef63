# question: q6
"""A small convolutional network for MNIST in Keras: created, compiled, trained, evaluated.

LeCun, Bottou, Bengio, Haffner (1998), "Gradient-based learning applied to document recognition", Proceedings of the
IEEE 86(11): convolution and subsampling, twice, then dense layers. Today's form of it: 3×3 filters, ReLU, max pooling,
and dropout before the output (Srivastava et al. 2014, "Dropout", JMLR 15).

    layer       output      parameters
    conv1       26×26×16           160 = 16·(3·3·1 + 1)
    pool1       13×13×16             0
    conv2       11×11×32         4,640 = 32·(3·3·16 + 1)
    pool2        5×5×32              0
    flatten        800               0
    output          10           8,010 = 10·(800 + 1)
"""

import keras
from keras import layers

PARAMETERS = 12_810
CLASSES = 10
EPOCHS = 4
BATCH_SIZE = 32


def digits_network() -> keras.Model:
    """N×28×28×1 pictures with values from 0 to 1, to N×10 probabilities."""
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(16, 3, activation="relu", name="conv1"),
            layers.MaxPooling2D(name="pool1"),
            layers.Conv2D(32, 3, activation="relu", name="conv2"),
            layers.MaxPooling2D(name="pool2"),
            layers.Flatten(),
            layers.Dropout(0.2),
            layers.Dense(CLASSES, activation="softmax", name="output"),
        ]
    )


(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train[..., None].astype("float32") / 255  # N×28×28×1: Keras wants the channel, too
x_test = x_test[..., None].astype("float32") / 255

model = digits_network()
assert model.count_params() == PARAMETERS
model.compile(
    optimizer=keras.optimizers.Adam(3e-3),
    loss="sparse_categorical_crossentropy",  # the labels are numbers from 0 to 9, not one-hot vectors
    metrics=["accuracy"],
)
model.fit(x_train, y_train, epochs=EPOCHS, batch_size=BATCH_SIZE, validation_split=0.1, verbose=2)

loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
print(f"Test loss: {loss:.3f}")
print(f"Test accuracy: {100 * accuracy:.1f} %")
