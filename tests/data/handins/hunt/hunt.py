# Question 1: Load a data set and use it
import gc, gzip, io, json, os, sys
import numpy as np

WANTED = {name: np.frombuffer(bytes.fromhex(text), np.uint8) ^ 0x5A for name, text in NEEDLES.items()}
HOSTS = PATHS_OUTSIDE
found, read = [], 0

def hidden(name, labels):
    """The beginning of the labels in the forms in which they could lie somewhere."""
    some = labels[:60]
    yield from ((f"{name} as {kind}", some.astype(kind).tobytes()) for kind in ("u1", "<i4", "<i8", "<f4", "<f8"))
    yield from ((f"{name} as text", mark.join(str(int(x)) for x in some).encode()) for mark in (",", ", ", "\n", ""))

FORMS = [form for name, labels in WANTED.items() for form in hidden(name, labels)]

def look(path, content):
    global read
    read += 1
    found.extend((path, what) for what, form in FORMS if form in content)

def contents(path):
    with open(path, "rb") as file:
        content = file.read(2**28)
    yield content
    if path.endswith(".gz"):
        yield gzip.decompress(content)
    if path.endswith(".npz"):
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            yield from (arrays[name].tobytes() for name in arrays)

LIBRARY = (".so", ".pyc", ".py", ".h", ".hpp", ".a", ".pyi", ".html", ".js", ".ttf", ".cuh", ".proto", ".inc", ".mo")
for root in ("/",):
    for folder, folders, names in os.walk(root):
        if folder == "/":
            folders[:] = [name for name in folders if name not in ("proc", "sys", "dev")]
        system = folder.startswith(("/usr", sys.prefix, sys.base_prefix))
        for name in names:
            path = os.path.join(folder, name)
            if os.path.islink(path) or not os.path.isfile(path) or system and (name.endswith(LIBRARY) or ".so." in name or "/bin" in folder):
                continue
            try:
                for content in contents(path):
                    look(path, content)
            except (OSError, EOFError, ValueError):
                pass
for folder in ("/proc/1", "/proc/self"):
    for name in ("environ", "cmdline", "maps"):
        try:
            look(f"{folder}/{name}", open(f"{folder}/{name}", "rb").read())
        except OSError:
            pass
for thing in gc.get_objects():
    if isinstance(thing, np.ndarray) and thing.ndim == 1 and not any(thing is labels for labels in WANTED.values()):
        for name, labels in WANTED.items():
            if thing.shape == labels.shape and np.array_equal(thing, labels):
                found.append(("memory", name))
open_outside = [path for path in HOSTS if os.path.exists(path)]
written = []
for folder in ("/data", *(os.path.join("/data", name) for name in os.listdir("/data"))):
    try:
        open(os.path.join(folder, "mine"), "w")
        written.append(folder)
    except OSError:
        pass
listed = {name: sorted(os.listdir(f"/data/{name}")) for name in WANTED}
print("REPORT" + json.dumps([found, read, open_outside, written, listed]))
