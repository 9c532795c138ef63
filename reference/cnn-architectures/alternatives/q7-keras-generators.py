# question: q7
"""VGG16 in Keras, Sequential, as in tutorials: generators with augmentation, frozen in a loop, one sigmoid."""

from tensorflow.keras import layers, models, optimizers
from tensorflow.keras.applications import VGG16
from tensorflow.keras.applications.vgg16 import preprocess_input
from tensorflow.keras.preprocessing.image import ImageDataGenerator

conv_base = VGG16(weights="imagenet", include_top=False, input_shape=(48, 48, 3))
for layer in conv_base.layers:
    layer.trainable = False

model = models.Sequential()
model.add(conv_base)
model.add(layers.Flatten())
model.add(layers.Dense(64, activation="relu"))
model.add(layers.Dense(1, activation="sigmoid"))
model.summary()

train_datagen = ImageDataGenerator(preprocessing_function=preprocess_input, rotation_range=15, horizontal_flip=True)
val_datagen = ImageDataGenerator(preprocessing_function=preprocess_input)
train_gen = train_datagen.flow_from_directory("dataset/train", target_size=(48, 48), batch_size=20, class_mode="binary")
val_gen = val_datagen.flow_from_directory("dataset/val", target_size=(48, 48), batch_size=20, class_mode="binary")

model.compile(loss="binary_crossentropy", optimizer=optimizers.RMSprop(learning_rate=1e-4), metrics=["acc"])
first = model.fit(train_gen, epochs=2, validation_data=val_gen)
print("after feature extraction: val acc", first.history["val_acc"][-1])

conv_base.trainable = True
for layer in conv_base.layers:
    layer.trainable = layer.name in ("block5_conv1", "block5_conv2", "block5_conv3")
model.compile(loss="binary_crossentropy", optimizer=optimizers.RMSprop(learning_rate=1e-5), metrics=["acc"])
second = model.fit(train_gen, epochs=1, validation_data=val_gen)
print("after fine-tuning: val acc", second.history["val_acc"][-1])
