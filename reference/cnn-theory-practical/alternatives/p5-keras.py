# question: p5
"""Noise in NumPy, one-hot labels, and a Sequential model made with `add`."""

import numpy as np
import tensorflow as tf
from tensorflow.keras import layers

X_noise = np.random.normal(size=(100, 28, 28, 1)).astype("float32")
y_noise = tf.keras.utils.to_categorical(np.random.randint(0, 10, 100), 10)

model = tf.keras.models.Sequential()
model.add(layers.Conv2D(8, (3, 3), activation="relu", input_shape=(28, 28, 1)))
model.add(layers.MaxPooling2D((2, 2)))
model.add(layers.Flatten())
model.add(layers.Dense(10, activation="softmax"))
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(X_noise, y_noise, epochs=2, batch_size=16)
