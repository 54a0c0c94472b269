"""servers.py - the four name servers: their configuration for the same data, one worker each, and their processes.

A server is told zones as {name: file} and services as {name: [address, ...]} inside a zone.
homing and gdnsd check the members of a service; NSD and Knot DNS have the same addresses as plain records, so
their zone files have lines more (zone_file() writes each server's own). All listen on 127.0.0.1."""
import os
import signal
import subprocess
import time

from common import B, Asker, family, folder

HEAD = """$TTL 300
@ SOA ns.{zone}. hostmaster.{zone}. 1 3600 600 604800 60
@ NS ns.{zone}.
ns A 192.0.2.53
"""


class Server:
    """The life of one. `checks` is the pace of the checks in the server's own words; None: slow ones."""
    name = ""
    checked = False                    # services have checked members, not records
    port = 0

    def __init__(self, where, zones, services=None, checks=None, listen="127.0.0.1", transfer=False):
        self.folder = folder(where, self.name)
        self.zones, self.services, self.checks = zones, services or {}, checks
        self.listen = listen
        self.transfer = transfer       # anybody may AXFR; gdnsd has none
        self.process = None
        self.configure()

    def file(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.file(name), "w") as f:
            f.write(text)

    def start(self, cpu=None, prefix=()):
        """Runs it, pinned to one CPU if given; prefix as in ["ip", "netns", "exec", "dns"]."""
        log = open(self.file("log"), "w")
        pin = (lambda: os.sched_setaffinity(0, {cpu})) if cpu is not None else None
        self.process = subprocess.Popen([*prefix, *self.argv()], stdout=log, stderr=log, preexec_fn=pin,
                                        start_new_session=True)
        self.started = time.monotonic()

    def wait(self, name, want, asker=None, limit=60):
        """Asks until the answer is want; the seconds since start()."""
        asker = asker or Asker(self.listen, self.port)
        while asker.ask(name) != want:
            if self.process.poll() is not None:
                raise SystemExit(f"{self.name} ended:\n{self.log()}")
            if time.monotonic() - self.started > limit:
                raise SystemExit(f"{self.name} does not answer {name} with {want} but {asker.ask(name)}:\n{self.log()}")
            time.sleep(0.002)
        return time.monotonic() - self.started

    def log(self):
        with open(self.file("log"), errors="replace") as f:
            return f.read()

    def stop(self):
        others = set(family(self.process.pid)) - {self.process.pid}
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for pid in others & set(family(self.process.pid)):     # NSD's, should one have been left behind
            os.kill(pid, signal.SIGKILL)


class Homing(Server):
    name, port, checked = "homing", 5300, True
    more = zone_more = ""              # further groups, further settings of each zone

    def version(self):
        return subprocess.run([B + "/homingd", "-V"], capture_output=True, text=True).stdout.strip()

    def argv(self):
        return [B + "/homingd", "-c", self.file("homing.conf")]

    def configure(self):
        members = sorted({address for addresses in self.services.values() for address in addresses})
        check = self.checks or 'type = "tcp"; port = 8080; interval = "10m"; timeout = "1s";'
        host = {address: f"m{i}" for i, address in enumerate(members)}
        groups = {
            "checks": [f'name = "web"; {check}'] if members else [],
            "servers": [f'name = "{host[a]}"; checks = [ "web" ]; interfaces = ( {{ name = "a"; address = "{a}"; }} );'
                        for a in members],
            "zones": [f'name = "{zone}"; file = "{file}";' + (' transfer = [ "0.0.0.0/0" ];' if self.transfer else "")
                      + self.zone_more for zone, file in self.zones.items()],
            "services": [f'name = "{name}"; failback_delay = 0; servers = [ '
                         + ", ".join(f'"{host[a]}"' for a in addresses) + " ];"
                         for name, addresses in self.services.items()],
        }
        text = (f'server = {{ listen = [ "{self.listen}:{self.port}" ]; workers = 1; state = "state"; control = "sock"; }};\n')
        text += self.more
        for key, rows in groups.items():
            if rows:
                text += key + " = (\n" + ",\n".join(f"  {{ {row} }}" for row in rows) + "\n);\n"
        self.write("homing.conf", text)


