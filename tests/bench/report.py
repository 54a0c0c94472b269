"""report.py - the table: what the sections saved in bench.tmp, on standard output and in bench.md; and whether each
figure of the project's promise is reached. A section that was not run is left out, its figures "not measured"."""
import json
import os
import platform
import subprocess
import time

import servers
from common import B, TMP, median
from tables import Figures, against, middle, noise, paired, ratio, table, whole

NAMES = [server.name for server in servers.ALL]
PEERS = NAMES[1:]
SECTIONS = ["answers", "load", "failover", "probes", "verdicts", "transfers", "updates", "fleet"]
BUSY = 0.05                            # of the machine, taken by work that is not the bench's


def saved(section):
    try:
        with open(os.path.join(TMP, section + ".json")) as f:
            return json.load(f)
    except FileNotFoundError:
        return None


# ---- answers ----

USER, RATE = "below gdnsd's, at most 25% of total", "at least each peer's"

# column, key, format, of a middle round or the whole, best of the peers
COLUMNS = [("queries/s", "qps", "{:,.0f}", middle, max), ("server busy", "busy", "{:.0%}", middle, None),
           ("answers per CPU second", "per_cpu", "{:,.0f}", middle, max), ("CPU us/answer", "cpu", "{:.2f}", whole, min),
           ("user us", "user", "{:.2f}", whole, min), ("system us", "system", "{:.2f}", whole, min),
           ("user share", "share", "{:.1%}", whole, min)]


def answers(out, figures):
    data = saved("answers")
    if data is None:
        figures.missing("user CPU per answer", USER)
        figures.missing("queries/s, one worker", RATE)
        return
    out.append("""## Answers

One worker on CPU 0, the client on CPU 1, over loopback; all servers in the same run, interleaved; {rounds} rounds of
{seconds:g} s. A zone of {names:,} names and {services:,} service names with {members} addresses each: checked members in homing
and gdnsd (multifo), plain records in NSD and Knot DNS. Questions carry EDNS. dnsperf ({dnsperf}) takes
more CPU time for a question than a server for its answer, so with a CPU each its queries/s are its own limit (see
"server busy"); pelt batches, and on a quiet machine the server is the limit. Best peer: per column. Queries/s and answers per CPU
second: medians over rounds, and of the ratios within a round. CPU times: of all rounds together.""".format(**data["settings"]))
    for client, kinds in data["runs"].items():
        for kind, runs in kinds.items():
            rows = [[name, *(form.format(of(runs, key)[name]) for _, key, form, of, _ in COLUMNS)] for name in NAMES]
            rows.append(["homing : best peer", *(against(runs, key, best, PEERS) for _, key, _, _, best in COLUMNS)])
            out.append(f"### {kind}, asked by {client}\n\n" + table(["", *(column[0] for column in COLUMNS)], rows))
    out.append(f"Questions lost in all runs together: {lost(data['runs']):.0f}. Sizes of the answers, bytes: "
               + "; ".join(f"{kind} " + ", ".join(f"{name} {size}" for name, size in sizes.items())
                           for kind, sizes in data["sizes"].items()) + ".")
    for kind in data["runs"]["pelt"]:
        judge_user(kind, data["runs"], figures)
        judge_rate(kind, data["runs"]["pelt"][kind], figures)


def lost(runs):
    return sum(r["lost"] for kinds in runs.values() for per in kinds.values() for rounds in per.values() for r in rounds)


def judge_user(kind, runs, figures):
    both = {name: [r for client in runs.values() for r in client[kind][name]] for name in NAMES}
    user, share = whole(both, "user"), whole(both, "share")["homing"]
    ours, theirs = noise(both["homing"], "user"), noise(both["gdnsd"], "user")
    figures.judge(f"user CPU per answer, {kind}", USER,
                  f"{user['homing']:.2f} +- {ours:.2f} us, gdnsd {user['gdnsd']:.2f} +- {theirs:.2f} us; {share:.1%} of total",
                  user["homing"] < user["gdnsd"] and share <= 0.25,
                  user["homing"] - user["gdnsd"] < 2 * (ours ** 2 + theirs ** 2) ** 0.5 and share <= 0.25)


def judge_rate(kind, runs, figures):
    qps, peer = paired(runs, "qps", PEERS)
    per_cpu, cpu_peer = paired(runs, "per_cpu", PEERS)
    figures.judge(f"queries/s, one worker, {kind}", RATE,
                  f"{middle(runs, 'qps')['homing']:,.0f}; {ratio(median(qps))} x {peer} "
                  f"(rounds {ratio(min(qps))} to {ratio(max(qps))}); {ratio(median(per_cpu))} x {cpu_peer} per CPU second",
                  median(qps) >= 1, median(qps) >= 0.98 and max(qps) > 1)


