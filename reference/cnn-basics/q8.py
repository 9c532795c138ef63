# question: q8
"""A convolutional network for MNIST as a PyTorch script: model, data loaders, training loop, evaluation.

The same plan as LeCun et al. (1998), "Gradient-based learning applied to document recognition", in today's form. ReLU:
Nair and Hinton (2010); dropout: Srivastava et al. (2014); Adam: Kingma and Ba (2014), arXiv:1412.6980.

    layer       output      parameters
    conv1        8×28×28            80 = 8·(1·3·3 + 1)
    pool         8×14×14             0
    conv2       16×14×14         1,168 = 16·(8·3·3 + 1)
    pool        16×7×7               0
    hidden          64          50,240 = 64·(16·7·7 + 1)
    output          10             650 = 10·(64 + 1)
"""

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision import datasets, transforms

PARAMETERS = 52_138
EPOCHS = 3
BATCH_SIZE = 32


class DigitsNetwork(nn.Module):
    """N×1×28×28 pictures to N×10 logits."""

    def __init__(self, classes: int = 10) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.hidden = nn.Linear(16 * 7 * 7, 64)
        self.dropout = nn.Dropout(0.25)
        self.output = nn.Linear(64, classes)

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = self.dropout(torch.relu(self.hidden(x.flatten(1))))  # flatten(1) keeps the batch axis
        return self.output(x)


def loaders() -> tuple[DataLoader, DataLoader]:
    """Training and test batches; mean and deviation are those of MNIST's training set."""
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((0.1307,), (0.3081,))])
    train_set = datasets.MNIST("data", train=True, download=True, transform=transform)
    test_set = datasets.MNIST("data", train=False, download=True, transform=transform)
    return DataLoader(train_set, BATCH_SIZE, shuffle=True), DataLoader(test_set, 256)


def train_epoch(model: nn.Module, batches: DataLoader, optimizer: torch.optim.Optimizer) -> float:
    """One pass over the training set; returns the mean loss."""
    loss_of = nn.CrossEntropyLoss()  # expects logits: it applies the softmax itself
    model.train()
    total = 0.0
    for images, labels in batches:
        optimizer.zero_grad()
        loss = loss_of(model(images), labels)
        loss.backward()
        optimizer.step()
        total += loss.item()
    return total / len(batches)


@torch.no_grad()
def accuracy(model: nn.Module, batches: DataLoader) -> float:
    """Share of the pictures that the model gets right."""
    model.eval()
    right = seen = 0
    for images, labels in batches:
        right += (model(images).argmax(1) == labels).sum().item()
        seen += len(labels)
    return right / seen


def main() -> nn.Module:
    torch.manual_seed(0)
    train_batches, test_batches = loaders()
    model = DigitsNetwork()
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    for epoch in range(EPOCHS):
        print(f"epoch {epoch + 1}: loss {train_epoch(model, train_batches, optimizer):.3f}")
    print(f"Test accuracy: {100 * accuracy(model, test_batches):.1f} %")
    return model


if __name__ == "__main__":
    network = main()
