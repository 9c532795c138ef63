# question: q3
total = sum(range(10))
