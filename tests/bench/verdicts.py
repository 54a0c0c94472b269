"""verdicts.py - a verdict that changes 1,000 services: one address is a member of all of them, and its service is killed.

Taken twice: with a zone of 1,000,000 names, where the services live too, and with a zone of one, to see whether the
zone costs a verdict something. Two clocks: homing's own, from the evidence to the publication (the log line of the verdict
says it), and a client's, from the first service it sees changed until it has seen all
of them changed, asking for one after the other."""
import os
import re
import time

import servers
from common import QUICK, folder, median, save, say
from lab import DNS, SERVERS, Lab, await_answer

ZONE = "verdict.example"
SERVICES = 1000
TIMES = int(os.environ.get("TIMES", "3" if QUICK else "10"))
SIZES = [1, 1_000_000]
CHECK = 'type = "tcp"; port = 8080; interval = "100ms"; timeout = "100ms"; rise = 2; fall = 2;'

BOTH = ("NOERROR", tuple(sorted(SERVERS.values())))
LEFT = ("NOERROR", (SERVERS["db2"],))


def publications(server):
    """Milliseconds of every verdict on the dead address that moved all services."""
    pattern = rf"up -> down: .*; {SERVICES} services in all, published in ([\d.]+) ms"
    return [float(ms) for ms in re.findall(pattern, server.log())]


def all_changed(asker, names):
    """Waits for the first change, then asks for every name once; ms from the first to the last, None if one was old."""
    await_answer(asker, names[0], LEFT, time.monotonic())
    first = time.monotonic()
    stale = sum(asker.ask(name) != LEFT for name in names)
    return None if stale else (time.monotonic() - first) * 1000


def measure(lab, size):
    services = {f"s{i}.{ZONE}": list(SERVERS.values()) for i in range(SERVICES)}
    zone = servers.zone_file(os.path.join(folder("verdicts"), ZONE), ZONE, size)
    server = servers.Homing("verdicts", {ZONE: zone}, services, CHECK, DNS)
    server.start(prefix=["ip", "netns", "exec", "dns"])
    names = list(services)
    asker = lab.asker(server.port)
    server.wait(names[-1], BOTH, asker)
    spread = []
    for _ in range(TIMES):
        time.sleep(0.5)
        lab.service_kill()
        spread.append(all_changed(asker, names))
        lab.service_start()
        await_answer(asker, names[-1], BOTH, time.monotonic())
    time.sleep(0.2)
    server.stop()
    took = publications(server)
    if len(took) != TIMES:
        raise SystemExit(f"the log tells of {len(took)} verdicts, not {TIMES}:\n{server.log()[-3000:]}")
    say(f"{size} names: {SERVICES} services published in {median(took):.2f} ms, at worst {max(took):.2f} of {TIMES}")
    return {"published": took, "median": median(took), "worst": max(took), "stale": sum(s is None for s in spread),
            "asked_all": median([s for s in spread if s is not None] or [0])}


def main():
    lab = Lab()
    save("verdicts", {"figures": {str(size): measure(lab, size) for size in SIZES}, "services": SERVICES, "times": TIMES})
    for service in lab.services.values():
        service.kill()


if __name__ == "__main__":
    main()
