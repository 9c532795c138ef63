# question: q7
"""VGG16 in PyTorch with its `classifier` replaced, one optimizer with two groups and rates for the second stage."""

import copy

import torch
import torch.nn as nn
from torch.utils.data import DataLoader
from torchvision import datasets, models

weights = models.VGG16_Weights.DEFAULT
preprocess = weights.transforms(crop_size=32, resize_size=32)
folders = {part: datasets.ImageFolder(f"./dataset/{part}", preprocess) for part in ("train", "val")}
loaders = {part: DataLoader(folder, batch_size=16, shuffle=part == "train") for part, folder in folders.items()}

net = models.vgg16(weights=weights)
net.avgpool = nn.AdaptiveAvgPool2d(1)
for weight in net.features.parameters():
    weight.requires_grad = False
net.classifier = nn.Sequential(nn.Flatten(), nn.Dropout(0.3), nn.Linear(512, len(folders["train"].classes)))
criterion = nn.CrossEntropyLoss()


def run_epoch(part, optimizer=None):
    net.train(part == "train")
    right = 0
    with torch.set_grad_enabled(part == "train"):
        for x, y in loaders[part]:
            out = net(x)
            if optimizer is not None:
                optimizer.zero_grad()
                criterion(out, y).backward()
                optimizer.step()
            right += (out.argmax(1) == y).sum().item()
    return right / len(folders[part])


best, best_accuracy = copy.deepcopy(net.state_dict()), 0.0
head_only = torch.optim.Adam(net.classifier.parameters(), lr=1e-3)
for epoch in range(2):
    print("head", epoch, run_epoch("train", head_only), run_epoch("val"))

for name, weight in net.features.named_parameters():
    weight.requires_grad = int(name.split(".")[0]) >= 24
last_block = [w for w in net.features.parameters() if w.requires_grad]
both = torch.optim.Adam([{"params": last_block, "lr": 1e-5}, {"params": net.classifier.parameters(), "lr": 1e-4}])
for epoch in range(2):
    train_accuracy, val_accuracy = run_epoch("train", both), run_epoch("val")
    print("block 5 and head", epoch, train_accuracy, val_accuracy)
    if val_accuracy >= best_accuracy:
        best, best_accuracy = copy.deepcopy(net.state_dict()), val_accuracy
net.load_state_dict(best)
