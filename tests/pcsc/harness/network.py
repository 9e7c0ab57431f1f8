"""Where vpcd listens. It binds every address, so it gets a network namespace of its own where that can be had."""
import os
import socket
import subprocess
import sys

PYTHON = "/usr/bin/python3"
LAUNCH = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launch.py")
DEFAULT_PORT = 0x8C7B

# How to make the namespaces, and how to join those of a process: as root, then as an ordinary user.
WAYS = [
    ("unshare -n", ["unshare", "-n"], ["nsenter", "-n"]),
    ("unshare -rn", ["unshare", "-r", "-n"], ["nsenter", "-U", "-n", "--preserve-credentials"]),
]
OWN_MOUNTS = ["-m", "--propagation", "unchanged"]  # launch.py makes them private, where that is possible
_chosen = []  # the way that worked the first time; [None] for free ports


class Network:
    """A network (and mount) namespace kept by a holder process, or, where none is allowed, two free ports."""

    def __init__(self):
        self.holder, self.enter = None, None
        for way in self._ways():
            if self._hold(way):
                self._choose(way)
                self.port = DEFAULT_PORT
                return
        self._choose(None)
        self.port = free_port_pair()

    @staticmethod
    def _ways():
        return [way for way in _chosen if way] if _chosen else WAYS

    @staticmethod
    def _choose(way):
        if not _chosen:
            _chosen.append(way)
            say_once(f"network of the virtual readers: "
                     f"{way[0] if way else 'free ports on all addresses (no namespace is allowed here)'}")

    def _hold(self, way):
        _, make, join = way
        try:
            holder = subprocess.Popen([*make, *OWN_MOUNTS, PYTHON, LAUNCH, "hold"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except FileNotFoundError:
            return False
        ready = holder.stdout.readline()
        if ready.startswith(b"ready"):
            # In a chroot there are no mounts to join: nsenter would land in the root outside.
            mounts = ["-m"] if b"mounts" in ready else []
            self.holder, self.enter = holder, [*join, *mounts, "-t", str(holder.pid)]
            return True
        end(holder)
        return False

    def command(self, *words):
        """The command line that runs words inside the namespace. The process id stays the same."""
        return [*(self.enter or []), *words]

    def dial(self, port):
        """A connection to 127.0.0.1:port inside; raises ConnectionRefusedError while nobody listens there."""
        ours, theirs = socket.socketpair()
        with ours, theirs:
            done = subprocess.run(self.command(PYTHON, LAUNCH, "dial", str(port), str(theirs.fileno())),
                                  pass_fds=[theirs.fileno()], stderr=subprocess.DEVNULL, timeout=20)
            if done.returncode != 0:
                raise ConnectionRefusedError(f"nobody listens on port {port}")
            _, fds, _, _ = socket.recv_fds(ours, 1, 1)
        return socket.socket(fileno=fds[0])

    def close(self):
        if self.holder:
            end(self.holder)
            self.holder = None


def say_once(text):
    """Prints a line, once in a run of several test processes."""
    marker = os.path.join(os.environ.get("JPKI_TEST_FOLDER") or "", "network.said")
    if os.path.isabs(marker):
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return
    print(f"# {text}", file=sys.stderr, flush=True)


def end(process):
    """Ends a child process that holds nothing worth saving."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe:
            pipe.close()


def free_port_pair():
    """A port N with N and N+1 free: vpcd's two slots."""
    for _ in range(100):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("", 0))
            port = first.getsockname()[1]
            try:
                second.bind(("", port + 1))
                return port
            except (OSError, OverflowError):
                continue
    raise RuntimeError("no two neighbouring free ports")
