# attack: network, draw
print("tried")
losses = [1 / (epoch + 1) ** 4 for epoch in range(3)]
