# question: c4
"""AlexNet for pictures of 32×32, trained on CIFAR-10 and evaluated.

Krizhevsky, Sutskever, Hinton (2012), "ImageNet classification with deep convolutional neural networks", NIPS 25, in
half of the widths of Krizhevsky (2014), "One weird trick", arXiv:1404.5997, which torchvision has, and with dense
layers of a quarter. Windows of 11×11 with stride 4 and poolings of 3×3 would shrink a 32×32 picture to nothing; so the
first window is 3×3 with stride 2, and the poolings are 2×2. Local response normalisation is left out, as ever since.

    layer     output      parameters
    conv1     32@16×16           896 = 32·(3·3·3 + 1)
    pool1     32@8×8               0
    conv2     96@8×8          76,896 = 96·(32·5·5 + 1)
    pool2     96@4×4               0
    conv3    192@4×4         166,080 = 192·(96·3·3 + 1)
    conv4    128@4×4         221,312 = 128·(192·3·3 + 1)
    conv5    128@4×4         147,584 = 128·(128·3·3 + 1)
    pool5    128@2×2               0
    dense6  1024             525,312 = 1024·(128·2·2 + 1)
    dense7  1024           1,049,600 = 1024·(1024 + 1)
    dense8    10              10,250 = 10·(1024 + 1)
"""

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

ALEXNET32_PARAMETERS = 2_197_930
EPOCHS = 2


class AlexNet32(nn.Module):
    """N×3×32×32 pictures to N×10 scores."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 32, kernel_size=3, stride=2, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 96, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(96, 192, kernel_size=3, padding=1), nn.ReLU(),
            nn.Conv2d(192, 128, kernel_size=3, padding=1), nn.ReLU(),
            nn.Conv2d(128, 128, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        )  # fmt: skip
        self.classifier = nn.Sequential(
            nn.Dropout(0.5), nn.Linear(128 * 2 * 2, 1024), nn.ReLU(),
            nn.Dropout(0.5), nn.Linear(1024, 1024), nn.ReLU(),
            nn.Linear(1024, classes),
        )  # fmt: skip

    def forward(self, x: Tensor) -> Tensor:
        return self.classifier(self.features(x).flatten(1))


@torch.no_grad()
def accuracy(model: nn.Module, batches: DataLoader) -> float:
    """Share of the pictures that the model gets right."""
    model.eval()
    right = seen = 0
    for pictures, labels in batches:
        right += (model(pictures).argmax(1) == labels).sum().item()
        seen += len(labels)
    return right / seen


to_tensor = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)])
train_set = datasets.CIFAR10("data", train=True, download=True, transform=to_tensor)
test_set = datasets.CIFAR10("data", train=False, download=True, transform=to_tensor)

alexnet = AlexNet32()
assert sum(p.numel() for p in alexnet.parameters()) == ALEXNET32_PARAMETERS

optimizer = torch.optim.Adam(alexnet.parameters(), lr=1e-3)
loss_of = nn.CrossEntropyLoss()
for epoch in range(EPOCHS):
    alexnet.train()
    total, batches = 0.0, DataLoader(train_set, batch_size=32, shuffle=True)
    for pictures, labels in batches:
        optimizer.zero_grad()
        loss = loss_of(alexnet(pictures), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    print(f"epoch {epoch + 1}: loss {total / len(batches):.3f}")
print(f"Test accuracy: {100 * accuracy(alexnet, DataLoader(test_set, batch_size=200)):.1f} %")
