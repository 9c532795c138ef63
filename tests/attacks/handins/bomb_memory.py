# %%
# question: q1
blocks = []
while True: blocks.append(bytearray(16 * 2**20))

# %%
# question: q2
total = sum(range(10))
