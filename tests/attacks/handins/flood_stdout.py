# %%
# question: q1
for _ in range(60): print('x' * 1_000_000)

# %%
# question: q2
total = sum(range(10))
