"""updates.py - dynamic updates, durable before they are acknowledged, beside BIND and Knot DNS on the same disk.

tools/updater: each of its clients has one update out, signed with hmac-sha256, over UDP; an update replaces one TXT record. All servers
begin with the same zone, each alone on the machine with the client, in turned order. NSD has no updates.

Then homing alone: the same in a zone of 1,000,000 names, which is then loaded from the store, beside the same from a master file; and
questions (bench/pelt) with and without updates beside them."""
import os
import re
import shutil
import subprocess

import servers
from common import B, QUICK, folder, median, save, say

ZONE = "updates.example"
SMALL, LARGE = 1_000, 1_000_000
SECONDS = float(os.environ.get("SECONDS_EACH", "2" if QUICK else "5"))
ROUNDS = int(os.environ.get("ROUNDS", "2" if QUICK else "5"))
CLIENTS = (64, 1)
SECRET = "dXBkYXRlcyBvZiB0aGUgc2FtZSB6b25l"
KEY = "hmac-sha256:ddns:" + SECRET
WINDOW = 150


class Homing(servers.Homing):
    more = f'keys = ( {{ name = "ddns"; algorithm = "hmac-sha256"; secret = "{SECRET}"; }} );\n'
    zone_more = ' type = "dynamic"; update = [ "key:ddns" ];'

    def forget(self):
        shutil.rmtree(self.file("state"), ignore_errors=True)


class FromFile(servers.Homing):
    name = "homing, file"


class Bind(servers.Server):
    name, port = "BIND", 5304

    def version(self):
        return servers.package("bind9")

    def argv(self):
        return ["named", "-n", "1", "-g", "-c", self.file("named.conf")]

    def configure(self):
        text = f"""options {{ directory "{self.folder}"; pid-file none; session-keyfile none; managed-keys-directory "{self.folder}";
  listen-on port {self.port} {{ {self.listen}; }}; listen-on-v6 {{ none; }}; recursion no; notify no; dnssec-validation no;
  empty-zones-enable no; update-quota 1000; }};
controls {{ }};
key ddns {{ algorithm hmac-sha256; secret "{SECRET}"; }};
logging {{ category update {{ null; }}; category update-security {{ null; }}; }};
"""
        for zone, file in self.zones.items():
            here = self.file(zone)
            shutil.copyfile(file, here)
            if os.path.exists(here + ".jnl"):
                os.unlink(here + ".jnl")
            text += f'zone "{zone}" {{ type primary; file "{here}"; allow-update {{ key ddns; }}; }};\n'
        self.write("named.conf", text)


class Knot(servers.Knot):
    def configure(self):
        super().configure()
        for name in ("journal", "timers", "catalog"):
            shutil.rmtree(self.file(name), ignore_errors=True)
        with open(self.file("knot.conf")) as f:
            text = f.read()
        text = text.replace("acl:\n", f"key:\n  - id: ddns\n    algorithm: hmac-sha256\n    secret: {SECRET}\nacl:\n"
                            "  - id: ddns\n    key: ddns\n    action: update\n", 1)
        text = text.replace("    zonefile-load: whole\n    journal-content: none\n",
                            "    zonefile-load: difference\n    journal-content: changes\n    acl: ddns\n")
        self.write("knot.conf", text)


def updater(server, clients, seconds=SECONDS):
    """A dict of its figures."""
    words = subprocess.run([B + "/tools/updater", f"{server.listen}:{server.port}", ZONE, KEY, str(clients), str(seconds)],
                           capture_output=True, text=True, check=False)
    found = re.search(r"updates (\d+), SERVFAIL (\d+), repeated (\d+), .* rate (\d+), median ([\d.]+) ms, slowest ([\d.]+) ms", words.stdout)
    if words.returncode != 0 or not found:
        raise SystemExit(f"{server.name}: {words.stdout}{words.stderr}{server.log()[-2000:]}")
    return dict(zip(("updates", "failed", "repeated", "rate", "median", "slowest"), map(float, found.groups())))


