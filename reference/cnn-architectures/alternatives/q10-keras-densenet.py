# question: q10
"""DenseNet-121 in Keras with a head for three kinds of chest X-rays.

Huang, Liu, van der Maaten, Weinberger (2016), arXiv:1608.06993, table 1: 7,037,504 parameters without the classifier:
Keras counts the 83,648 running means and variances of batch normalisation, too. The head has 3,075 = 3·(1,024 + 1).
"""

import keras
from keras import layers

BASE_PARAMETERS = 7_037_504
HEAD_PARAMETERS = 3_075

base = keras.applications.DenseNet121(include_top=False, weights="imagenet", input_shape=(64, 64, 3), pooling="avg")
base.trainable = False
xray = keras.Input((64, 64, 3))
features = base(keras.applications.densenet.preprocess_input(xray), training=False)
model = keras.Model(xray, layers.Dense(3, activation="softmax")(features))
model.compile(
    keras.optimizers.Adam(1e-3),
    loss="categorical_crossentropy",
    metrics=["accuracy", keras.metrics.Recall(class_id=2, name="recall_covid"), keras.metrics.F1Score(average="macro")],
)
model.summary()
