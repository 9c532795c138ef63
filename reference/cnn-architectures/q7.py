# question: q7
"""VGG16, trained on ImageNet, put to work on a small folder of pictures with two classes.

Simonyan and Zisserman (2014), "Very deep convolutional networks for large-scale image recognition", arXiv:1409.1556,
table 1, configuration D. The thirteen 3×3 convolutions have 14,714,688 parameters; five poolings divide the picture's
height and width by 32. The three dense layers of the paper (123.6 million parameters) are left out: a new, small head
stands in their place.

    stage    input    output             parameters
    base     3@32×32  512@1×1            14,714,688
    head     512      2 (one per class)      65,922 = 128·(512 + 1) + 2·(128 + 1)
"""

from pathlib import Path

import matplotlib.pyplot as plt
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, models, transforms

VGG16_BASE_PARAMETERS = 14_714_688
HEAD_PARAMETERS = 65_922  # for two classes
SIZE = 32  # pixels; small, so that two CPU cores do in seconds what 224 would do in minutes
BATCH_SIZE = 16
FEATURE_EXTRACTION_EPOCHS = 3
FINE_TUNING_EPOCHS = 2


class Classifier(nn.Module):
    """N×3×32×32 images to logits: the pretrained base and a new head."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.base = models.vgg16(weights=models.VGG16_Weights.IMAGENET1K_V1).features
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(512 * (SIZE // 32) ** 2, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, classes)
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.base(x))


def batches_of(split: str, steps: list[nn.Module]) -> DataLoader:
    """Batches of `dataset/<split>/<class>/*.jpg` as VGG16 saw pictures in training: ImageNet mean and deviation."""
    transform = transforms.Compose(
        [
            transforms.Resize((SIZE, SIZE)),
            *steps,
            transforms.ToTensor(),
            transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        ]
    )
    pictures = datasets.ImageFolder(Path("dataset") / split, transform)
    return DataLoader(pictures, batch_size=BATCH_SIZE, shuffle=split == "train")


@torch.no_grad()
def accuracy(model: nn.Module, batches: DataLoader) -> float:
    """Share of the images that the model gets right."""
    model.eval()
    right = seen = 0
    for images, labels in batches:
        right += (model(images).argmax(1) == labels).sum().item()
        seen += len(labels)
    return right / max(seen, 1)


def train(model: Classifier, optimizer: torch.optim.Optimizer, epochs: int) -> list[float]:
    """Trains what the optimizer holds; returns the validation accuracy after each epoch."""
    curve = []
    for _ in range(epochs):
        model.train()
        for images, labels in train_batches:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(images), labels).backward()
            optimizer.step()
        curve.append(accuracy(model, validation_batches))
        print(f"validation accuracy: {100 * curve[-1]:.1f} %")
    return curve


train_batches = batches_of("train", [transforms.RandomHorizontalFlip()])
validation_batches = batches_of("val", [])
vgg = Classifier(classes=len(train_batches.dataset.classes))
assert sum(p.numel() for p in vgg.base.parameters()) == VGG16_BASE_PARAMETERS

# Stage 1, feature extraction: the base is frozen, or the large gradients of the fresh head would spoil it.
vgg.base.requires_grad_(False)
curve = train(vgg, torch.optim.Adam(vgg.head.parameters(), lr=1e-3), FEATURE_EXTRACTION_EPOCHS)

# Stage 2, fine-tuning: the last of the five blocks too (features 24 to 30), at a fiftieth of the learning rate.
vgg.base[24:].requires_grad_(True)
tuned = [p for p in vgg.parameters() if p.requires_grad]
curve += train(vgg, torch.optim.Adam(tuned, lr=2e-5), FINE_TUNING_EPOCHS)

plt.figure(figsize=(6, 4))
plt.plot(range(1, len(curve) + 1), curve, marker="o", label="validation")
plt.axvline(FEATURE_EXTRACTION_EPOCHS + 0.5, linestyle="--", color="grey", label="fine-tuning starts")
plt.title("VGG16 on a small data set")
plt.xlabel("epoch")
plt.ylabel("accuracy")
plt.legend()
plt.show()

# %% [markdown]
# **Discussion.** With the base frozen only the head learns: its 65,922 weights sit on features that ImageNet
# already paid for, so a few epochs over a hundred or so pictures are enough and there is little to overfit with.
# Fine-tuning lets the last block, the one most specific to ImageNet, adapt to the new pictures. The learning rate
# must be low there, because large steps would wipe out what was learned on 1.2 million pictures. The validation set
# is small (its accuracy is uncertain by some per cent), so a difference of one or two pictures between the two stages
# proves nothing.
