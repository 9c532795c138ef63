# question: q9
"""Today's way: `image_dataset_from_directory`, augmentation and scaling as layers of the network, two softmax outputs."""

import tensorflow as tf
from tensorflow.keras import layers, models

IMG = (64, 64)
train_ds = tf.keras.utils.image_dataset_from_directory("dataset/train", image_size=IMG, batch_size=16, seed=123)
val_ds = tf.keras.utils.image_dataset_from_directory("dataset/val", image_size=IMG, batch_size=16, seed=123)
names = train_ds.class_names
train_ds = train_ds.cache().prefetch(tf.data.AUTOTUNE)

augment = tf.keras.Sequential([layers.RandomFlip("horizontal"), layers.RandomRotation(0.05), layers.RandomZoom(0.1)])
network = models.Sequential(
    [
        layers.Input((*IMG, 3)),
        augment,
        layers.Rescaling(1.0 / 255),
        layers.Conv2D(16, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
        layers.MaxPooling2D(),
        layers.Flatten(),
        layers.Dense(32, activation="relu"),
        layers.Dense(len(names), activation="softmax"),
    ]
)
network.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
history = network.fit(train_ds, validation_data=val_ds, epochs=5, verbose=0)
print(names, history.history["val_accuracy"])
