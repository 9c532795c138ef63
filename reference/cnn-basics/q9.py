# question: q9
"""Training from a folder of pictures with Keras' `ImageDataGenerator`, which scales and augments them.

    dataset/train/<class>/*.png     one folder per class; the parent folder would be a single class
    dataset/val/<class>/*.png

Augmentation draws each picture anew in every epoch, a little turned, shifted and mirrored, so that a small data set
overfits less (Shorten and Khoshgoftaar 2019, "A survey on image data augmentation for deep learning"). Validation
pictures are scaled in the same way and not augmented. Today's Keras would use `image_dataset_from_directory` and
augmenting layers; the question asks for the generator.

    layer       output      parameters
    conv1       62×62×16           448 = 16·(3·3·3 + 1)
    pool1       31×31×16             0
    conv2       29×29×32         4,640 = 32·(3·3·16 + 1)
    pool2       14×14×32             0
    conv3       12×12×32         9,248 = 32·(3·3·32 + 1)
    pool3        6×6×32              0
    hidden          32          36,896 = 32·(6·6·32 + 1)
    output           1              33 = 32 + 1
"""

import keras
from keras import layers
from tensorflow.keras.preprocessing.image import ImageDataGenerator

PARAMETERS = 51_265
SIZE = 64  # pixels
BATCH_SIZE = 16
EPOCHS = 4

augmented = ImageDataGenerator(
    rescale=1 / 255, rotation_range=10, width_shift_range=0.1, height_shift_range=0.1, horizontal_flip=True
)
plain = ImageDataGenerator(rescale=1 / 255)
settings = {"target_size": (SIZE, SIZE), "batch_size": BATCH_SIZE, "class_mode": "binary"}
train_pictures = augmented.flow_from_directory("dataset/train", seed=1, **settings)
validation_pictures = plain.flow_from_directory("dataset/val", shuffle=False, **settings)
print("classes:", train_pictures.class_indices)
assert train_pictures.num_classes == 2


def folder_network() -> keras.Model:
    """N×64×64×3 pictures with values from 0 to 1, to N×1 probabilities of the second class."""
    return keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            layers.Conv2D(16, 3, activation="relu", name="conv1"),
            layers.MaxPooling2D(name="pool1"),
            layers.Conv2D(32, 3, activation="relu", name="conv2"),
            layers.MaxPooling2D(name="pool2"),
            layers.Conv2D(32, 3, activation="relu", name="conv3"),
            layers.MaxPooling2D(name="pool3"),
            layers.Flatten(),
            layers.Dense(32, activation="relu", name="hidden"),
            layers.Dense(1, activation="sigmoid", name="output"),
        ]
    )


model = folder_network()
assert model.count_params() == PARAMETERS
model.compile(optimizer=keras.optimizers.Adam(1e-3), loss="binary_crossentropy", metrics=["accuracy"])
history = model.fit(train_pictures, validation_data=validation_pictures, epochs=EPOCHS, verbose=2)
print(f"Validation accuracy: {100 * model.evaluate(validation_pictures, verbose=0)[1]:.1f} %")
