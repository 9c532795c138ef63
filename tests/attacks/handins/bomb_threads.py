# %%
# question: q1
import threading, time
while True:
    try: threading.Thread(target=time.sleep, args=(99,), daemon=True).start()
    except RuntimeError: time.sleep(0.1)

# %%
# question: q2
total = sum(range(10))
