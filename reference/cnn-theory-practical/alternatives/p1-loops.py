# question: p1
"""Four nested loops over lists, in a function with two more arguments that have defaults."""


def convolve(image, kernel, stride=1, padding=0):
    size = len(kernel)
    rows = (len(image) - size) // stride + 1
    columns = (len(image[0]) - size) // stride + 1
    output = []
    for i in range(rows):
        row = []
        for j in range(columns):
            total = 0
            for m in range(size):
                for n in range(size):
                    total += image[i * stride + m][j * stride + n] * kernel[m][n]
            row.append(total)
        output.append(row)
    return output


image = [[1, 2, 3, 0, 1], [0, 1, 2, 3, 1], [1, 0, 1, 2, 2], [2, 1, 0, 1, 0], [1, 2, 1, 0, 1]]
kernel = [[1, 0, -1], [1, 0, -1], [1, 0, -1]]
for line in convolve(image, kernel):
    print(line)
