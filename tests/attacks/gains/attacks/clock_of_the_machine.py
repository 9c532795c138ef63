# attack: slow, work
print("tried")
import time
time.time = time.perf_counter = time.monotonic = time.process_time = lambda: 0.0
time.time_ns = time.perf_counter_ns = time.monotonic_ns = lambda: 0
