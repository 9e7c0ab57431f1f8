"""loud_client.py FILE: does what quiet_client.py must not, so that a test sees its watcher see it."""
import os
import signal
import socket
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from strace import step  # noqa: E402

if __name__ == "__main__":
    os.umask(0o22)  # before the first step: not seen
    step("process")
    child = os.fork()
    if not child:
        signal.pause()
    step("signal")
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    step("file")
    with open(sys.argv[1], "a", encoding="ascii") as file:
        file.write("x")
    step("folder")
    os.mkdir(sys.argv[1] + ".d")
    step("mask")
    os.umask(0o77)
    step("network")
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
    step("service")
    with socket.socket(socket.AF_UNIX) as client:
        client.connect_ex(sys.argv[1])
    step("end")
