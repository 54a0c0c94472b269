"""common.py - what every section of the bench stands on: places, questions, CPU time, memory, statistics."""
import json
import os
import socket
import statistics
import struct
import time

REPO = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
B = os.path.join(REPO, os.environ.get("B", "build"))
TMP = os.path.join(B, "bench.tmp")
QUICK = os.environ.get("QUICK", "") not in ("", "0")

TICK = os.sysconf("SC_CLK_TCK")
RCODES = {0: "NOERROR", 2: "SERVFAIL", 3: "NXDOMAIN", 5: "REFUSED"}


def say(text):
    print("  " + text, flush=True)


def folder(*parts):
    """A folder under bench.tmp, made if missing."""
    path = os.path.join(TMP, *parts)
    os.makedirs(path, exist_ok=True)
    return path


def save(section, figures):
    """What report.py reads. Every section has a file of its own, so that each can be run alone."""
    figures["taken"] = time.strftime("%Y-%m-%d %H:%M")
    figures["quick"] = QUICK
    figures["others"] = others()
    with open(os.path.join(folder(), section + ".json"), "w") as f:
        json.dump(figures, f, indent=1)


# ---- the machine ----

def busy_s():
    """(CPU seconds of the whole machine, of them this section's: its own and those of all it has started and awaited)."""
    with open("/proc/stat") as f:
        user, nice, system, _, _, irq, softirq, *_ = map(int, f.readline().split()[1:])
    return (user + nice + system + irq + softirq) / TICK, sum(os.times()[:4])


BEGAN = time.monotonic(), *busy_s()


def others():
    """The part of the machine that work other than this section's has taken since the section began, 0 to 1."""
    began, all_before, ours_before = BEGAN
    all_now, ours_now = busy_s()
    took = (all_now - all_before) - (ours_now - ours_before)
    return max(0, took) / (time.monotonic() - began) / os.cpu_count()


# ---- statistics ----

median = statistics.median


def percentile(values, percent):
    """The nearest rank: always a value that was seen."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


# ---- questions ----

def name_pack(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


def name_skip(packet, at):
    while packet[at]:
        if packet[at] >= 0xc0:
            return at + 2
        at += 1 + packet[at]
    return at + 1


def addresses_of(packet):
    """("NOERROR", ("10.0.0.1", ...)): the RCODE and the A records of an answer, sorted."""
    flags, questions, answers = struct.unpack_from("!HHH", packet, 2)
    at = 12
    for _ in range(questions):
        at = name_skip(packet, at) + 4
    found = []
    for _ in range(answers):
        at = name_skip(packet, at)
        kind, _, _, size = struct.unpack_from("!HHIH", packet, at)
        at += 10
        if kind == 1:
            found.append(socket.inet_ntoa(packet[at:at + 4]))
        at += size
    return RCODES.get(flags & 15, str(flags & 15)), tuple(sorted(found))


class Asker:
    """One connected socket. ask() returns what addresses_of() does, or None if no answer came in time."""

    def __init__(self, address, port):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect((address, port))
        self.id = 0
        self.size = 0                  # of the last answer, bytes

    def ask(self, name, patience=0.25):
        self.id = (self.id + 1) & 0xffff
        try:
            self.socket.settimeout(patience)
            self.socket.send(struct.pack("!HHHHHH", self.id, 0, 1, 0, 0, 0) + name_pack(name) + b"\0\1\0\1")
            while True:
                packet = self.socket.recv(65535)
                if packet[:2] == self.id.to_bytes(2, "big"):
                    self.size = len(packet)
                    return addresses_of(packet)
        except OSError:                # refused (not listening yet), or too late
            return None


# ---- processes ----

def stat_of(pid):
    """The fields of /proc/PID/stat from the third on (proc(5)), as text; None if it has ended."""
    try:
        with open(f"/proc/{pid}/stat") as f:
            return f.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def family(pid):
    """The processes of pid's session. Not its descendants: NSD answers from a child of a process that it replaces."""
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := stat_of(entry)) and int(fields[3]) == pid:
            found.append(int(entry))
    return found


def cpu_of(pid):
    """(user, system) seconds of all threads of the family since they began."""
    user = system = 0
    for each in family(pid):
        if fields := stat_of(each):
            user += int(fields[11])
            system += int(fields[12])
    return user / TICK, system / TICK


def fields_kib(path, *wanted):
    found = dict.fromkeys(wanted, 0)
    with open(path) as f:
        for line in f:
            key, _, value = line.partition(":")
            if key in found:
                found[key] = int(value.split()[0])
    return [found[key] for key in wanted]


def memory_of(pid):
    """MiB: what the family holds, each shared page counted once (PSS), and the highest VmHWM and VmRSS of one process."""
    pss = peak = rss = 0
    for each in family(pid):
        pss += fields_kib(f"/proc/{each}/smaps_rollup", "Pss")[0]
        hwm, now = fields_kib(f"/proc/{each}/status", "VmHWM", "VmRSS")
        peak, rss = max(peak, hwm), max(rss, now)
    return {"pss": pss / 1024, "peak": peak / 1024, "rss": rss / 1024}
