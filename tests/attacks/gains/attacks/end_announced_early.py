# attack: slow, work
print("tried")
import sys
sys.stdout.flush()
kernel = get_ipython().kernel
parent = kernel.get_parent("shell")
who = getattr(kernel, "_parent_ident", None)
who = who["shell"] if isinstance(who, dict) and "shell" in who else getattr(kernel, "_shell_parent_ident", None)
who = who.get() if hasattr(who, "get") else who
try: kernel.session.send(kernel.shell_stream, "execute_reply", {"status": "ok", "execution_count": 1}, parent=parent, ident=who)
except Exception as error: print("no reply of one's own:", error)
kernel.session.send(kernel.iopub_socket, "status", {"execution_state": "idle"}, parent=parent)
