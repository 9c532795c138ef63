# question: q6
"""LeNet-5 in PyTorch in the style of Lightning: the network says what a step is, a trainer repeats it."""

import time
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils.data import DataLoader, random_split
from torchvision import datasets, transforms


class LitLeNet(nn.Module):
    def __init__(self, lr=2e-3):
        super().__init__()
        self.lr = lr
        self.encoder = nn.ModuleDict(
            {
                "c1": nn.Conv2d(1, 6, 5, padding=2),
                "c3": nn.Conv2d(6, 16, 5),
                "c5": nn.Conv2d(16, 120, 5),
            }
        )
        self.classifier = nn.Sequential(nn.Linear(120, 84), nn.Tanh(), nn.Linear(84, 10))

    def forward(self, x):
        for name in ("c1", "c3"):
            x = nn.functional.max_pool2d(torch.tanh(self.encoder[name](x)), 2)
        return self.classifier(torch.tanh(self.encoder["c5"](x)).squeeze(-1).squeeze(-1))

    def training_step(self, batch, batch_idx):
        x, y = batch
        return nn.functional.cross_entropy(self(x), y)

    def validation_step(self, batch, batch_idx):
        x, y = batch
        return (self(x).argmax(-1) == y).sum().item()

    def configure_optimizers(self):
        return torch.optim.AdamW(self.parameters(), lr=self.lr)


@dataclass
class Trainer:
    max_epochs: int

    def fit(self, module, loader):
        optimizer = module.configure_optimizers()
        start = time.perf_counter()
        module.train()
        for _ in range(self.max_epochs):
            for i, batch in enumerate(loader):
                loss = module.training_step(batch, i)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
        print(f"training time: {time.perf_counter() - start:.2f}s")

    @torch.inference_mode()
    def test(self, module, loader):
        module.eval()
        hits = sum(module.validation_step(batch, i) for i, batch in enumerate(loader))
        print(f"test_acc: {hits / len(loader.dataset):.4f}")


everything = datasets.MNIST("data", train=True, download=True, transform=transforms.ToTensor())
n = len(everything)
train_part, _ = random_split(everything, [n - n // 10, n // 10], generator=torch.Generator().manual_seed(0))
test_part = datasets.MNIST("data", train=False, transform=transforms.ToTensor())

lit = LitLeNet()
trainer = Trainer(max_epochs=5)
trainer.fit(lit, DataLoader(train_part, batch_size=64, shuffle=True))
trainer.test(lit, DataLoader(test_part, batch_size=256))
