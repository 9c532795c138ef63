# question: q9
"""torchvision's GoogLeNet itself, with its auxiliary heads in the loss; pictures enlarged, curves in per cent."""

import matplotlib.pyplot as plt
import torch
from torch import nn
from torch.utils.data import DataLoader, Subset
from torchvision import datasets, models, transforms as T

steps = T.Compose([T.Resize(64), T.ToTensor(), T.Normalize([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])])
train = Subset(datasets.CIFAR10(root=".", train=True, download=True, transform=steps), range(256))
valid = Subset(datasets.CIFAR10(root=".", train=False, download=True, transform=steps), range(64))
train_loader, valid_loader = DataLoader(train, 32, shuffle=True), DataLoader(valid, 32)

net = models.googlenet(weights=None, num_classes=10, aux_logits=True, init_weights=False)
loss_of = nn.CrossEntropyLoss()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)


def loss_and_logits(x, y):
    out = net(x)
    if isinstance(out, tuple):  # in training: logits, aux_logits2, aux_logits1
        return loss_of(out.logits, y) + 0.3 * (loss_of(out.aux_logits1, y) + loss_of(out.aux_logits2, y)), out.logits
    return loss_of(out, y), out


train_pct, valid_pct = [], []
for epoch in range(2):
    net.train()
    hits = 0
    for x, y in train_loader:
        loss, logits = loss_and_logits(x, y)
        opt.zero_grad()
        loss.backward()
        opt.step()
        hits += int((logits.argmax(1) == y).sum())
    train_pct.append(100 * hits / len(train))
    net.eval()
    with torch.no_grad():
        valid_pct.append(100 * sum(int((net(x).argmax(1) == y).sum()) for x, y in valid_loader) / len(valid))

plt.plot([1, 2], train_pct, "o-", label="train")
plt.plot([1, 2], valid_pct, "s--", label="validation")
plt.xlabel("epoch")
plt.ylabel("accuracy in %")
plt.title("GoogLeNet")
plt.legend()
plt.show()
