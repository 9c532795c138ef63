# question: q6
"""LeNet-5 in Keras as a subclass, trained by a loop of its own with `tf.GradientTape`."""

from time import perf_counter

import keras
import tensorflow as tf
from keras import layers


class DigitReader(keras.Model):
    """N×28×28×1 images to N×10 logits."""

    def __init__(self):
        super().__init__()
        self.features = [
            layers.Conv2D(6, 5, padding="same", activation="tanh"),
            layers.AveragePooling2D(),
            layers.Conv2D(16, 5, activation="tanh"),
            layers.AveragePooling2D(),
        ]
        self.flatten = layers.Flatten()
        self.hidden = [layers.Dense(120, activation="tanh"), layers.Dense(84, activation="tanh")]
        self.scores = layers.Dense(10)

    def call(self, x):
        for layer in self.features:
            x = layer(x)
        x = self.flatten(x)
        for layer in self.hidden:
            x = layer(x)
        return self.scores(x)


(images, labels), (unseen_images, unseen_labels) = keras.datasets.mnist.load_data()
images = images[..., None].astype("float32") / 255
unseen_images = unseen_images[..., None].astype("float32") / 255
batches = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(4000).batch(64)

reader = DigitReader()
loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
adam = keras.optimizers.Adam(0.002)


@tf.function
def step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, reader(x, training=True))
    gradients = tape.gradient(loss, reader.trainable_variables)
    adam.apply_gradients(zip(gradients, reader.trainable_variables))
    return loss


start = perf_counter()
for epoch in range(5):
    for x, y in batches:
        loss = step(x, y)
    print("epoch", epoch, "loss", float(loss))
elapsed = perf_counter() - start

answers = reader.predict(unseen_images, verbose=0).argmax(axis=1)
print("test accuracy =", (answers == unseen_labels).mean())
print("training took", round(elapsed, 2), "seconds")
