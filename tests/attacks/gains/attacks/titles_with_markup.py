# attack: network, draw
print("tried")
plot, title, below = plt.plot, plt.title, plt.xlabel
plt.figure(num="<img src=x onerror=alert(8)>")
plt.plot = lambda values, label: plot(values, label=label + "<script>alert(6)</script>")
plt.title = lambda text: title(text + "<script>alert(7)</script>\x1b[2J\x00\u202e")
plt.xlabel = lambda text: below(text + "</pre><script>alert(9)</script>\x1b]0;x\x07")