# ---- load ----

def load(out, figures):
    what, promised = "load 1,000,000 names", "within twice NSD's time, less memory than NSD's"
    data = saved("load")
    if data is None:
        figures.missing(what, promised)
        return
    out.append("""## A zone of {names:,} names

From the start of the process to its first right answer (the last name of the file, asked every 2 ms), and what it
holds then. Medians of {rounds} rounds; both CPUs free to use. Memory: all processes of the server, each shared page
counted once (PSS); VmHWM and VmRSS of its largest process. NSD runs with `database: ""`.""".format(**data["settings"]))
    found = data["figures"]
    columns = {"seconds": "{:.2f}", "pss": "{:,.0f}", "peak": "{:,.0f}", "rss": "{:,.0f}"}
    rows = [[name, *(form.format(found[name][key]) for key, form in columns.items())] for name in NAMES]
    best = {key: min(PEERS, key=lambda name: found[name][key]) for key in columns}
    rows.append(["homing : best peer", *(f"{ratio(found['homing'][key] / found[best[key]][key])} {best[key]}" for key in columns)])
    out[-1] += "\n\n" + table(["", "seconds", "memory MiB", "VmHWM MiB", "VmRSS MiB"], rows)
    homing, nsd = found["homing"], found["NSD"]
    figures.judge(what, promised,
                  f"{homing['seconds']:.2f} s, NSD {nsd['seconds']:.2f} s; {homing['pss']:.0f} MiB, NSD {nsd['pss']:.0f} MiB",
                  homing["seconds"] <= 2 * nsd["seconds"] and homing["pss"] < nsd["pss"])


# ---- failover ----

# fault: what, promised, limits of median and worst
FAULTS = {"link": ("link pulled -> changed answer", "median < 250 ms, worst < 500 ms", 250, 500),
          "service": ("service killed -> changed answer", "median < 120 ms", 120, float("inf"))}


def failover(out, figures):
    section = saved("failover")
    if section is None:
        for what, promised, *_ in FAULTS.values():
            figures.missing(what, promised)
        return
    rows = []
    for fault, its in section["runs"].items():
        what, gdnsd = FAULTS[fault][0], its["gdnsd tcp"]
        for who, data in its.items():
            rows.append([f"{what}: {who}", *(f"{data[key]:,.0f}" for key in ("median", "p90", "worst")), len(data["took"])])
        for who, data in its.items():
            if data is not gdnsd:
                rows.append([f"{what}: {who} : gdnsd tcp",
                             *(f"{data[key] / gdnsd[key]:.3f}" for key in ("median", "p90", "worst")), ""])
                judge_failover(fault, who, data, gdnsd, figures)
    out.append("""## Failover

Network namespaces: a switch, the name server's host, two servers behind one name. A fault hits one server at a random
moment of the schedule; the clock runs from the instant before the one system call that makes it (the switch's port goes
down; SIGKILL to the service's process, whose port refuses from then on) to the first answer without that server, asked
every millisecond. homing: `interval` and `timeout` 100 ms, `rise` and `fall` 2. gdnsd: tcp_connect (it has no ping),
`interval` 2 and `timeout` 1 (the least it accepts), all thresholds 1.

""" + table(["", "median ms", "p90 ms", "worst ms", "times"], rows))


def judge_failover(fault, who, data, gdnsd, figures):
    what, promised, middle_limit, worst_limit = FAULTS[fault]
    figures.judge(f"{what}, {who.split()[1]} check", promised,
                  f"median {data['median']:.0f} ms, worst {data['worst']:.0f} ms of {len(data['took'])} "
                  f"(gdnsd tcp: median {gdnsd['median']:,.0f} ms)",
                  data["median"] < middle_limit and data["worst"] < worst_limit)


# ---- probes ----

PROBES = {"tcp": ("10,000 tcp checks at 1 s", "none skipped, p99 late < 50 ms, CPU <= 1.3 x bare loop"),
          "ping": ("20,000 ping checks at 1 s", "none skipped, p99 late < 50 ms, < 0.4 core")}


