# question: q8
"""What the first convolution of AlexNet looks for, and what it finds in a picture.

Krizhevsky, Sutskever, Hinton (2012), "ImageNet classification with deep convolutional neural networks", had 96 filters
11×11 with stride 4 on two GPUs. torchvision's AlexNet is the one-GPU form of Krizhevsky (2014), "One weird trick for
parallelizing convolutional neural networks", arXiv:1404.5997: 64 filters.

    conv1: 3@224×224 -> 64@55×55, as floor((224 + 2·2 - 11) / 4) + 1 = 55
    parameters: 64·(3·11·11 + 1) = 23,296
"""

import matplotlib.pyplot as plt
import torch
from PIL import Image
from torch import Tensor
from torchvision import models, transforms

CONV1_PARAMETERS = 23_296
FILTERS = 64


def show_grid(title: str, pictures: Tensor, colors: str | None = None) -> None:
    """Draws 64 pictures, each H×W or H×W×3 with values from 0 to 1, in an 8×8 grid."""
    figure, axes = plt.subplots(8, 8, figsize=(9, 9))
    figure.suptitle(title)
    for picture, ax in zip(pictures, axes.flat, strict=True):
        ax.imshow(picture, cmap=colors)
        ax.axis("off")
    plt.show()


def to_unit_range(x: Tensor) -> Tensor:
    """Stretches all values together to 0…1: the filters stay comparable with each other."""
    return (x - x.min()) / (x.max() - x.min())


alexnet = models.alexnet(weights=models.AlexNet_Weights.IMAGENET1K_V1).eval()
conv1 = alexnet.features[0]
assert sum(p.numel() for p in conv1.parameters()) == CONV1_PARAMETERS

filters = conv1.weight.detach()  # 64×3×11×11
show_grid("The 64 filters of AlexNet's first convolution (11×11×3)", to_unit_range(filters).permute(0, 2, 3, 1))

prepare = transforms.Compose(
    [
        transforms.Resize((224, 224)),
        transforms.ToTensor(),
        transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    ]
)
image = prepare(Image.open("sample.jpg").convert("RGB")).unsqueeze(0)
with torch.no_grad():
    feature_maps = conv1(image)[0]
assert feature_maps.shape == (FILTERS, 55, 55)
show_grid("Feature maps of sample.jpg after the first convolution (64 maps, 55×55)", feature_maps, "viridis")