class Gdnsd(Server):
    name, port, checked = "gdnsd", 5301, True

    def version(self):
        return package("gdnsd")

    def argv(self):
        return ["gdnsd", "-c", self.folder, "start"]

    def configure(self):
        check = self.checks or "plugin => tcp_connect, port => 8080, interval => 255, timeout => 10"
        text = f"""options => {{
  listen => {self.listen}:{self.port}
  udp_threads => 1, tcp_threads => 1
  run_dir => "{self.file("run")}", state_dir => "{self.file("state")}"
  zones_default_ttl => 300
}}
"""
        if self.services:
            text += f"service_types => {{ web => {{ {check} }} }}\n"
            text += "plugins => { multifo => { service_types => web, up_thresh => 0.01\n"
            for name, addresses in self.services.items():
                text += f"  {name.partition('.')[0]} => {{ addrs_v4 => [ {', '.join(addresses)} ] }}\n"
            text += "} }\n"
        self.write("config", text)
        os.makedirs(self.file("zones"), exist_ok=True)
        for zone, file in self.zones.items():
            here = self.file("zones", zone)
            if os.path.exists(here):
                os.unlink(here)
            os.link(file, here)        # gdnsd wants a regular file of the zone's name; a link costs no copy


class Nsd(Server):
    name, port = "NSD", 5302

    def version(self):
        return package("nsd")

    def argv(self):
        return ["nsd", "-d", "-c", self.file("nsd.conf")]

    def configure(self):
        text = f"""server:
  ip-address: {self.listen}@{self.port}
  do-ip6: no
  server-count: 1
  database: ""
  username: ""
  zonesdir: "{self.folder}"
  xfrdir: "{self.folder}"
  xfrdfile: "{self.file("xfrd.state")}"
  zonelistfile: "{self.file("zone.list")}"
  pidfile: "{self.file("pid")}"
  minimal-responses: yes
  rrl-ratelimit: 0
remote-control:
  control-enable: no
"""
        for zone, file in self.zones.items():
            text += f'zone:\n  name: "{zone}"\n  zonefile: "{file}"\n'
            if self.transfer:
                text += "  provide-xfr: 0.0.0.0/0 NOKEY\n"
        self.write("nsd.conf", text)


class Knot(Server):
    name, port = "Knot DNS", 5303

    def version(self):
        return package("knot")

    def argv(self):
        return ["knotd", "-c", self.file("knot.conf")]

    def configure(self):
        text = f"""server:
  rundir: "{self.folder}"
  listen: {self.listen}@{self.port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{self.folder}"
log:
  - target: stderr
    any: info
acl:
  - id: anybody
    address: 0.0.0.0/0
    action: transfer
template:
  - id: default
    storage: "{self.folder}"
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
    semantic-checks: off
"""
        if self.transfer:
            text += "    acl: anybody\n"
        text += "zone:\n"
        for zone, file in self.zones.items():
            text += f'  - domain: {zone}\n    file: "{file}"\n'
        self.write("knot.conf", text)


ALL = [Homing, Gdnsd, Nsd, Knot]


def package(name):
    return f"{name} " + subprocess.run(["dpkg-query", "-W", "-f", "${Version}", name],
                                       capture_output=True, text=True).stdout


def address(i):
    """10.0.0.0 and up: a different one for each of 16 million names."""
    return f"10.{i >> 16 & 255}.{i >> 8 & 255}.{i & 255}"


def zone_file(path, zone, names, lines=()):
    """A master file of h0 .. hN-1 with an A record each; lines: what else this server needs in it."""
    with open(path, "w") as f:
        f.write(HEAD.format(zone=zone))
        for i in range(names):
            f.write(f"h{i} A {address(i)}\n")
        f.writelines(lines)
    return path


def service_lines(kind, services):
    """A service in the words of a zone file: nothing for homing, whose configuration has it."""
    if kind is Homing:
        return
    for name, addresses in services.items():
        label = name.partition(".")[0]
        if kind is Gdnsd:
            yield f"{label} DYNA multifo!{label}\n"
        else:
            yield from (f"{label} A {a}\n" for a in addresses)
