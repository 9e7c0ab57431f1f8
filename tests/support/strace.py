"""What a program asks of the system, told by strace: for tests of what a library must not do to its host.

The watched program marks its steps (step()); only what comes after its first mark and before its last one counts.
"""
import codecs
import os
import re
import subprocess
import tempfile

MARK = "/step-of-a-test/"
CALL = re.compile(r"^\d+ +(\w+)\((.*)$")
SENDS = "write pwrite64 writev pwritev pwritev2 sendto sendmsg sendmmsg sendfile splice copy_file_range".split()
# Calls that no library should make behind its host's back, whatever they are given.
NEVER = {
    "a process or thread": "fork vfork clone clone3 execve execveat".split(),
    "a signal": "kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal rt_sigaction alarm setitimer".split(),
    "a server": "bind listen accept accept4 socketpair".split(),
    "a change of files": "creat mkdir mkdirat mknod mknodat unlink unlinkat rmdir rename renameat renameat2 link linkat symlink "
                         "symlinkat chmod fchmod fchmodat chown fchown lchown fchownat truncate ftruncate fallocate utimensat "
                         "utime utimes setxattr fsetxattr lsetxattr".split(),
    "a change of the process": "chdir fchdir chroot umask setuid setgid setreuid setregid setresuid setresgid setgroups "
                               "setpriority setsid setpgid setrlimit".split(),
}


def step(name):
    """In the watched program: from here on it is this step."""
    os.path.exists(MARK + name)


def watch(words, env):
    """Runs a program; gives what it printed and its calls: (step, name, the rest of strace's line)."""
    with tempfile.NamedTemporaryFile("r", prefix="strace-", encoding="utf-8", errors="replace") as trace:
        # For the program alone: a preloaded runtime, above all. None takes a variable away.
        given = [f"--env={name}" + ("" if value is None else f"={value}") for name, value in env.items()]
        done = subprocess.run(["strace", "-f", "-y", "-s", "4096", "-o", trace.name, *given, *words], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=100)
        if done.returncode != 0:
            raise AssertionError(f"{' '.join(words)}: exit status {done.returncode}\n{done.stderr}")
        return done.stdout, list(calls(trace))


def calls(lines):
    at, found = None, []
    for match in filter(None, map(CALL.match, lines)):
        mark = re.search(f'"{MARK}(\\w+)"', match[2])
        if mark:
            at = mark[1]
            yield from found  # those of the step that ends here
            found = []
        elif at:
            found.append((at, match[1], match[2]))


def trespasses(found, service=None):
    """What the calls do to others. A socket may lead to the PC/SC service, if one is named, and nowhere else."""
    # A pipe that the program has made itself leads nowhere else: so a sanitizer asks whether memory can be read.
    own = {pipe for _, name, rest in found if name in ("pipe", "pipe2") for pipe in re.findall(r"<pipe:\[\d+\]>", rest)}
    told = []
    for at, name, rest in found:
        kinds = [kind for kind, names in NEVER.items() if name in names]
        if name.startswith("open") and re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND", rest):
            kinds.append("a file to write")
        to = rest.split(",")[0].lstrip("0123456789")
        if name in SENDS and to not in own and not (service and to.startswith("<socket:")):
            kinds.append("a write")
        if name == "socket" and not (service and rest.startswith("AF_UNIX,")):
            kinds.append("a socket")
        if name == "connect" and not (service and f'sun_path="{service}"' in rest):
            kinds.append("a connection")
        told += [f"{kind}: {at}: {name}({rest}" for kind in kinds]
    return told


def asked_of_pcscd(found):
    """The numbers of the commands that libpcsclite sends (pcsc-lite's winscard_msg.h): size, number, body."""
    stream = b""
    for _, name, rest in found:
        if name == "sendto":
            text = re.match(r'\d+<[^>]*>, "((?:[^"\\]|\\.)*)"', rest)[1]
            stream += codecs.decode(text, "unicode_escape").encode("latin-1")
    numbers = []
    while stream:
        size, number = (int.from_bytes(stream[at:at + 4], "little") for at in (0, 4))
        numbers.append(number)
        stream = stream[8 + size:]
    return numbers
