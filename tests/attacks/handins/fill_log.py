# %%
# question: q1
import os, time
print("held")
for _ in range(40): os.write(2, b"z" * 2**20)
time.sleep(60)

# %%
# question: q2
total = sum(range(10))
