# question: q8
"""AlexNet's first convolution by a forward hook and one function that draws; each filter stretched by itself."""

import matplotlib.pyplot as plt
import numpy as np
import torch
from torchvision.io import ImageReadMode, read_image
from torchvision.models import AlexNet_Weights, alexnet

weights = AlexNet_Weights.DEFAULT
model = alexnet(weights=weights)
model.eval()

activations = {}
model.features[0].register_forward_hook(lambda module, inputs, output: activations.update(conv1=output.detach()))
picture = weights.transforms()(read_image("sample.jpg", ImageReadMode.RGB))
with torch.no_grad():
    model(picture[None])


def plot_all(arrays, title, **options):
    plt.figure(figsize=(10, 10))
    for k, array in enumerate(arrays):
        plt.subplot(8, 8, k + 1)
        low, high = np.min(array), np.max(array)
        plt.imshow((array - low) / (high - low), **options)
        plt.axis("off")
    plt.suptitle(title)
    plt.show()


plot_all(model.features[0].weight.detach().numpy().transpose(0, 2, 3, 1), "Filters, conv1")
plot_all(activations["conv1"][0].numpy(), "Activation maps, conv1", cmap="gray")