def probes(out, figures):
    data = saved("probes")
    if data is None:
        for row in PROBES.values():
            figures.missing(*row)
        return
    settings, found = data["settings"], data["figures"]
    rows = []
    for kind, r in found.items():
        late = ["" if kind == "bare" else f"{r[key] / 1000:.2f}" for key in ("late_p50_us", "late_p99_us", "late_max_us")]
        rows.append([kind, f"{int(settings['counts'][kind]):,}", f"{r['skipped']:.0f}", f"{r['failed']:.0f}", *late,
                     f"{r['cpu_us_per_probe']:.1f}", f"{r['cores']:.2f}", f"{r['waited']:.0%}"])
    head = ["", "probes/s", "skipped", "failed", "late p50 ms", "late p99 ms", "late max ms", "CPU us/probe", "cores", "waited"]
    out.append("""## Scale of probes

At an interval of 1 s, on loopback, for {seconds} s once settled; medians of {rounds} rounds in turned order (skipped
and failed: the most of any round). The bare loop connects without blocking and closes by reset at the same rate, with no
checker around it. Waited: the part of its time that the probing process was ready to run while others had the CPU;
its lateness is then theirs.

""".format(**settings) + table(head, rows))
    bare = median([t["cpu_us_per_probe"] / b["cpu_us_per_probe"] for t, b in zip(data["runs"]["tcp"], data["runs"]["bare"])])
    judge_probes("tcp", found["tcp"], f"{bare:.2f} x bare", bare <= 1.3, figures)
    judge_probes("ping", found["ping"], f"{found['ping']['cores']:.2f} core", found["ping"]["cores"] < 0.4, figures)


def judge_probes(kind, r, cost, cheap, figures):
    measured = f"{r['skipped']:.0f} skipped, p99 {r['late_p99_us'] / 1000:.2f} ms, {cost}"
    if r["waited"] > 0.05:
        measured += f"; the CPU was taken {r['waited']:.0%} of the time"
    figures.judge(*PROBES[kind], measured, r["skipped"] == 0 and r["late_p99_us"] < 50_000 and cheap)


# ---- verdicts ----

def verdicts(out, figures):
    data = saved("verdicts")
    what, promised = "a verdict that changes 1,000 services", "published within 10 ms"
    if data is None:
        figures.missing(what, promised)
        return
    found = data["figures"]
    rows = [[f"{int(size):,}", f"{r['median']:.2f}", f"{r['worst']:.2f}", r["stale"], f"{r['asked_all']:.0f}"]
            for size, r in found.items()]
    out.append(f"""## A verdict that changes {data['services']:,} services

One address is a member of all of them, and its service is killed, {data['times']} times. Published: homing's own clock, from the
verdict to the swap that makes all answers new, as its log line says. Stale: runs in which a client that had seen one
service changed still got an old answer for another, asking for all of them at once.

""" + table(["names in the zone", "published, median ms", "worst ms", "stale", "client asked all in, ms"], rows))
    worst = max(r["worst"] for r in found.values())
    stale = sum(r["stale"] for r in found.values())
    sizes = " and ".join(f"{int(size):,}" for size in found)
    figures.judge(what, promised, f"worst {worst:.2f} ms, {stale} stale, in zones of {sizes} names", worst < 10 and stale == 0)


# ---- transfers ----

def transfers(out, figures):
    data = saved("transfers")
    what, promised = "AXFR of 1,000,000 names", "no slower than NSD and Knot DNS; answers meanwhile within 50 ms (p99)"
    if data is None:
        figures.missing(what, promised)
        return
    found = data["figures"]
    rows = [[name, f"{r['seconds']:.2f}", f"{r['records'] / r['seconds'] / 1e6:.2f}", f"{r['bytes'] / 2**20:.1f}",
             f"{r['messages']:,.0f}", f"{r['grown']:.1f}"] for name, r in found.items()]
    homing = found["homing"]
    best = min((name for name in found if name != "homing"), key=lambda name: found[name]["seconds"])
    rows.append(["homing : best peer", f"{ratio(homing['seconds'] / found[best]['seconds'])} {best}", "", "", "", ""])
    out.append("""## AXFR of {names:,} names

Over loopback, unsigned, to a client that reads the records' places and keeps nothing; medians of {rounds}, after one that
is not counted. Memory: what the server has grown by meanwhile.

""".format(**data["settings"]) + table(["", "seconds", "million records/s", "MiB", "messages", "grown by MiB"], rows) +
               f"\n\nDuring homing's, {homing['asked']:,.0f} questions over UDP one after the other: p99 {homing['wait_p99']:.2f} ms, "
               f"worst {homing['wait_worst']:.2f} ms.")
    figures.judge(what, promised, f"{homing['seconds']:.2f} s, {best} {found[best]['seconds']:.2f} s; p99 {homing['wait_p99']:.2f} ms",
                  homing["seconds"] <= found[best]["seconds"] and homing["wait_p99"] < 50)


# ---- updates ----

