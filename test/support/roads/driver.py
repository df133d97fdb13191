"""Runs jobs by launchers, as the engine does, and tells what came of each: one JSON document a line.

    driver.py JOBS

JOBS is JSON: a list of {"job", "input"} in base64. Each job runs by the launcher without what it starts ahead, and by the launcher as it is once that waits.
"""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

LAUNCHER = "/opt/coracle/launch"
DIRECT = "/tmp/roads/launch"
AHEAD = "start_ahead();\n"
MOST_SECONDS = 30


def clear(folder):
    for entry in os.scandir(folder):
        shutil.rmtree(entry.path) if entry.is_dir(follow_symlinks=False) else os.remove(entry.path)


def write_direct():
    with open(LAUNCHER) as file:
        source = file.read()
    with open(DIRECT, "w") as file:
        file.write(source.replace(AHEAD, ""))
    os.chmod(DIRECT, 0o755)


def read(path):
    with open(path) as file:
        return file.read()


def is_waiting(process):
    return read(f"/proc/{process}/cmdline").startswith("/usr/bin/python3") and read(f"/proc/{process}/stat").rpartition(")")[2].split()[0] == "S"


def image_of(process):
    """Where its library lies in memory, which is another place after every exec."""
    libraries = [line for line in read(f"/proc/{process}/maps").splitlines() if "libc.so" in line]
    return libraries[0].split(" ")[0] if libraries else None


def run(launcher, task):
    clear("/workspace")
    clear("/tmp/coracle")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    process = subprocess.Popen([launcher], env={}, cwd="/workspace", start_new_session=True, **pipes)
    while launcher != DIRECT and not is_waiting(process.pid):
        time.sleep(0.001)
    image = image_of(process.pid)
    stop = threading.Timer(MOST_SECONDS, os.killpg, (process.pid, signal.SIGKILL))
    stop.start()
    stdout, stderr = process.communicate(base64.b64decode(task["job"]) + base64.b64decode(task["input"]))
    stop.cancel()
    return {"code": process.returncode, "image": image, "stdout": base64.b64encode(stdout).decode(), "stderr": base64.b64encode(stderr).decode()}


write_direct()
with open(sys.argv[1]) as file:
    tasks = json.load(file)
for task in tasks:
    print(json.dumps({"direct": run(DIRECT, task), "ahead": run(LAUNCHER, task)}))
