"""Small programs that prepare a process and then become, or serve, something else.

    launch.py hold                            keeps a fresh network namespace alive until standard input closes
    launch.py pcscd SOCKET CONFIG [args...]   becomes pcscd, which takes SOCKET by socket activation
    launch.py dial PORT FD                    connects to 127.0.0.1:PORT and hands the connection over through FD
"""
import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import sys

PR_SET_PDEATHSIG = 1
MS_REC, MS_PRIVATE = 0x4000, 0x40000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
DRIVERS, RUNTIME = "/usr/lib/pcsc/drivers", "/run/pcscd"


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh14x", b"lo", 0)
        flags = struct.unpack("16xh14x", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[0]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", flags | IFF_UP))


def keep_mounts_here():
    """Mounts made from here on stay in this namespace. False in a chroot, whose root is no mount of its own."""
    return ctypes.CDLL(None).mount(None, b"/", None, MS_REC | MS_PRIVATE, None) == 0


def cover(folder):
    """Mounts an empty folder over this one: no USB driver, hence no real reader, is found beneath it."""
    os.makedirs(folder, exist_ok=True)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"tmpfs", folder.encode(), b"tmpfs", 0, None) != 0:
        raise OSError(ctypes.get_errno(), "mount", folder)


def hold():
    raise_loopback()
    covered = keep_mounts_here()
    if covered:
        cover(DRIVERS)
        cover(RUNTIME)
    print("ready, join mounts" if covered else "ready", flush=True)
    sys.stdin.read()


def become_pcscd(path, config, *arguments):
    # Debian's pcscd has its socket's path compiled in, but takes any listening socket as descriptor 3
    # (sd_listen_fds), and then does not look for another instance.
    if os.path.exists(path):
        os.unlink(path)
    server = socket.socket(socket.AF_UNIX)
    server.bind(path)
    os.chmod(path, 0o666)
    server.listen(16)
    if server.fileno() == 3:
        os.set_inheritable(3, True)
    else:
        os.dup2(server.fileno(), 3, inheritable=True)
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
    os.execv("/usr/sbin/pcscd", ["pcscd", "--foreground", "-c", config, *without_polkit(), *arguments])


def without_polkit():
    """Later pcscds ask polkit, over a bus that is not here, whether a client may have the card."""
    known = subprocess.run(["/usr/sbin/pcscd", "--help"], capture_output=True, text=True, check=False).stdout
    return ["--disable-polkit"] if "--disable-polkit" in known else []


def dial(port, channel):
    with socket.create_connection(("127.0.0.1", int(port))) as connection:
        with socket.socket(fileno=int(channel)) as parent:
            socket.send_fds(parent, [b"x"], [connection.fileno()])


if __name__ == "__main__":
    die_with_parent()
    {"hold": hold, "pcscd": become_pcscd, "dial": dial}[sys.argv[1]](*sys.argv[2:])
