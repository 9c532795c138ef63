# question: q10
"""Chest X-rays, Normal or Pneumonia, from the folder of pictures to a web application.

The data are laid out like those of Kermany et al. (2018), "Identifying medical diagnoses and treatable diseases by
image-based deep learning", Cell 172(5). The steps:

1. Data: `chest_xray/{train,val,test}/{NORMAL,PNEUMONIA}`. A patient must not be in two parts.
2. Preparation: grey, 64×64, values from 0 to 255; the scaling to 0..1 is a layer of the network, so that the
   application cannot forget it. Small turns and shifts as augmentation; no flips: the heart is on the left.
3. Imbalance: more PNEUMONIA than NORMAL. Class weights make an error on either class cost the same in sum.
4. Model: a small network here; in earnest a pretrained one (DenseNet-121 in Rajpurkar et al. 2017, "CheXNet",
   arXiv:1711.05225), first frozen, then fine-tuned.
5. Evaluation: recall of PNEUMONIA (sensitivity) and of NORMAL (specificity). A missed pneumonia is the dear error.
6. Application: one file, `app.py`, that loads the saved model once, prepares a picture as in the training, and shows
   the class with its probability and a notice that this is no diagnosis. `streamlit run app.py` starts it.
7. Operation: no picture is stored (privacy); versions of model and application go together; drift is watched;
   Grad-CAM (Selvaraju et al. 2017) shows a physician where the network looked.

    layer       output      parameters
    scaling     64×64×1              0
    conv1       62×62×16           160 = 16·(3·3·1 + 1)
    conv2       29×29×32         4,640 = 32·(3·3·16 + 1)
    conv3       12×12×64        18,496 = 64·(3·3·32 + 1)
    maximum         64               0
    output           1              65 = 64 + 1
"""

from pathlib import Path

import keras
import numpy as np
from keras import layers

PARAMETERS = 23_361
SIZE = 64  # pixels
BATCH_SIZE = 16
EPOCHS = 8
MODEL_FILE = "pneumonia.keras"

FORM = {"color_mode": "grayscale", "image_size": (SIZE, SIZE), "batch_size": BATCH_SIZE, "label_mode": "binary"}
train_pictures = keras.utils.image_dataset_from_directory("chest_xray/train", seed=1, **FORM)
validation_pictures = keras.utils.image_dataset_from_directory("chest_xray/val", shuffle=False, **FORM)
test_pictures = keras.utils.image_dataset_from_directory("chest_xray/test", shuffle=False, **FORM)
assert train_pictures.class_names == ["NORMAL", "PNEUMONIA"]


def xray_network() -> keras.Model:
    """N×64×64×1 pictures with values from 0 to 255, to N×1 probabilities of pneumonia."""
    return keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 1)),
            layers.Rescaling(1 / 255),
            layers.RandomTranslation(0.05, 0.05),
            layers.RandomRotation(0.02),
            layers.Conv2D(16, 3, activation="relu", name="conv1"),
            layers.MaxPooling2D(),
            layers.Conv2D(32, 3, activation="relu", name="conv2"),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu", name="conv3"),
            layers.GlobalMaxPooling2D(),
            layers.Dense(1, activation="sigmoid", name="output"),
        ]
    )


def recalls(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Specificity and sensitivity: the shares of the N normal and pneumonia pictures that are told as such."""
    told = probabilities.ravel() > 0.5
    truth = labels.ravel() == 1
    return float((~told[~truth]).mean()), float(told[truth].mean())


model = xray_network()
assert model.count_params() == PARAMETERS
labels = np.concatenate([batch.numpy() for _, batch in train_pictures])
weights = {0: len(labels) / (2 * (labels == 0).sum()), 1: len(labels) / (2 * (labels == 1).sum())}
model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(train_pictures, validation_data=validation_pictures, epochs=EPOCHS, class_weight=weights, verbose=2)

truth = np.concatenate([batch.numpy() for _, batch in test_pictures])
specificity, sensitivity = recalls(model.predict(test_pictures, verbose=0), truth)
print(f"Recall of NORMAL {specificity:.2f}, of PNEUMONIA {sensitivity:.2f}")
model.save(MODEL_FILE)

APP = f'''\
import keras
import numpy as np
import streamlit as st
from PIL import Image

CLASSES = ["NORMAL", "PNEUMONIA"]


@st.cache_resource  # loaded once, not for each picture
def network():
    return keras.models.load_model("{MODEL_FILE}")


st.title("Chest X-ray")
st.caption("A teaching example. This is no diagnosis.")
uploaded = st.file_uploader("A frontal chest X-ray", type=["jpg", "jpeg", "png"])
if uploaded is not None:
    picture = Image.open(uploaded).convert("L").resize(({SIZE}, {SIZE}))
    st.image(picture, width=256)
    batch = np.asarray(picture, dtype="float32")[None, ..., None]
    pneumonia = float(network().predict(batch, verbose=0)[0, 0])
    found = int(pneumonia > 0.5)
    st.subheader(CLASSES[found])
    st.write(f"Probability: {{max(pneumonia, 1 - pneumonia):.1%}}")
'''
Path("app.py").write_text(APP)

# %% [markdown]
# **Approach.** I follow one picture: it comes from a public, labelled set that was split by patient; it is made grey
# and small, and the network itself scales it. The classes are not equally frequent, so the loss is weighted. What
# counts is the recall of both classes on the test part, above all that of pneumonia. The model is saved under one
# name, and the app loads that name, prepares an uploaded picture in the same way and shows class and probability.
# Before a hospital could use it: a larger, pretrained network, data of that hospital, approval as a medical product,
# Grad-CAM for the physician, logging without pictures, and monitoring of drift.