def pelt(server):
    """Answers a second."""
    questions = os.path.join(folder("updates"), "questions")
    with open(questions, "w") as f:
        f.writelines(f"h{i * 7919 % SMALL}.{ZONE} A\n" for i in range(10_000))
    out = subprocess.run(["taskset", "-c", "1", B + "/bench/pelt", server.listen, str(server.port), questions, str(SECONDS), str(WINDOW)],
                         capture_output=True, text=True, check=True).stdout
    found = dict(line.split() for line in out.splitlines())
    return float(found["answers"]) / float(found["seconds"])


def begun(server, names):
    """Seconds from its start to the first answer."""
    server.start()
    return server.wait(f"h{names - 1}.{ZONE}", ("NOERROR", (servers.address(names - 1),)))


def started(server, names):
    if isinstance(server, Homing):
        server.forget()
    begun(server, names)
    return server


def compare():
    """{server: {clients: [figures of each round]}}"""
    found = {}
    zone = servers.zone_file(os.path.join(folder("updates"), "small"), ZONE, SMALL)
    for i in range(ROUNDS):
        kinds = [Homing, Bind, Knot]
        for kind in kinds[i % 3:] + kinds[:i % 3]:
            server = started(kind("updates", {ZONE: zone}), SMALL)
            for clients in CLIENTS:
                r = updater(server, clients)
                found.setdefault(server.name, {}).setdefault(clients, []).append(r)
                say(f"{server.name}, {clients} clients: {r['rate']:,.0f} updates/s, median {r['median']:.2f} ms, slowest {r['slowest']:.1f} ms")
            server.stop()
    return found


def large():
    zone = servers.zone_file(os.path.join(folder("updates"), "large"), ZONE, LARGE)
    server = started(Homing("updates", {ZONE: zone}), LARGE)
    found = {clients: [updater(server, clients) for _ in range(ROUNDS)] for clients in CLIENTS}
    server.stop()
    loads = {"store": [], "file": []}
    for _ in range(ROUNDS):
        for key, other in ("store", server), ("file", FromFile("updates", {ZONE: zone})):
            loads[key].append(begun(other, LARGE))
            other.stop()
    say(f"{LARGE:,} names from the store in {median(loads['store']):.2f} s, from a master file in {median(loads['file']):.2f} s")
    for clients, rounds in found.items():
        say(f"homing, {LARGE:,} names, {clients} clients: {median([r['rate'] for r in rounds]):,.0f} updates/s")
    return found, loads


def beside():
    """Questions with and without updates."""
    zone = servers.zone_file(os.path.join(folder("updates"), "small"), ZONE, SMALL)
    server = started(Homing("updates", {ZONE: zone}), SMALL)
    pairs = []
    for _ in range(ROUNDS):
        without = pelt(server)
        load = subprocess.Popen([B + "/tools/updater", f"{server.listen}:{server.port}", ZONE, KEY, "64", str(SECONDS + 1)],
                                stdout=subprocess.PIPE, text=True)
        beside_it = pelt(server)
        updates = re.search(r"rate (\d+)", load.communicate()[0])
        pairs.append((without, beside_it, float(updates[1])))
        say(f"{without:,.0f} answers/s, {beside_it:,.0f} beside {pairs[-1][2]:,.0f} updates/s")
    server.stop()
    return pairs


def main():
    disk = subprocess.run(["df", "--output=fstype", folder("updates")], capture_output=True, text=True).stdout.split()[-1]
    compared, (in_large, loads) = compare(), large()
    save("updates", {"compare": compared, "large": in_large, "loads": loads, "beside": beside(), "disk": disk, "seconds": SECONDS, "rounds": ROUNDS,
                     "versions": [Bind.version(None)]})


if __name__ == "__main__":
    main()
