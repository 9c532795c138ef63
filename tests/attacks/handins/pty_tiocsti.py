# %%
# question: q1
import fcntl, os, termios
try:
    fd = os.open('/dev/tty', os.O_RDWR); fcntl.ioctl(fd, termios.TIOCSTI, b'x'); print('GAINED')
except OSError as error: print('held', error)

# %%
# question: q2
total = sum(range(10))
