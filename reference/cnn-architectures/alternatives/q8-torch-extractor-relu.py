# question: q8
"""AlexNet's first convolution by a feature extractor, maps after ReLU, grey filters, 4×16, saved to files."""

import matplotlib.pyplot as plt
import torch
import torchvision
from PIL import Image
from torchvision.models.feature_extraction import create_feature_extractor

net = torchvision.models.alexnet(weights="IMAGENET1K_V1").eval()
to_input = torchvision.models.AlexNet_Weights.IMAGENET1K_V1.transforms()
cat = to_input(Image.open("sample.jpg").convert("RGB")).unsqueeze(0)

kernels = net.state_dict()["features.0.weight"].mean(dim=1)
fig, axs = plt.subplots(4, 16, figsize=(16, 4))
for ax, kernel in zip(axs.ravel(), kernels):
    ax.imshow(kernel, cmap="gray")
    ax.set_xticks([])
    ax.set_yticks([])
fig.suptitle("AlexNet: kernels of the first layer (mean over RGB)")
fig.savefig("kernels.png")

first = create_feature_extractor(net, {"features.1": "maps"})
with torch.inference_mode():
    maps = first(cat)["maps"].squeeze(0)
fig, axs = plt.subplots(4, 16, figsize=(16, 4))
fig.suptitle(f"AlexNet: {len(maps)} feature maps of the cat after ReLU")
for i in range(64):
    axs[i // 16][i % 16].imshow(maps[i], cmap="viridis")
    axs[i // 16][i % 16].axis("off")
fig.savefig("maps.png")
