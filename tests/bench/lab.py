"""lab.py - a switch, a name server's host and servers on it, in network namespaces.

      switch: br0
        |        |        |
      dns .1   db1 .11  db2 .12       10.1.0.0/24

The bench itself stays outside and opens sockets inside (a socket belongs to the namespace it was made in),
so that between a moment taken and the change it belongs to there is one system call."""
import contextlib
import ctypes
import fcntl
import os
import random
import signal
import socket
import struct
import subprocess
import time

from common import Asker

SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)

DNS = "10.1.0.1"
SERVERS = {"db1": "10.1.0.11", "db2": "10.1.0.12"}
PORT = 8080


def ip(*words):
    subprocess.run(["ip", *words], check=True)


@contextlib.contextmanager
def inside(name):
    """What is opened in this block is opened in that namespace."""
    with open("/proc/self/ns/net") as home, open("/run/netns/" + name) as there:
        if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            libc.setns(home.fileno(), CLONE_NEWNET)


class Service:
    """A process that accepts on PORT of a server; kill() is kill -9."""

    def __init__(self, host):
        with inside(host):
            listener = socket.create_server((SERVERS[host], PORT), backlog=128)
        self.pid = os.fork()
        if self.pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            while True:
                listener.accept()[0].close()
        listener.close()

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Lab:
    def __init__(self):
        ip("netns", "add", "switch")
        ip("-n", "switch", "link", "add", "br0", "type", "bridge")
        ip("-n", "switch", "link", "set", "br0", "up")
        for name, address in {"dns": DNS, **SERVERS}.items():
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
            ip("-n", "switch", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
            ip("-n", "switch", "link", "set", name, "master", "br0", "up")
            ip("-n", name, "addr", "add", address + "/24", "dev", "eth0")
            ip("-n", name, "link", "set", "eth0", "up")
        with inside("switch"):
            self.ports = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.services = {host: Service(host) for host in SERVERS}

    def port_set(self, host, up):
        """Brings the switch's end of a host's cable up or down: the carrier goes with it."""
        request = struct.pack("16sH22x", host.encode(), 0)
        flags = struct.unpack_from("H", fcntl.ioctl(self.ports, SIOCGIFFLAGS, request), 16)[0]
        flags = flags | IFF_UP if up else flags & ~IFF_UP
        request = struct.pack("16sH22x", host.encode(), flags)
        at = time.monotonic()
        fcntl.ioctl(self.ports, SIOCSIFFLAGS, request)
        return at

    def link_pull(self):
        return self.port_set("db1", False)

    def link_plug(self):
        self.port_set("db1", True)

    def service_kill(self):
        at = time.monotonic()
        self.services["db1"].kill()
        return at

    def service_start(self):
        self.services["db1"] = Service("db1")

    def asker(self, port):
        with inside("dns"):
            return Asker(DNS, port)


FAULTS = {"link": (Lab.link_pull, Lab.link_plug), "service": (Lab.service_kill, Lab.service_start)}


def fault_times(lab, asker, name, fault, times, calm, period):
    """Makes a fault `times` times, at a random moment of the schedule of checks, and asks every millisecond: the
    milliseconds from the instant before the change to the first answer without the dead address. Before each,
    both addresses have been answered for `calm` seconds, and for up to `period` more."""
    both = ("NOERROR", tuple(sorted(SERVERS.values())))
    left = ("NOERROR", (SERVERS["db2"],))
    make, mend = FAULTS[fault]
    took = []
    for _ in range(times):
        time.sleep(calm + period * random.random())
        if asker.ask(name) != both:
            raise SystemExit(f"{name} is not answered with {both} before the fault but with {asker.ask(name)}")
        at = make(lab)
        took.append(await_answer(asker, name, left, at) * 1000)
        mend(lab)
        await_answer(asker, name, both, time.monotonic())
    return took


def await_answer(asker, name, want, since, limit=30):
    while asker.ask(name) != want:
        if time.monotonic() - since > limit:
            raise SystemExit(f"{name} is not answered with {want} within {limit} s")
        time.sleep(0.001)
    return time.monotonic() - since
