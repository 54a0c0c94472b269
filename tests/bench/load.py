"""load.py - a zone of 1,000,000 names: the time from the start of the process until its first right answer, and the
memory it holds then. The same file for all four, one after the other; medians over rounds in turned order."""
import os
import time

import servers
from common import QUICK, folder, median, memory_of, save, say

ZONE = "load.example"
NAMES = 1_000_000
ROUNDS = int(os.environ.get("ROUNDS", "1" if QUICK else "3"))
LAST = (f"h{NAMES - 1}.{ZONE}", ("NOERROR", (servers.address(NAMES - 1),)))


def measure(server):
    server.start()
    seconds = server.wait(*LAST)
    time.sleep(0.5)                    # what it frees after loading, it has freed
    found = {"seconds": seconds, **memory_of(server.process.pid)}
    server.stop()
    return found


def main():
    zone = servers.zone_file(os.path.join(folder("load"), ZONE), ZONE, NAMES)
    with open(zone, "rb") as f:        # into the page cache, for the first as for the last
        size = len(f.read())
    all_servers = [kind("load", {ZONE: zone}) for kind in servers.ALL]
    runs = {server.name: [] for server in all_servers}
    for n in range(ROUNDS):
        turn = n % len(all_servers)
        for server in all_servers[turn:] + all_servers[:turn]:
            runs[server.name].append(measure(server))
        say(f"round {n + 1} of {ROUNDS}: " + ", ".join(
            "{} {seconds:.2f} s {pss:.0f} MiB".format(name, **rounds[-1]) for name, rounds in runs.items()))
    figures = {name: {key: median([r[key] for r in rounds]) for key in rounds[0]} for name, rounds in runs.items()}
    save("load", {"figures": figures, "runs": runs, "settings": {"names": NAMES, "rounds": ROUNDS, "bytes": size}})


if __name__ == "__main__":
    main()
