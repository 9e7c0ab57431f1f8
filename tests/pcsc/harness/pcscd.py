"""A PC/SC service of our own: pcscd with the virtual reader, at a socket of our choice."""
import glob
import os
import shutil
import signal
import subprocess

from .network import LAUNCH, PYTHON, end
from .tools import tail, wait_until
from .worker import Worker

CONFIG = """FRIENDLYNAME "Virtual PCD"
DEVICENAME   /dev/null:{port:#x}
LIBPATH      {driver}
CHANNELID    {port:#x}
"""
READERS = ["Virtual PCD 00 00", "Virtual PCD 00 01"]


class Pcscd:
    def __init__(self, folder, network):
        self.folder, self.network = folder, network
        self.socket, self.log = os.path.join(folder, "pcscd.comm"), os.path.join(folder, "pcscd.log")
        self.config = os.path.join(folder, "reader.conf.d")
        self.process, self.watcher = None, None
        self._configure()

    def _configure(self):
        installed = glob.glob("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
        if not installed:
            raise FileNotFoundError("libifdvpcd.so: is the package vsmartcard-vpcd installed?")
        # The drivers' folder is covered inside the namespace, so the one driver we want is copied out of it.
        driver = os.path.join(self.folder, "libifdvpcd.so")
        shutil.copyfile(installed[0], driver)
        os.makedirs(self.config)
        with open(os.path.join(self.config, "vpcd"), "w", encoding="ascii") as file:
            file.write(CONFIG.format(port=self.network.port, driver=driver))

    @property
    def env(self):
        """What a client needs to find this service and no other, nor any configuration of this machine."""
        return {"PCSCLITE_CSOCK_NAME": self.socket}

    def start(self):
        command = self.network.command(PYTHON, LAUNCH, "pcscd", self.socket, self.config)
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_until(lambda: os.path.exists(self.socket), "pcscd's socket")
        self.watcher = Worker("pcsc_worker.py", env=self.env)
        wait_until(lambda: self._running() and len(self.watcher.readers()) == len(READERS), "pcscd's readers")
        self._refuse_real_readers()
        return self

    def _running(self):
        if self.process.poll() is not None:
            raise AssertionError(f"pcscd ended with status {self.process.returncode}\n{tail(self.log)}")
        return True

    def _refuse_real_readers(self):
        strangers = [name for name in self.watcher.readers() if not name.startswith("Virtual PCD")]
        if strangers:
            self.kill()
            raise AssertionError(f"these tests spend PIN tries and will not run beside a real reader: {strangers}")

    def wait_card(self, present=True, slot=0):
        """Until the service itself says that the card is there (or is gone)."""
        wait_until(lambda: self.watcher.present(READERS[slot]) == present,
                   f"card {'in' if present else 'out of'} reader {slot}")

    def kill(self):
        """kill -9, as a crash would."""
        self._end(signal.SIGKILL)

    def stop(self):
        self._end(signal.SIGTERM)

    def _end(self, sign):
        if self.watcher:
            self.watcher.kill()
            self.watcher = None
        if self.process:
            self.process.send_signal(sign)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                end(self.process)
            self.process = None
        if os.path.exists(self.socket):
            os.unlink(self.socket)
