"""failover.py - from the fault to the changed answer, as a client sees it, against gdnsd at its fastest settings.

A service has two servers; one loses its link (the switch's port goes down) or its process (kill -9: connections are
refused from then on). homing: interval and timeout 100 ms, fall 2, checked by ping and by tcp. gdnsd: interval, timeout
and thresholds at the least that it accepts; it has no ping. Every row has a lab of its own, and all run at the same
time: the machine is idle but for the asking."""
import json
import os
import subprocess
import sys

import servers
from common import QUICK, folder, median, percentile, save, say
from lab import DNS, SERVERS, Lab, fault_times

ZONE = "lab.example"
NAME = "www." + ZONE
TIMES = int(os.environ.get("TIMES", "10" if QUICK else "50"))
TIMES_GDNSD = int(os.environ.get("TIMES_GDNSD", "3" if QUICK else "12"))

HOMING = 'interval = "100ms"; timeout = "100ms"; rise = 2; fall = 2;'
# gdnsd wants timeout < interval, both whole seconds.
GDNSD = "plugin => tcp_connect, port => 8080, interval => 2, timeout => 1, up_thresh => 1, ok_thresh => 1, down_thresh => 1"

PING = f'type = "ping"; {HOMING}'
TCP = f'type = "tcp"; port = 8080; {HOMING}'

# who, fault: server, its check, how often; seconds of calm before each and the interval of the checks
RUNS = {
    ("homing ping", "link"): (servers.Homing, PING, TIMES, 0.5, 0.5),
    ("homing tcp", "link"): (servers.Homing, TCP, TIMES, 0.5, 0.5),
    ("homing tcp", "service"): (servers.Homing, TCP, TIMES, 0.5, 0.5),
    ("gdnsd tcp", "link"): (servers.Gdnsd, GDNSD, TIMES_GDNSD, 0.5, 2),
    ("gdnsd tcp", "service"): (servers.Gdnsd, GDNSD, TIMES_GDNSD, 0.5, 2),
}


def place(who, fault):
    return os.path.join("failover", who + " " + fault)


def run(who, fault):
    """One server in a lab, in a process of its own; leaves its times in a file."""
    kind, check, times, calm, period = RUNS[who, fault]
    lab = Lab()
    services = {NAME: list(SERVERS.values())}
    zone = servers.zone_file(os.path.join(folder(place(who, fault)), ZONE), ZONE, 1, servers.service_lines(kind, services))
    server = kind(place(who, fault), {ZONE: zone}, services, check, DNS)
    server.start(prefix=["ip", "netns", "exec", "dns"])
    asker = lab.asker(server.port)
    server.wait(NAME, ("NOERROR", tuple(sorted(SERVERS.values()))), asker)
    took = fault_times(lab, asker, NAME, fault, times, calm, period)
    say(f"{who}, {fault}: median {median(took):.0f} ms, p90 {percentile(took, 90):.0f}, worst {max(took):.0f} of {times}")
    with open(os.path.join(folder(place(who, fault)), "times"), "w") as f:
        json.dump(took, f)
    server.stop()
    for service in lab.services.values():
        service.kill()


def main():
    """Every run in namespaces of its own, like the section itself."""
    alone = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "sh", "-c",
             'mount -t tmpfs tmpfs /run && mkdir /run/netns && exec python3 "$@"', "sh"]
    running = [subprocess.Popen([*alone, __file__, *key]) for key in RUNS]
    if any([process.wait() for process in running]):
        raise SystemExit("failover: not measured")
    found = {"link": {}, "service": {}}
    for who, fault in RUNS:
        with open(os.path.join(folder(place(who, fault)), "times")) as f:
            took = json.load(f)
        found[fault][who] = {"took": took, "median": median(took), "p90": percentile(took, 90), "worst": max(took)}
    save("failover", {"runs": found})


if __name__ == "__main__":
    run(*sys.argv[1:3]) if len(sys.argv) > 1 else main()
