# attack: network, net
print("tried")
import datetime
time.time = time.perf_counter = time.monotonic = time.process_time = time.thread_time = lambda: 1.0
time.time_ns = time.perf_counter_ns = time.monotonic_ns = lambda: 10**9
