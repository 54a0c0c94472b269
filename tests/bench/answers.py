"""answers.py - how many questions a second one worker answers, and what an answer costs it.

All four run at once, each pinned to CPU 0 with one worker; dnsperf has CPU 1 and asks one of them at a time. A round
asks every server every kind of question, in turned order, so that a machine that slows down or
speeds up does so for all; figures are medians over rounds, ratios are medians of the ratios within a round.

  service   names with checked members (homing, gdnsd); the same names as plain records (NSD, Knot DNS)
  static    names of a zone, in random order
  NXDOMAIN  names that the zone does not have

CPU time is utime and stime of the server's processes over the run. Loopback makes the sender do the receiver's
work in the kernel, in system time and the same for all; user time is the server's own."""
import os
import random
import re
import socket
import subprocess

import servers
from common import QUICK, Asker, cpu_of, folder, median, save, say

ZONE = "bench.example"
NAMES, SERVICES = 100_000, 1000
MEMBERS = ["127.0.9.1", "127.0.9.2", "127.0.9.3", "127.0.9.4"]
SECONDS = float(os.environ.get("SECONDS_EACH", "1.5" if QUICK else "2.5"))
ROUNDS = int(os.environ.get("ROUNDS", "3" if QUICK else "7"))
# Enough in flight that the server is never without work, few enough that no socket buffer of default size overflows.
DNSPERF = ["-c", "2", "-T", "1", "-q", "150", "-t", "1", "-e"]
KINDS = ["service", "static", "NXDOMAIN"]


def questions(kind):
    """A file of them for dnsperf, in an order of its own."""
    shuffle = random.Random(kind)
    if kind == "service":
        names = [f"s{i}.{ZONE}" for i in range(SERVICES)] * 20
    elif kind == "static":
        names = [f"h{i}.{ZONE}" for i in range(NAMES)]
    else:
        names = [f"n{shuffle.randrange(10**8)}.{ZONE}" for _ in range(NAMES)]
    shuffle.shuffle(names)
    path = os.path.join(folder("answers"), kind)
    with open(path, "w") as f:
        f.writelines(f"{name} A\n" for name in names)
    return path


def backends():
    """Something that listens where the checks knock."""
    return [socket.create_server((address, 8080), backlog=1024) for address in MEMBERS]


def made():
    services = {f"s{i}.{ZONE}": MEMBERS for i in range(SERVICES)}
    for kind in servers.ALL:
        zone = servers.zone_file(os.path.join(folder("answers", kind.name), ZONE), ZONE, NAMES,
                                 servers.service_lines(kind, services))
        yield kind("answers", {ZONE: zone}, services)


def same_answers(all_servers):
    """Nobody is measured who answers something else; the sizes go into the report."""
    asked = {"service": f"s7.{ZONE}", "static": f"h99999.{ZONE}", "NXDOMAIN": f"n7.{ZONE}"}
    want = {"service": ("NOERROR", tuple(MEMBERS)), "static": ("NOERROR", (servers.address(99999),)),
            "NXDOMAIN": ("NXDOMAIN", ())}
    sizes = {}
    for server in all_servers:
        asker = Asker("127.0.0.1", server.port)
        for kind, name in asked.items():
            server.wait(name, want[kind], asker)
            sizes.setdefault(kind, {})[server.name] = asker.size
    return sizes


def run(server, file):
    """One run of dnsperf: answers a second, user and system microseconds an answer, CPU share of the server."""
    before = cpu_of(server.process.pid)
    out = subprocess.run(["taskset", "-c", "1", "dnsperf", "-s", "127.0.0.1", "-p", str(server.port), "-d", file,
                          "-l", str(SECONDS), *DNSPERF], capture_output=True, text=True).stdout
    after = cpu_of(server.process.pid)
    answered, lost, took = (float(re.search(words + r":\s+([\d.]+)", out)[1])
                            for words in ("Queries completed", "Queries lost", r"Run time \(s\)"))
    user, system = after[0] - before[0], after[1] - before[1]
    return {"qps": answered / took, "lost": lost, "user": user / answered * 1e6, "system": system / answered * 1e6,
            "share": user / (user + system), "busy": (user + system) / took, "per_cpu": answered / (user + system)}


def main():
    files = {kind: questions(kind) for kind in KINDS}
    listening = backends()
    all_servers = list(made())
    runs = {kind: {server.name: [] for server in all_servers} for kind in KINDS}
    for server in all_servers:
        server.start(cpu=0)
    sizes = same_answers(all_servers)
    for n in range(ROUNDS):
        for kind in KINDS:
            turned = all_servers[n % 4:] + all_servers[:n % 4]
            for server in turned:
                runs[kind][server.name].append(run(server, files[kind]))
            say(f"round {n + 1} of {ROUNDS}, {kind}: " + ", ".join(
                f"{s.name} {runs[kind][s.name][-1]['qps'] / 1000:.0f}k q/s" for s in all_servers))
    for server in all_servers:
        server.stop()
    for s in listening:
        s.close()
    figures = {kind: {name: {key: median([r[key] for r in rounds]) for key in rounds[0]} for name, rounds in per.items()}
               for kind, per in runs.items()}
    save("answers", {"figures": figures, "runs": runs, "sizes": sizes, "versions": [s.version() for s in all_servers],
                     "settings": {"seconds": SECONDS, "rounds": ROUNDS, "dnsperf": " ".join(DNSPERF),
                                  "names": NAMES, "services": SERVICES, "members": len(MEMBERS)}})


if __name__ == "__main__":
    main()
