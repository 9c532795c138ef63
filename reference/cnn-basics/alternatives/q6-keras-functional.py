# question: q6
"""The functional interface, one-hot labels, average pooling; the scores are logits, and the loss knows it."""

from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.utils import to_categorical

(train_pictures, train_digits), (test_pictures, test_digits) = keras.datasets.mnist.load_data()


def prepared(pictures):
    """N×28×28 with values from 0 to 255, to N×28×28×1 with values from -1 to 1."""
    return pictures.reshape(-1, 28, 28, 1) / 127.5 - 1


inputs = keras.Input(shape=(28, 28, 1))
x = layers.Conv2D(8, (5, 5), padding="same")(inputs)
x = layers.Activation("relu")(x)
x = layers.AveragePooling2D((2, 2))(x)
x = layers.Conv2D(16, (5, 5), activation="relu")(x)
x = layers.AveragePooling2D((2, 2))(x)
x = layers.Flatten()(x)
x = layers.Dense(84, activation="relu")(x)
scores = layers.Dense(10)(x)
lenet_like = keras.Model(inputs, scores)

lenet_like.compile(
    optimizer=keras.optimizers.RMSprop(learning_rate=0.002),
    loss=keras.losses.CategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
lenet_like.fit(
    prepared(train_pictures),
    to_categorical(train_digits),
    batch_size=32,
    epochs=4,
    validation_data=(prepared(test_pictures), to_categorical(test_digits)),
    verbose=0,
)
score = lenet_like.evaluate(prepared(test_pictures), to_categorical(test_digits), verbose=0)
print("Test loss:", score[0])
print("Test accuracy:", score[1])
