# CNN basics
from tensorflow.keras import layers, models

# Q6. Keras CNN on MNIST
from tensorflow.keras.datasets import mnist
(x, y), _ = mnist.load_data()
# 1. model
model = models.Sequential()

# Q7. CIFAR-10
from tensorflow.keras.datasets import cifar10
(x, y), _ = cifar10.load_data()

# Q8. PyTorch on MNIST
import torch
loader = torch.utils.data.DataLoader([])
