# question: q9
"""The generator with a share for validation and one-hot labels; 150×150 as in most tutorials, and global pooling."""

import numpy as np
from tensorflow.keras.layers import Conv2D, Dense, Dropout, GlobalAveragePooling2D, MaxPooling2D
from tensorflow.keras.models import Sequential
from tensorflow.keras.preprocessing.image import ImageDataGenerator

train_dir = "dataset/train"
datagen = ImageDataGenerator(
    rescale=1.0 / 255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True, validation_split=0.2
)
common = dict(target_size=(150, 150), batch_size=8, class_mode="categorical")
train_gen = datagen.flow_from_directory(train_dir, subset="training", **common)
val_gen = datagen.flow_from_directory(train_dir, subset="validation", **common)

model = Sequential(
    [
        Conv2D(8, (3, 3), strides=2, activation="relu", input_shape=(150, 150, 3)),
        MaxPooling2D(2, 2),
        Conv2D(16, (3, 3), activation="relu"),
        GlobalAveragePooling2D(),
        Dropout(0.2),
        Dense(2, activation="softmax"),
    ]
)
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
history = model.fit(train_gen, epochs=2, validation_data=val_gen)
print("best validation accuracy", np.max(history.history["val_accuracy"]))
