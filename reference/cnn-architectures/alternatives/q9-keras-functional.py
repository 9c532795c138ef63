# question: q9
"""GoogLeNet for CIFAR-10 in Keras, functional: modules 3a, 3b, 4a and 5b with an eighth of the widths of the paper.

Szegedy et al. (2014), "Going deeper with convolutions", arXiv:1409.4842, table 1 and fig. 2b.

    stage                 output
    stem                  24@8×8
    3a, 3b, pool          32@8×8, 60@8×8, 60@4×4
    4a, pool              64@4×4, 64@2×2
    5b                    128@2×2
    mean, dropout, dense  10
"""

import keras
import matplotlib.pyplot as plt
from keras import layers

GOOGLENET_PARAMETERS = 36_896
EPOCHS = 3
TABLE_1 = {  # #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj
    "3a": (64, 96, 128, 16, 32, 32),
    "3b": (128, 128, 192, 32, 96, 64),
    "4a": (192, 96, 208, 16, 48, 64),
    "5b": (384, 192, 384, 48, 128, 128),
}


def convolution(x, filters: int, size: int):
    """A convolution that keeps height and width, and ReLU."""
    return layers.Conv2D(filters, size, padding="same", activation="relu")(x)


def inception(x, name: str):
    """Four branches over the same input, joined on the channel axis (fig. 2b)."""
    n1, r3, n3, r5, n5, pool = (filters // 8 for filters in TABLE_1[name])
    one = convolution(x, n1, 1)
    three = convolution(convolution(x, r3, 1), n3, 3)
    five = convolution(convolution(x, r5, 1), n5, 5)
    pooled = convolution(layers.MaxPooling2D(3, strides=1, padding="same")(x), pool, 1)
    return layers.Concatenate(name=name)([one, three, five, pooled])


def googlenet(classes: int = 10) -> keras.Model:
    """N×32×32×3 images, 0 to 255, to N×10 probabilities."""
    images = keras.Input((32, 32, 3))
    x = layers.Rescaling(1 / 127.5, offset=-1)(images)
    x = layers.MaxPooling2D()(convolution(x, 8, 3))
    x = layers.MaxPooling2D()(convolution(x, 24, 3))
    x = layers.MaxPooling2D()(inception(inception(x, "3a"), "3b"))
    x = layers.MaxPooling2D()(inception(x, "4a"))
    x = inception(x, "5b")
    x = layers.Dropout(0.4)(layers.GlobalAveragePooling2D()(x))
    return keras.Model(images, layers.Dense(classes, activation="softmax")(x))


(train_images, train_labels), (validation_images, validation_labels) = keras.datasets.cifar10.load_data()
model = googlenet()
assert model.count_params() == GOOGLENET_PARAMETERS
model.compile(keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
history = model.fit(
    train_images,
    train_labels,
    validation_data=(validation_images, validation_labels),
    batch_size=64,
    epochs=EPOCHS,
    verbose=2,
).history

epochs = range(1, len(history["accuracy"]) + 1)
plt.plot(epochs, history["accuracy"], label="training")
plt.plot(epochs, history["val_accuracy"], label="validation")
plt.title("Small GoogLeNet on CIFAR-10")
plt.xlabel("epoch")
plt.ylabel("accuracy")
plt.legend()
plt.show()
