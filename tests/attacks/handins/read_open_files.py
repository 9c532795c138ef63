# %%
# question: q1
import os
for fd in os.listdir("/proc/self/fd"):
    try: target = os.readlink(f"/proc/self/fd/{fd}")
    except OSError: continue
    if target.startswith("/") and os.path.isdir(target): print("GAINED", target)
print("held")

# %%
# question: q2
total = sum(range(10))
