# question: b4
"""Keras, functional, with ReLU and max pooling, and digits with a border of zeros made by `np.pad`."""

import numpy as np
from tensorflow import keras
from tensorflow.keras import layers

(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = np.pad(x_train, ((0, 0), (2, 2), (2, 2)))[..., np.newaxis].astype("float32") / 255
x_test = np.pad(x_test, ((0, 0), (2, 2), (2, 2)))[..., np.newaxis].astype("float32") / 255

image = keras.Input(shape=(32, 32, 1))
x = layers.Conv2D(6, 5, activation="relu")(image)
x = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(16, 5, activation="relu")(x)
x = layers.MaxPooling2D(2)(x)
x = layers.Conv2D(120, 5, activation="relu")(x)
x = layers.Flatten()(x)
x = layers.Dense(84, activation="relu")(x)
model = keras.Model(image, layers.Dense(10, activation="softmax")(x), name="lenet5")
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=64, epochs=6, validation_split=0.1, verbose=2)

loss, acc = model.evaluate(x_test, y_test, verbose=0)
print("Test accuracy: {:.2f}%".format(acc * 100))
