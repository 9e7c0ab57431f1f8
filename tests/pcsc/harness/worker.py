"""Processes that serve requests over pipes (see tests/support/rpc.py): one client program each."""
import itertools
import json
import os
import queue
import subprocess
import threading

from .network import PYTHON
from .tools import SUPPORT


class Refused(Exception):
    """The worker's call was answered with an error; str() is its name, CKR_... or SCARD_..."""


def packed(value):
    if isinstance(value, bytes):
        return {"hex": value.hex()}
    if isinstance(value, dict):
        return {key: packed(inner) for key, inner in value.items()}
    return value


class Pending:
    """A request that is under way."""

    def __init__(self):
        self._answer = queue.Queue(1)

    def put(self, answer):
        self._answer.put(answer)

    @property
    def done(self):
        return not self._answer.empty()

    def result(self, seconds=30):
        try:
            answer = self._answer.get(timeout=seconds)
        except queue.Empty:
            raise AssertionError(f"no answer within {seconds} s") from None
        if "refused" in answer:
            raise Refused(answer["refused"])
        if "broken" in answer:
            raise AssertionError(answer["broken"])
        value = answer["ok"]
        return bytes.fromhex(value["hex"]) if isinstance(value, dict) and set(value) == {"hex"} else value


class Worker:
    """Methods not found here are requests: worker.sign(session, key, ...). apart() starts one and goes on."""

    def __init__(self, script, *arguments, env=None):
        self._ids, self._pending, self._lock = itertools.count(), {}, threading.Lock()
        self._process = subprocess.Popen([PYTHON, os.path.join(SUPPORT, script), *arguments], stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, env={**os.environ, **(env or {})})
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for line in self._process.stdout:
            answer = json.loads(line)
            with self._lock:
                pending = self._pending.pop(answer["id"])
            pending.put(answer)
        status = self._process.wait()
        with self._lock:
            left, self._pending = self._pending, {}
        for pending in left.values():
            pending.put({"broken": f"the client process ended with status {status}"})

    def _send(self, name, arguments, apart):
        number, pending = next(self._ids), Pending()
        with self._lock:
            self._pending[number] = pending
        request = {"id": number, "do": name, "with": [packed(a) for a in arguments], "apart": apart}
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pending.put({"broken": "the client process has ended"})
        return pending

    def apart(self, name, *arguments):
        return self._send(name, arguments, True)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *arguments: self._send(name, arguments, False).result()

    def leave(self):
        """Lets the process end by itself and returns its exit status."""
        self._process.stdin.close()
        status = self._process.wait(timeout=20)
        self._reader.join()
        self._process.stdout.close()
        return status

    def kill(self):
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._process.stdout.close()
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass
