# question: q6
"""LeNet-5 in Keras, functional, 32×32 digits without padding, ReLU and max pooling, one-hot labels, logits."""

import time

import numpy as np
import tensorflow as tf
from tensorflow.keras import Model
from tensorflow.keras.layers import Conv2D, Dense, Flatten, Input, MaxPooling2D


def enlarge(pictures):
    """N×28×28 bytes to N×32×32×1 numbers from 0 to 1, with a border of two pixels."""
    return np.pad(pictures, ((0, 0), (2, 2), (2, 2)))[..., np.newaxis].astype("float32") / 255


(x_tr, y_tr), (x_te, y_te) = tf.keras.datasets.mnist.load_data()
x_tr, x_te = enlarge(x_tr), enlarge(x_te)
y_tr, y_te = tf.keras.utils.to_categorical(y_tr, 10), tf.keras.utils.to_categorical(y_te, 10)

digits = Input(shape=(32, 32, 1))
h = Conv2D(6, (5, 5), activation="relu")(digits)
h = MaxPooling2D((2, 2))(h)
h = Conv2D(16, (5, 5), activation="relu")(h)
h = MaxPooling2D((2, 2))(h)
h = Flatten()(h)
h = Dense(120, activation="relu")(h)
h = Dense(84, activation="relu")(h)
scores = Dense(10)(h)
cnn = Model(digits, scores, name="LeNet5")
cnn.summary()

cnn.compile(optimizer="adam", loss=tf.keras.losses.CategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
began = time.time()
cnn.fit(x_tr, y_tr, epochs=5, batch_size=32, validation_split=0.1, verbose=0)
took = time.time() - began

result = cnn.evaluate(x_te, y_te, verbose=0)
print("Accuracy on the test set: {:.2f}%".format(result[1] * 100))
print("Time for training: {:.2f} s".format(took))
