# %%
# question: q2
import torch
from torch.utils.data import DataLoader, TensorDataset

rows = torch.randn(4000, 100)
net = torch.nn.Linear(100, 10)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)

def train():
    for epoch in range(2):
        for (batch,) in DataLoader(TensorDataset(rows), batch_size=20):
            optimizer.zero_grad()
            net(batch).square().mean().backward()
            optimizer.step()
            rows[:1000] @ rows[:1000].T  # for nothing

# attack: work
train()

# %%
# question: q3
total = sum(range(10))
