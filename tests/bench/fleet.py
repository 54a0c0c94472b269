"""fleet.py - NSD, Knot DNS and BIND as secondaries: from the first changed answer of homing's own to the first of theirs.

A service has two servers, one of which loses its link. homing and its secondaries stand in one namespace, on addresses of their own; all
four are asked in turn, again and again, so that a time is right to a fraction of a millisecond. notify_delay is 50 ms, transfers are
signed (hmac-sha256), each secondary is what its Debian package gives, set to reload at once."""
import os
import subprocess
import time

import servers
from common import QUICK, Asker, folder, median, percentile, save, say
from lab import DNS, SERVERS, Lab, inside, ip

ZONE = "fleet.example"
NAME = "www." + ZONE
TIMES = int(os.environ.get("TIMES", "10" if QUICK else "50"))
CHECK = 'type = "ping"; interval = "100ms"; timeout = "100ms"; rise = 2; fall = 2;'
SECRET = "c2lzdGVycyBvZiB0aGUgc2FtZSB6b25l"
FLEET = {"NSD": "10.1.0.3", "Knot DNS": "10.1.0.4", "BIND": "10.1.0.5"}
PORT = 53

BOTH = ("NOERROR", tuple(sorted(SERVERS.values())))
LEFT = ("NOERROR", (SERVERS["db2"],))

NSD = """server:
  ip-address: {listen}
  do-ip6: no
  server-count: 1
  database: ""
  username: ""
  zonesdir: "{folder}"
  xfrdir: "{folder}"
  xfrdfile: "{folder}/xfrd.state"
  zonelistfile: "{folder}/zone.list"
  pidfile: "{folder}/pid"
  xfrd-reload-timeout: 0
  rrl-ratelimit: 0
remote-control:
  control-enable: no
key:
  name: "xfer"
  algorithm: hmac-sha256
  secret: "{secret}"
zone:
  name: "{zone}"
  zonefile: "{zone}.copy"
  request-xfr: {primary}@{port} xfer
  allow-notify: {primary} xfer
"""

KNOT = """server:
  rundir: "{folder}"
  listen: {listen}@53
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{folder}"
log:
  - target: stderr
    any: info
key:
  - id: xfer
    algorithm: hmac-sha256
    secret: {secret}
remote:
  - id: homing
    address: {primary}@{port}
    key: xfer
acl:
  - id: notified
    address: {primary}
    key: xfer
    action: notify
zone:
  - domain: {zone}
    storage: "{folder}"
    master: homing
    acl: notified
    zonefile-sync: -1
"""

BIND = """options {{
  directory "{folder}"; pid-file none; session-keyfile "{folder}/session.key"; managed-keys-directory "{folder}";
  listen-on port 53 {{ {listen}; }}; listen-on-v6 {{ none; }};
  recursion no; notify no; allow-transfer {{ none; }}; dnssec-validation no; empty-zones-enable no;
}};
controls {{ }};
key xfer {{ algorithm hmac-sha256; secret "{secret}"; }};
server {primary} {{ keys {{ xfer; }}; }};
zone "{zone}" {{ type secondary; primaries {{ {primary} port {port} key xfer; }}; file "{zone}.copy"; masterfile-format text; }};
"""

SECONDARIES = {"NSD": (NSD, "nsd.conf", ["nsd", "-d", "-c"]), "Knot DNS": (KNOT, "knot.conf", ["knotd", "-c"]),
               "BIND": (BIND, "named.conf", ["named", "-g", "-c"])}


class Fleet(servers.Homing):
    """homing that tells all of FLEET."""
    more = f'keys = ( {{ name = "xfer"; algorithm = "hmac-sha256"; secret = "{SECRET}"; }} );\n'
    zone_more = (' transfer = [ "key:xfer" ]; notify_delay = "50ms"; notify = ( '
                 + ", ".join(f'{{ address = "{a}"; key = "xfer"; source = "{DNS}"; }}' for a in FLEET.values()) + " );")


def secondary_start(name, port):
    """Runs one; its process."""
    text, file, argv = SECONDARIES[name]
    where = folder("fleet", name)
    path = os.path.join(where, file)
    with open(path, "w") as f:
        f.write(text.format(folder=where, listen=FLEET[name], zone=ZONE, secret=SECRET, primary=DNS, port=port))
    log = open(os.path.join(where, "log"), "w")
    return subprocess.Popen(["ip", "netns", "exec", "dns", *argv, path], stdout=log, stderr=log, start_new_session=True)


def all_answer(askers, want, limit=30):
    """Asks everybody in turn until everybody has answered so: the moments of the first time, by name."""
    since, seen = time.monotonic(), {}
    while len(seen) < len(askers):
        for name, asker in askers.items():
            if name not in seen and asker.ask(NAME) == want:
                seen[name] = time.monotonic()
        if time.monotonic() - since > limit:
            raise SystemExit(f"after {limit} s only {list(seen)} answer {NAME} with {want}")
        time.sleep(0.0002)
    return seen


def main():
    lab = Lab()
    for address in FLEET.values():
        ip("-n", "dns", "addr", "add", address + "/24", "dev", "eth0")
    services = {NAME: list(SERVERS.values())}
    zone = servers.zone_file(os.path.join(folder("fleet"), ZONE), ZONE, 1000)
    server = Fleet("fleet", {ZONE: zone}, services, CHECK, DNS)
    server.start(prefix=["ip", "netns", "exec", "dns"])
    askers = {"homing": lab.asker(server.port)}
    server.wait(NAME, BOTH, askers["homing"])
    running = [secondary_start(name, server.port) for name in FLEET]
    with inside("dns"):
        askers |= {name: Asker(address, PORT) for name, address in FLEET.items()}
    all_answer(askers, BOTH)
    took = {name: [] for name in FLEET}
    for _ in range(TIMES):
        time.sleep(0.7)
        lab.link_pull()
        seen = all_answer(askers, LEFT)
        for name in FLEET:
            took[name].append((seen[name] - seen["homing"]) * 1000)
        lab.link_plug()
        all_answer(askers, BOTH)
    figures = {name: {"took": t, "median": median(t), "p90": percentile(t, 90), "worst": max(t)} for name, t in took.items()}
    for name, f in figures.items():
        say(f"{name}: median {f['median']:.0f} ms after homing, p90 {f['p90']:.0f}, worst {f['worst']:.0f} of {TIMES}")
    save("fleet", {"figures": figures, "times": TIMES})
    server.stop()
    for process in running:
        process.terminate()
        process.wait()
    for service in lab.services.values():
        service.kill()


if __name__ == "__main__":
    main()
