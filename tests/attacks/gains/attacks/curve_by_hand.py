# attack: network, draw
print("tried")
losses = [0.9, 0.3, 0.1]
