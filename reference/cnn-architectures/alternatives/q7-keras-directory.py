# question: q7
"""VGG16 in Keras, functional: `image_dataset_from_directory`, the network's own preprocessing, block 5 fine-tuned.

Simonyan and Zisserman (2014), arXiv:1409.1556, table 1, D. Head for two classes: 65,922 = 128·(512 + 1) + 2·(128 + 1).
"""

import keras
import matplotlib.pyplot as plt
from keras import layers
from keras.applications import VGG16
from keras.applications.vgg16 import preprocess_input

VGG16_BASE_PARAMETERS = 14_714_688
HEAD_PARAMETERS = 65_922
SIZE = 32  # pixels; 224 where there is a GPU
EPOCHS = 2


def classifier(classes: int) -> tuple[keras.Model, keras.Model]:
    """N×32×32×3 pictures (RGB, 0 to 255) to N×classes probabilities; gives the network and its base."""
    base = VGG16(weights="imagenet", include_top=False, input_shape=(SIZE, SIZE, 3))
    base.trainable = False
    pictures = keras.Input((SIZE, SIZE, 3))
    x = base(preprocess_input(pictures))  # BGR, minus ImageNet's mean
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dense(128, activation="relu")(x)
    x = layers.Dropout(0.5)(x)
    return keras.Model(pictures, layers.Dense(classes, activation="softmax")(x)), base


train = keras.utils.image_dataset_from_directory("dataset/train", image_size=(SIZE, SIZE), batch_size=16, seed=1)
validation = keras.utils.image_dataset_from_directory("dataset/val", image_size=(SIZE, SIZE), batch_size=16)

model, base = classifier(len(train.class_names))
assert base.count_params() == VGG16_BASE_PARAMETERS
model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
extraction = model.fit(train, validation_data=validation, epochs=EPOCHS, verbose=2)

base.trainable = True
for layer in base.layers:
    layer.trainable = layer.name.startswith("block5")
model.compile(keras.optimizers.Adam(2e-5), "sparse_categorical_crossentropy", metrics=["accuracy"])
tuning = model.fit(train, validation_data=validation, epochs=EPOCHS, verbose=2)

curve = extraction.history["val_accuracy"] + tuning.history["val_accuracy"]
plt.plot(range(1, len(curve) + 1), curve)
plt.title("validation accuracy, fine-tuning from epoch 3")
plt.xlabel("epoch")
plt.ylabel("accuracy")
plt.show()
