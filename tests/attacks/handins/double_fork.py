# %%
# question: q1
import os
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: os.execvp('sleep', ['sleep', '987655'])
    os._exit(0)
print('held')

# %%
# question: q2
total = sum(range(10))