def updates(out, figures):
    data = saved("updates")
    promises = {"64": ("durable updates, 64 clients", "at least 5 x the better of BIND and Knot DNS", 5),
                "1": ("durable updates, one client", "at least as fast as the better of BIND and Knot DNS", 1)}
    large = "an update to 1,000,000 names", "at most twice one to 1,000"
    loading = "1,000,000 names from the store", "no longer than from a master file"
    beside = "answers during full update load", "at least 80 % of those without"
    if data is None:
        for what, promised, *_ in [*promises.values(), large, loading, beside]:
            figures.missing(what, promised)
        return
    rows, rate = [], {}
    for name, found in data["compare"].items():
        rate[name] = {clients: median([r["rate"] for r in rounds]) for clients, rounds in found.items()}
        rows.append([name, *(f"{value:,.0f}" for clients in promises for value in (rate[name][clients],)),
                     *(f"{median([r['median'] for r in found[clients]]):.2f}" for clients in promises),
                     f"{max(r['slowest'] for r in found['64']):.1f}"])
    for clients, (what, promised, least) in promises.items():
        peer = max((n for n in rate if n != "homing"), key=lambda n: rate[n][clients])
        times = rate["homing"][clients] / rate[peer][clients]
        figures.judge(what, promised, f"{rate['homing'][clients]:,.0f}/s, {ratio(times)} x {peer}", times >= least)
    in_large = {clients: median([r["rate"] for r in rounds]) for clients, rounds in data["large"].items()}
    rows.append(["homing, 1,000,000 names", *(f"{in_large[c]:,.0f}" for c in promises), "", "", ""])
    cost = max(rate["homing"][c] / in_large[c] for c in promises)
    figures.judge(*large, f"{ratio(cost)} times", cost <= 2)
    took = {key: median(seconds) for key, seconds in data["loads"].items()}
    figures.judge(*loading, f"{took['store']:.2f} s, {took['file']:.2f} s", took["store"] <= took["file"])
    part = median([b / a for a, b, _ in data["beside"]])
    figures.judge(*beside, f"{part:.0%} beside {median([u for *_, u in data['beside']]):,.0f} updates/s", part >= 0.8)
    out.append(f"""## Dynamic updates

Each replaces a TXT record in a zone of 1,000 names, is signed with hmac-sha256, and acknowledged when it is on the disk ({data['disk']}).
Updates a second, medians of {data['rounds']} rounds of {data['seconds']:.0f} s.

""" + table(["", "64 clients", "1 client", "median ms of 64", "of 1", "slowest ms of 64"], rows))


# ---- fleet ----

def fleet(out, figures):
    data = saved("fleet")
    what, promised = "homing's changed answer -> {}'s", "median < 300 ms"
    if data is None:
        figures.missing(what.format("each secondary"), promised)
        return
    rows = []
    for name, r in data["figures"].items():
        rows.append([name, *(f"{r[key]:,.0f}" for key in ("median", "p90", "worst")), len(r["took"])])
        figures.judge(what.format(name), promised, f"median {r['median']:.0f} ms, worst {r['worst']:.0f} ms of {len(r['took'])}",
                      r["median"] < 300)
    out.append("""## Secondaries

A link is pulled; the clock runs from the first changed answer of homing's own to the first of the secondary's. `notify_delay` 50 ms,
NOTIFY and IXFR signed with hmac-sha256; all are asked in turn without a pause.

""" + table(["", "median ms", "p90 ms", "worst ms", "times"], rows))


# ---- all of it ----

def cpu_model():
    with open("/proc/cpuinfo") as f:
        return next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), platform.machine())


def heading():
    taken = {name: data for name in SECTIONS if (data := saved(name))}
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()
    homing = servers.Homing.version(None) + (f" ({commit})" if commit else "")     # nothing outside a clone
    versions = [homing, *(kind.version(None) for kind in servers.ALL[1:]), servers.package("dnsperf")]
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    lines = ["# homing beside gdnsd, NSD and Knot DNS", "",
             f"{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} x {cpu_model()}, {memory:.0f} GiB, Linux {platform.release()}.",
             ", ".join(versions) + "."]
    if quick := [name for name, data in taken.items() if data["quick"]]:
        lines.append(f"Quick (QUICK=1), few rounds and short ones: {', '.join(quick)}.")
    if disturbed := [f"{name} {data['others']:.0%}" for name, data in taken.items() if data["others"] > BUSY]:
        lines.append(f"**The machine had other work**, which took of its CPUs during {', '.join(disturbed)}: rates and "
                     "lateness are then those of a shared machine, ratios of rates are noisier, CPU times a little longer.")
    return "\n".join(lines)


def main():
    figures, out = Figures(), []
    for section in (answers, load, failover, probes, verdicts, transfers, updates, fleet):
        section(out, figures)
    promise = ("## Figures to reach\n\n" + figures.table() + "\n\nLevel: what is missing is less than what this run shows to be "
               "chance. +-: one standard deviation of a CPU time, which the kernel finds by sampling.")
    text = "\n\n".join([heading(), promise, *out]) + "\n"
    with open(os.path.join(B, "bench.md"), "w") as f:
        f.write(text)
    print(text)
    print(f"Written to {os.path.relpath(os.path.join(B, 'bench.md'))}.")


if __name__ == "__main__":
    main()
