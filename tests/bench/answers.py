"""answers.py - how many questions a second one worker answers, and what an answer costs it.

All four run at once, each pinned to CPU 0 with one worker; the client has CPU 1 and asks one of them at a time. A round
asks every server every kind of question, in turned order, so that a machine that slows down or
speeds up does so for all; figures are medians over rounds, ratios are medians of the ratios within a round.

Two clients: dnsperf, and bench/pelt. dnsperf needs more CPU time for a question than the servers do for the answer, so that with a
CPU each it is dnsperf that is measured; pelt batches its system calls, and the server is the limit.

  service   names with checked members (homing, gdnsd); the same names as plain records (NSD, Knot DNS)
  static    names of a zone, in random order
  NXDOMAIN  names that the zone does not have

CPU time is utime and stime of the server's processes over the run; the kernel tells user from system by sampling, 250 times a
second or so, so those are summed over all rounds. Loopback makes the sender do the receiver's
work in the kernel, in system time and the same for all; user time is the server's own."""
import os
import random
import re
import socket
import subprocess

import servers
from common import B, QUICK, Asker, cpu_of, folder, save, say

ZONE = "bench.example"
NAMES, SERVICES = 100_000, 1000
MEMBERS = ["127.0.9.1", "127.0.9.2", "127.0.9.3", "127.0.9.4"]
SECONDS = float(os.environ.get("SECONDS_EACH", "1" if QUICK else "2"))
ROUNDS = int(os.environ.get("ROUNDS", "3" if QUICK else "7"))
# Enough in flight that the server is never without work, few enough that no socket buffer of default size overflows.
WINDOW = 150
DNSPERF = ["-c", "2", "-T", "1", "-q", str(WINDOW), "-t", "1", "-e"]
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


def dnsperf(port, file):
    """(answers, lost, seconds)"""
    out = subprocess.run(["taskset", "-c", "1", "dnsperf", "-s", "127.0.0.1", "-p", str(port), "-d", file,
                          "-l", str(SECONDS), *DNSPERF], capture_output=True, text=True).stdout
    return [float(re.search(words + r":\s+([\d.]+)", out)[1])
            for words in ("Queries completed", "Queries lost", r"Run time \(s\)")]


def pelt(port, file):
    """(answers, lost, seconds)"""
    out = subprocess.run(["taskset", "-c", "1", B + "/bench/pelt", "127.0.0.1", str(port), file,
                          str(SECONDS), str(WINDOW)], capture_output=True, text=True, check=True).stdout
    found = dict(line.split() for line in out.splitlines())
    if found["odd"] != "0":
        raise SystemExit(f"port {port} gave {found['odd']} answers that are neither NOERROR nor NXDOMAIN")
    return [float(found[key]) for key in ("answers", "lost", "seconds")]


def run(client, server, file):
    """One run: answers a second, user and system microseconds an answer, how busy the server's CPU was."""
    before = cpu_of(server.process.pid)
    answered, lost, took = client(server.port, file)
    after = cpu_of(server.process.pid)
    user, system = after[0] - before[0], after[1] - before[1]
    if answered == 0 or user + system == 0:
        raise SystemExit(f"{server.name}: {answered:.0f} answers in {user + system:.2f} s of CPU time:\n{server.log()}")
    return {"qps": answered / took, "lost": lost, "answers": answered,
            "user": user / answered * 1e6, "system": system / answered * 1e6,
            "busy": (user + system) / took, "per_cpu": answered / (user + system)}


CLIENTS = [dnsperf, pelt]


def rounds(all_servers, files):
    """{client: {kind: {server: [run, ...]}}}"""
    runs = {c.__name__: {kind: {s.name: [] for s in all_servers} for kind in KINDS} for c in CLIENTS}
    for n in range(ROUNDS):
        turned = all_servers[n % 4:] + all_servers[:n % 4]
        for kind in KINDS:
            for client in CLIENTS:
                for server in turned:
                    runs[client.__name__][kind][server.name].append(run(client, server, files[kind]))
            say(f"round {n + 1} of {ROUNDS}, {kind}: " + ", ".join("{} {:.0f}k ({:.0f}k)".format(
                s.name, *(runs[c.__name__][kind][s.name][-1]["qps"] / 1000 for c in (pelt, dnsperf))) for s in all_servers))
    return runs


def main():
    files = {kind: questions(kind) for kind in KINDS}
    listening = backends()
    all_servers = list(made())
    for server in all_servers:
        server.start(cpu=0)
    sizes = same_answers(all_servers)
    say("queries a second with pelt (with dnsperf)")
    runs = rounds(all_servers, files)
    for server in all_servers:
        server.stop()
    for s in listening:
        s.close()
    save("answers", {"runs": runs, "sizes": sizes,
                     "settings": {"seconds": SECONDS, "rounds": ROUNDS, "dnsperf": " ".join(DNSPERF), "window": WINDOW,
                                  "names": NAMES, "services": SERVICES, "members": len(MEMBERS)}})


if __name__ == "__main__":
    main()
