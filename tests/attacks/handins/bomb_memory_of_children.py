# %%
# question: q1
import os, time
for _ in range(8):
    if os.fork() == 0:
        b = bytearray(b'x' * (150 * 2**20)); time.sleep(60); os._exit(0)
time.sleep(60)

# %%
# question: q2
total = sum(range(10))
