# %%
# question: q1
import os
os.environ["LD_PRELOAD"] = "/content/evil.so"
try: open("/etc/ld.so.preload", "w"); print("GAINED")
except OSError: print("held")

# %%
# question: q2
total = sum(range(10))
