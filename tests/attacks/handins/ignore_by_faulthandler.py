# %%
# question: q1
import faulthandler, signal, time
log = open("/content/log", "w")
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGUSR1): faulthandler.register(number, file=log, chain=False)
faulthandler.dump_traceback_later(0.001, repeat=True, file=log)
while True:
    try: time.sleep(60)
    except BaseException: pass

# %%
# question: q2
total = sum(range(10))
