# %%
# question: q1
while True: pass

# %%
# question: q2
total = sum(range(10))
