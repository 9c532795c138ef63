import numpy as np
import streamlit as st
import tensorflow as tf
from PIL import Image

# the model from the notebook
model = tf.keras.models.load_model("chest_model.keras")

st.title("Is it pneumonia?")
up = st.file_uploader("X-ray")
if up:
    img = np.array(Image.open(up).convert("L").resize((64, 64)), dtype=float).reshape(1, 64, 64, 1)
    probs = model.predict(img)[0]
    st.write({"Normal": float(probs[0]), "Pneumonia": float(probs[1])})
