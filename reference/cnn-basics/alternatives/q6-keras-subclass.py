# question: q6
"""A model as a class of its own, fed by `tf.data`, scaled by a layer; everything in functions."""

import tensorflow as tf
from tensorflow.keras import Model
from tensorflow.keras.layers import BatchNormalization, Conv2D, Dense, Flatten, MaxPool2D, Rescaling


class DigitReader(Model):
    """N×28×28×1 pictures with values from 0 to 255, to N×10 probabilities."""

    def __init__(self):
        super().__init__()
        self.scale = Rescaling(1 / 255)
        self.first = Conv2D(16, 3, strides=2, activation="relu")
        self.norm = BatchNormalization()
        self.second = Conv2D(32, 3, activation="relu")
        self.pool = MaxPool2D()
        self.flat = Flatten()
        self.out = Dense(10, activation="softmax")

    def call(self, pictures, training=False):
        x = self.norm(self.first(self.scale(pictures)), training=training)
        return self.out(self.flat(self.pool(self.second(x))))


def data():
    """Training and test batches."""
    (xs, ys), (xt, yt) = tf.keras.datasets.mnist.load_data()
    as_batches = tf.data.Dataset.from_tensor_slices
    train = as_batches((xs[..., tf.newaxis], ys)).shuffle(4000).batch(64).prefetch(2)
    return train, as_batches((xt[..., tf.newaxis], yt)).batch(100)


def run():
    """Builds, trains and evaluates."""
    train, test = data()
    reader = DigitReader()
    reader.compile("adam", "sparse_categorical_crossentropy", metrics=["acc"])
    reader.fit(train, epochs=5, verbose=0)
    _, share = reader.evaluate(test, verbose=0)
    print(f"accuracy on the test set: {share:.2%}")


run()
