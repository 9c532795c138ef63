# question: q9
"""GoogLeNet (Inception v1) for the 32×32 pictures of CIFAR-10.

Szegedy et al. (2014), "Going deeper with convolutions", arXiv:1409.4842, table 1 and fig. 2b. All nine inception
modules are here, with half of the paper's widths: a quarter of the work, so that it trains on a CPU. Besides, because
the pictures are 32×32 and not 224×224:

- the stem is two 3×3 convolutions with two poolings (32 → 8) instead of 7×7/2 and three poolings (224 → 28);
- batch normalisation after each convolution (Ioffe and Szegedy 2015, arXiv:1502.03167) instead of local response
  normalisation: with it the auxiliary classifiers are not needed any more;
- the last pooling takes the mean over 2×2 instead of 7×7;
- 10 classes.

    stage            output
    stem             96@8×8
    3a, 3b, pool     128@8×8, 240@8×8, 240@4×4
    4a … 4e, pool    256, 256, 256, 264, 416@4×4, 416@2×2
    5a, 5b           416@2×2, 512@2×2
    mean, dropout    512
    linear           10
"""

import matplotlib.pyplot as plt
import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

GOOGLENET_PARAMETERS = 1_501_402
EPOCHS = 5
BATCH_SIZE = 64


def convolution(inputs: int, outputs: int, size: int) -> nn.Sequential:
    """A convolution that keeps height and width, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, size, padding=size // 2, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


class Inception(nn.Module):
    """Four branches over the same input, joined on the channel axis (fig. 2b).

    `table` is what table 1 says: input channels, #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj. Half is built.
    """

    def __init__(self, *table: int) -> None:
        super().__init__()
        inputs, n1, r3, n3, r5, n5, pool = (channels // 2 for channels in table)
        self.one = convolution(inputs, n1, 1)
        self.three = nn.Sequential(convolution(inputs, r3, 1), convolution(r3, n3, 3))
        self.five = nn.Sequential(convolution(inputs, r5, 1), convolution(r5, n5, 5))
        self.pooled = nn.Sequential(nn.MaxPool2d(3, stride=1, padding=1), convolution(inputs, pool, 1))

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([self.one(x), self.three(x), self.five(x), self.pooled(x)], dim=1)


class GoogLeNet(nn.Module):
    """N×3×32×32 images to N×10 logits."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        halve = nn.MaxPool2d(3, stride=2, padding=1)
        self.stem = nn.Sequential(convolution(3, 32, 3), halve, convolution(32, 96, 3), halve)
        self.inception3 = nn.Sequential(
            Inception(192, 64, 96, 128, 16, 32, 32),
            Inception(256, 128, 128, 192, 32, 96, 64),
            halve,
        )
        self.inception4 = nn.Sequential(
            Inception(480, 192, 96, 208, 16, 48, 64),
            Inception(512, 160, 112, 224, 24, 64, 64),
            Inception(512, 128, 128, 256, 24, 64, 64),
            Inception(512, 112, 144, 288, 32, 64, 64),
            Inception(528, 256, 160, 320, 32, 128, 128),
            halve,
        )
        self.inception5 = nn.Sequential(
            Inception(832, 256, 160, 320, 32, 128, 128),
            Inception(832, 384, 192, 384, 48, 128, 128),
        )
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.4), nn.Linear(512, classes))

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.inception5(self.inception4(self.inception3(self.stem(x)))))


def train_epoch(model: nn.Module, batches: DataLoader, optimizer: torch.optim.Optimizer) -> float:
    """One pass over the training set; returns the accuracy on the way."""
    model.train()
    right = seen = 0
    for images, labels in batches:
        optimizer.zero_grad()
        logits = model(images)
        nn.functional.cross_entropy(logits, labels).backward()
        optimizer.step()
        right += (logits.argmax(1) == labels).sum().item()
        seen += len(labels)
    return right / max(seen, 1)


@torch.no_grad()
def accuracy(model: nn.Module, batches: DataLoader) -> float:
    """Share of the images that the model gets right."""
    model.eval()
    right = seen = 0
    for images, labels in batches:
        right += (model(images).argmax(1) == labels).sum().item()
        seen += len(labels)
    return right / max(seen, 1)


normalize = transforms.Normalize((0.4914, 0.4822, 0.4465), (0.2470, 0.2435, 0.2616))
augment = transforms.Compose([transforms.RandomHorizontalFlip(), transforms.ToTensor(), normalize])
plain = transforms.Compose([transforms.ToTensor(), normalize])
train_batches = DataLoader(
    datasets.CIFAR10("data", train=True, download=True, transform=augment), batch_size=BATCH_SIZE, shuffle=True
)
validation_batches = DataLoader(datasets.CIFAR10("data", train=False, download=True, transform=plain), batch_size=256)

googlenet = GoogLeNet().to(memory_format=torch.channels_last)  # faster on a CPU, same numbers
assert sum(p.numel() for p in googlenet.parameters()) == GOOGLENET_PARAMETERS

optimizer = torch.optim.Adam(googlenet.parameters(), lr=1e-3)
train_curve: list[float] = []
validation_curve: list[float] = []
for epoch in range(EPOCHS):
    train_curve.append(train_epoch(googlenet, train_batches, optimizer))
    validation_curve.append(accuracy(googlenet, validation_batches))
    print(f"epoch {epoch + 1}: train {train_curve[-1]:.3f}, validation {validation_curve[-1]:.3f}")

epochs = range(1, EPOCHS + 1)
plt.figure(figsize=(6, 4))
plt.plot(epochs, train_curve, marker="o", label="train")
plt.plot(epochs, validation_curve, marker="o", label="validation")
plt.title("GoogLeNet on CIFAR-10")
plt.xlabel("epoch")
plt.ylabel("accuracy")
plt.legend()
plt.show()

gap = train_curve[-1] - validation_curve[-1]
print(f"Train accuracy {train_curve[-1]:.3f}, validation accuracy {validation_curve[-1]:.3f}: a gap of {gap:+.3f}.")

# %% [markdown]
# **Analysis.** A gap that grows from epoch to epoch, with a validation curve that goes flat or falls, is overfitting.
# Two low curves that lie together and still rise are underfitting: more epochs are the cure. Five epochs are few for
# 1.5 million parameters, and both curves still rise at the end: the network underfits. The training accuracy is taken
# with dropout and while the weights still move, so it lies a little low. In a longer run the gap will open: stronger
# augmentation (random crops), weight decay and stopping at the best validation epoch are what I would then add.
