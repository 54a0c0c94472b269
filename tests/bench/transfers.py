"""transfers.py - AXFR of a zone of 1,000,000 names, by a client that does nothing with it (pull.c), beside NSD and Knot DNS.

The same file for all three, each alone on the machine with the client, in turned order. While homing is asked, a second client asks
it one question after the other over UDP: a transfer must not hold up an answer."""
import json
import os
import subprocess
import threading
import time

import servers
from common import B, QUICK, Asker, folder, median, memory_of, percentile, save, say

ZONE = "transfer.example"
NAMES = 1_000_000
ROUNDS = int(os.environ.get("ROUNDS", "2" if QUICK else "5"))
LAST = (f"h{NAMES - 1}.{ZONE}", ("NOERROR", (servers.address(NAMES - 1),)))
KINDS = [servers.Homing, servers.Nsd, servers.Knot]


class Bystander(threading.Thread):
    """Asks one question after the other until told to stop; how long each took, in ms."""

    def __init__(self, server):
        super().__init__()
        self.asker, self.took, self.ended = Asker(server.listen, server.port), [], False

    def run(self):
        while not self.ended:
            began = time.monotonic()
            answer = self.asker.ask(LAST[0], 2)
            if answer != LAST[1]:
                raise SystemExit(f"during a transfer {LAST[0]} is answered with {answer}")
            self.took.append((time.monotonic() - began) * 1000)
            time.sleep(0.001)

    def stop(self):
        self.ended = True
        self.join()
        return self.took


def pull(server):
    """Seconds, bytes, messages and records of one AXFR; CPU seconds are the server's."""
    words = subprocess.run([B + "/bench/pull", server.listen, str(server.port), ZONE], check=True, capture_output=True, text=True)
    return dict(zip(("seconds", "bytes", "messages", "records"), map(float, words.stdout.split())))


def measure(server):
    server.start()
    server.wait(*LAST)
    time.sleep(0.5)
    pull(server)                       # the first one warms the client's and the server's memory
    before = memory_of(server.process.pid)["pss"]
    found = [pull(server) for _ in range(ROUNDS)]
    memory = memory_of(server.process.pid)["pss"]
    waits = []
    if isinstance(server, servers.Homing):
        bystander = Bystander(server)
        bystander.start()
        for _ in range(ROUNDS):
            pull(server)
        waits = bystander.stop()
    server.stop()
    return found, waits, memory - before


def main():
    zone = servers.zone_file(os.path.join(folder("transfers"), ZONE), ZONE, NAMES)
    figures = {}
    for kind in KINDS:
        server = kind("transfers", {ZONE: zone}, transfer=True)
        runs, waits, grown = measure(server)
        figures[server.name] = {key: median([r[key] for r in runs]) for key in runs[0]}
        figures[server.name]["grown"] = grown
        if waits:
            figures[server.name] |= {"wait_p99": percentile(waits, 99), "wait_worst": max(waits), "asked": len(waits)}
        say(f"{server.name}: {json.dumps(figures[server.name])}")
    save("transfers", {"figures": figures, "settings": {"names": NAMES, "rounds": ROUNDS}})


if __name__ == "__main__":
    main()
