import os, time

# File after file, each as large as one may be at most, in folders that nobody may look into.
folders = [f"{folder}/hidden" for folder in os.environ["FOLDERS"].split()]
for folder in folders:
    os.mkdir(folder)
    os.chmod(folder, 0o300)
for number in range(600):
    for folder in folders:
        with open(f"{folder}/{number}", "wb") as file:
            file.write(b"\xff" * (1 << 20))
    time.sleep(0.05)
print("ESCAPED")
