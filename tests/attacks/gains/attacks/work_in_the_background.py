# attack: slow, work
print("tried")
import threading
train = threading.Thread(target=train, daemon=True).start
