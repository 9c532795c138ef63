# question: q7
"""CIFAR-10 in Keras: RGB pictures, normalised and with one-hot labels, and a network of three convolutional blocks.

Krizhevsky (2009), "Learning multiple layers of features from tiny images": 60,000 photographs of 32×32×3 in ten
classes. Blocks of 3×3 convolution, batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167), ReLU and pooling;
"same" padding keeps the size, so that only the poolings halve it. The mean over each map (Lin, Chen, Yan 2013,
"Network in network", arXiv:1312.4400) stands in the place of a large dense layer.

    block       output      parameters
    1           16×16×16           512 = 16·(3·3·3 + 1) + 4·16
    2            8×8×32          4,768 = 32·(3·3·16 + 1) + 4·32
    3            4×4×64         18,752 = 64·(3·3·32 + 1) + 4·64
    mean            64               0
    output          10             650 = 10·(64 + 1)
"""

import keras
from keras import layers

PARAMETERS = 24_682  # 224 of them are the running means and variances of the normalisations, which no gradient moves
CLASSES = 10
EPOCHS = 5
BATCH_SIZE = 32


def block(filters: int) -> list[layers.Layer]:
    """Convolution, normalisation and ReLU on maps of the same size, which the pooling then halves."""
    return [
        layers.Conv2D(filters, 3, padding="same"),
        layers.BatchNormalization(),
        layers.ReLU(),
        layers.MaxPooling2D(),
    ]


def colour_network() -> keras.Model:
    """N×32×32×3 pictures with values from 0 to 1, to N×10 probabilities."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            *block(16),
            *block(32),
            *block(64),
            layers.GlobalAveragePooling2D(),
            layers.Dense(CLASSES, activation="softmax"),
        ]
    )


(x_train, y_train), (x_test, y_test) = keras.datasets.cifar10.load_data()
print("pictures", x_train.shape, "labels", y_train.shape)  # the labels are a column, N×1
x_train, x_test = (x.astype("float32") / 255 for x in (x_train, x_test))
y_train, y_test = (keras.utils.to_categorical(y, CLASSES) for y in (y_train, y_test))  # N×10

model = colour_network()
assert model.count_params() == PARAMETERS
model.summary()
model.compile(
    optimizer=keras.optimizers.Adam(3e-3),
    loss="categorical_crossentropy",  # one-hot labels
    metrics=["accuracy"],
)
model.fit(x_train, y_train, epochs=EPOCHS, batch_size=BATCH_SIZE, validation_split=0.1, verbose=2)
print(f"Test accuracy: {100 * model.evaluate(x_test, y_test, verbose=0)[1]:.1f} %")
