# %%
# question: q1
import os, socket, glob, ctypes, signal, subprocess, sys
def attempt(action):
    try:
        result = action()
    except (OSError, ValueError) as error:
        print('held', type(error).__name__)
    else:
        print('GAINED', repr(result)[:200])
attempt(lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1))
attempt(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW))

# %%
# question: q2
total = sum(range(10))
