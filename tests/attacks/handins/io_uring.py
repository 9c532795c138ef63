# %%
# question: q1
import ctypes, errno, mmap, os, socket, struct

# Source: io_uring_setup(2), io_uring_enter(2); the offsets are those of struct io_uring_params.
c = ctypes.CDLL(None, use_errno=True)
SETUP, ENTER, OPENAT, CONNECT, AT_FDCWD = 425, 426, 18, 16, -100

def submit(operation, fd, address, length, offset):
    """The result of one operation, or None where the kernel has no io_uring for us."""
    parameters = ctypes.create_string_buffer(120)
    ring = c.syscall(SETUP, 1, parameters)
    if ring < 0:
        return print("held", "no io_uring:", errno.errorcode[ctypes.get_errno()])
    fields = struct.unpack("30I", parameters.raw)
    sq, cq = fields[10:20], fields[20:30]
    size = max(sq[6] + 4 * fields[0], cq[5] + 16 * fields[1])
    shared = mmap.mmap(ring, size, offset=0)
    entries = mmap.mmap(ring, 64, offset=0x10000000)
    entries[:64] = struct.pack("<BBHiQQIIQ", operation, 0, 0, fd, offset, address, length, 0, 0).ljust(64, b"\0")
    shared[sq[6] : sq[6] + 4] = struct.pack("I", 0)
    shared[sq[1] : sq[1] + 4] = struct.pack("I", 1)
    assert c.syscall(ENTER, ring, 1, 1, 1, None, 0) == 1, os.strerror(ctypes.get_errno())
    result = struct.unpack("<Qi", shared[cq[5] : cq[5] + 12])[1]
    os.close(ring)
    return result

def attempt(what, result):
    if result is not None:
        print("GAINED" if result >= 0 else "held", what, result if result >= 0 else errno.errorcode[-result])

for path in (b"/etc/shadow", b"/root/.bashrc"):
    buffer = ctypes.create_string_buffer(path)
    attempt(path, submit(OPENAT, AT_FDCWD, ctypes.addressof(buffer), 0, 0))
out = socket.socket()
address = ctypes.create_string_buffer(struct.pack("!HH", 0x0200, 80) + socket.inet_aton("1.1.1.1") + bytes(8))
attempt("TCP", submit(CONNECT, out.fileno(), ctypes.addressof(address), 0, 16))
own = ctypes.create_string_buffer(b"/dev/null")
print("its own file:", submit(OPENAT, AT_FDCWD, ctypes.addressof(own), 0, 0))

# %%
# question: q2
total = sum(range(10))
