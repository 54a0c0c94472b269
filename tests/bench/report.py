"""report.py - the table: what the sections saved in bench.tmp, on standard output and in bench.md; and whether each figure
of the project's promise is reached. A section that was not run is left out, and its figures are "not measured"."""
import glob
import json
import os
import platform
import subprocess
import time

import servers
from common import B, TMP, median

NAMES = [server.name for server in servers.ALL]
PEERS = NAMES[1:]
SAMPLES = 250                          # a second: CONFIG_HZ of Debian's kernels
BUSY = 1.2                             # the section before leaves 1 or so in the load average


def saved(section):
    try:
        with open(os.path.join(TMP, section + ".json")) as f:
            return json.load(f)
    except FileNotFoundError:
        return None


# ---- tables ----

def table(head, rows):
    """Markdown that reads well as plain text too."""
    rows = [[str(cell) for cell in row] for row in [head, *rows]]
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["| " + " | ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 2) if i == 0 else "-" * (width + 1) + ":" for i, width in enumerate(widths)) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def noise(rounds, key):
    """One standard deviation of a time that the kernel finds by sampling: so many samples were in it."""
    answered = sum(r["answers"] for r in rounds)
    seconds = sum(r[key] * r["answers"] for r in rounds) / 1e6
    return (seconds / SAMPLES) ** 0.5 / answered * 1e6


def ratio(value):
    return f"{value:.2f}"


class Figures:
    """The promise, line by line."""

    def __init__(self):
        self.rows = []

    def judge(self, what, promised, measured, reached, level=False):
        """level: what is missing is less than what the same run shows to be chance."""
        self.rows.append([what, promised, measured, "reached" if reached else "level" if level else "NOT reached"])

    def missing(self, what, promised):
        self.rows.append([what, promised, "", "not measured"])


# ---- the sections ----

def middle(runs, key):
    return {name: median([r[key] for r in rounds]) for name, rounds in runs.items()}


def whole(runs, key):
    """Of all rounds together: what is sampled is rare within one."""
    def per_answer(rounds, key):
        return sum(r[key] * r["answers"] for r in rounds) / sum(r["answers"] for r in rounds)

    if key == "cpu":
        return {name: per_answer(rounds, "user") + per_answer(rounds, "system") for name, rounds in runs.items()}
    if key == "share":
        return {name: per_answer(rounds, "user") / whole(runs, "cpu")[name] for name, rounds in runs.items()}
    return {name: per_answer(rounds, key) for name, rounds in runs.items()}


def paired(runs, key):
    """The ratios homing : the best peer within each round; and who that peer is."""
    peer = max(PEERS, key=middle(runs, key).get)
    return [h[key] / p[key] for h, p in zip(runs["homing"], runs[peer])], peer


def against(runs, key, best):
    """The last line's cell: "1.07 gdnsd"."""
    if best is None:
        return ""
    if best is max:
        ratios, peer = paired(runs, key)
        return f"{ratio(median(ratios))} {peer}"
    values = whole(runs, key)
    peer = min(PEERS, key=values.get)
    return f"{ratio(values['homing'] / values[peer])} {peer}"


# column, key, format, of one round or all, best of the peers
COLUMNS = [("queries/s", "qps", "{:,.0f}", middle, max), ("server busy", "busy", "{:.0%}", middle, None),
           ("answers per CPU second", "per_cpu", "{:,.0f}", middle, max), ("CPU us/answer", "cpu", "{:.2f}", whole, min),
           ("user us", "user", "{:.2f}", whole, min), ("system us", "system", "{:.2f}", whole, min),
           ("user share", "share", "{:.1%}", whole, min)]


def answers(out, figures):
    data = saved("answers")
    if data is None:
        figures.missing("user CPU per answer", "below gdnsd's, at most 1/4 of total")
        figures.missing("queries/s, one worker", "at least each peer's")
        return
    settings = data["settings"]
    out.append(f"""## Answers

One worker on CPU 0, the client on CPU 1, over loopback; all servers in the same run, interleaved; medians of {settings['rounds']} rounds
of {settings['seconds']:g} s. Zone of {settings['names']:,} names and {settings['services']:,} service names with {settings['members']} addresses
each: checked members in homing and gdnsd (multifo), plain records in NSD and Knot DNS. Questions carry EDNS.
dnsperf ({settings['dnsperf']}) takes more CPU time for a question than a server for its answer, so with a CPU each
its queries/s are its own limit (see "server busy"); pelt batches and is not the limit. Best peer: per column; ratios of queries/s
and of answers per CPU second are medians of the ratios within a round; CPU times are of all rounds together.""")
    for client, kinds in data["runs"].items():
        for kind, runs in kinds.items():
            out.append(f"### {kind} names, asked by {client}" if kind != "NXDOMAIN" else f"### NXDOMAIN, asked by {client}")
            rows = [[name, *(form.format(of(runs, key)[name]) for _, key, form, of, _ in COLUMNS)] for name in NAMES]
            rows.append(["homing : best peer", *(against(runs, key, best) for _, key, _, _, best in COLUMNS)])
            out.append(table(["", *(column[0] for column in COLUMNS)], rows))
    losses = sum(r["lost"] for kinds in data["runs"].values() for runs in kinds.values() for rounds in runs.values() for r in rounds)
    out.append(f"Questions lost in all runs together: {losses:.0f}. Sizes of the answers, bytes: "
               + "; ".join(f"{kind} " + ", ".join(f"{n} {s}" for n, s in sizes.items()) for kind, sizes in data["sizes"].items()) + ".")
    judge_answers(data["runs"], figures)


def judge_answers(runs, figures):
    for kind, per in runs["pelt"].items():
        both = {name: [*per[name], *runs["dnsperf"][kind][name]] for name in NAMES}
        user, share = whole(both, "user"), whole(both, "share")["homing"]
        error = {name: noise(rounds, "user") for name, rounds in both.items()}
        figures.judge(f"user CPU per answer, {kind}", "below gdnsd's, at most 25% of total",
                      "{:.2f} +- {:.2f} us, gdnsd {:.2f} +- {:.2f} us; {:.1%} of total".format(
                          user["homing"], error["homing"], user["gdnsd"], error["gdnsd"], share),
                      user["homing"] < user["gdnsd"] and share <= 0.25,
                      user["homing"] - user["gdnsd"] < 2 * (error["homing"] ** 2 + error["gdnsd"] ** 2) ** 0.5 and share <= 0.25)
        qps, peer = paired(per, "qps")
        per_cpu, cpu_peer = paired(per, "per_cpu")
        figures.judge(f"queries/s, one worker, {kind}", "at least each peer's",
                      f"{middle(per, 'qps')['homing']:,.0f}; {ratio(median(qps))} x {peer} (rounds {ratio(min(qps))} to {ratio(max(qps))}); "
                      f"{ratio(median(per_cpu))} x {cpu_peer} per CPU second",
                      median(qps) >= 1, median(qps) >= 0.98 and max(qps) > 1)


def load(out, figures):
    data = saved("load")
    if data is None:
        figures.missing("load 1,000,000 names", "within twice NSD's time, less memory than NSD's")
        return
    f, settings = data["figures"], data["settings"]
    out.append(f"""## A zone of {settings['names']:,} names

From the start of the process to its first right answer (the last name of the file, asked every 2 ms), and what it holds then. Medians of
{settings['rounds']} rounds; both CPUs free to use. Memory: all processes of the server, each shared page counted once (PSS); VmHWM and VmRSS of its largest process.
NSD runs with `database: ""`.""")
    rows = [[name, *(f"{f[name][key]:.2f}" if key == "seconds" else f"{f[name][key]:,.0f}"
                     for key in ("seconds", "pss", "peak", "rss"))] for name in NAMES]
    last = ["homing : best peer"]
    for key in ("seconds", "pss", "peak", "rss"):
        peer = min(PEERS, key=lambda name: f[name][key])
        last.append(f"{ratio(f['homing'][key] / f[peer][key])} {peer}")
    out.append(table(["", "seconds", "memory MiB", "VmHWM MiB", "VmRSS MiB"], [*rows, last]))
    h, nsd = f["homing"], f["NSD"]
    figures.judge("load 1,000,000 names", "within twice NSD's time, less memory than NSD's",
                  f"{h['seconds']:.2f} s, NSD {nsd['seconds']:.2f} s; {h['pss']:.0f} MiB, NSD {nsd['pss']:.0f} MiB",
                  h["seconds"] <= 2 * nsd["seconds"] and h["pss"] < nsd["pss"])


def failover(out, figures):
    promise = {"link": ("link pulled -> changed answer", "median < 250 ms, worst < 500 ms", 250, 500),
               "service": ("service killed -> changed answer", "median < 120 ms", 120, float("inf"))}
    found = {}
    for path in glob.glob(os.path.join(glob.escape(TMP), "failover-*.json")):
        _, who, fault = os.path.basename(path)[:-len(".json")].split("-")
        found[fault, who] = saved(os.path.basename(path)[:-len(".json")])
    if not found:
        for what, promised, *_ in promise.values():
            figures.missing(what, promised)
        return
    out.append("""## Failover

Network namespaces: a switch, the name server's host, two servers behind one name. A fault hits one server at a random moment of the schedule; the
clock runs from the instant before the one system call that makes it (the switch's port goes down; SIGKILL to the service's process, whose port refuses
from then on) to the first answer without that server, asked every millisecond. homing: `interval` and `timeout` 100 ms, `rise` and `fall` 2. gdnsd:
tcp_connect (it has no ping), `interval` 2 and `timeout` 1 (the least it accepts), all thresholds 1.""")
    rows = []
    for fault in promise:
        for (its, who), data in sorted(found.items(), key=lambda item: item[0][1], reverse=True):
            if its == fault:
                rows.append([f"{promise[fault][0]}: {who}", *(f"{data[key]:,.0f}" for key in ("median", "p90", "worst")), len(data["took"])])
    for fault, (what, promised, middle_limit, worst_limit) in promise.items():
        homing = {who: data for (its, who), data in found.items() if its == fault and who.startswith("homing")}
        gdnsd = found.get((fault, "gdnsd tcp"))
        for who, data in sorted(homing.items()):
            if gdnsd:
                rows.append([f"{what}: {who} : gdnsd tcp", *(f"{data[key] / gdnsd[key]:.3f}" for key in ("median", "p90", "worst")), ""])
            figures.judge(f"{what}, {who.split()[1]} check", promised, f"median {data['median']:.0f} ms, worst {data['worst']:.0f} ms of {len(data['took'])}"
                          + (f" (gdnsd tcp: median {gdnsd['median']:,.0f} ms)" if gdnsd else ""),
                          data["median"] < middle_limit and data["worst"] < worst_limit)
    out.append(table(["", "median ms", "p90 ms", "worst ms", "times"], rows))


def probes(out, figures):
    data = saved("probes")
    promise = {"tcp": ("10,000 tcp checks at 1 s", "none skipped, p99 late < 50 ms, CPU <= 1.3 x bare loop"),
               "ping": ("20,000 ping checks at 1 s", "none skipped, p99 late < 50 ms, < 0.4 core")}
    if data is None:
        for row in promise.values():
            figures.missing(*row)
        return
    f, counts = data["figures"], data["settings"]["counts"]
    out.append(f"""## Scale of probes

At an interval of 1 s, on loopback, for {data['settings']['seconds']} s once settled; medians of {data['settings']['rounds']} rounds in turned order (skipped and failed: the most of any
round). The bare loop connects without blocking and closes by reset at the same rate, with no checker around it. Waited: the part of its time
that the probing process was ready to run while others had the CPU; its lateness is then theirs.""")
    out.append(table(["", "probes/s", "skipped", "failed", "late p50 ms", "late p99 ms", "late max ms", "CPU us/probe", "cores", "waited"],
                     [[kind, f"{int(counts[kind]):,}", f"{r['skipped']:.0f}", f"{r['failed']:.0f}",
                       *("" if kind == "bare" else f"{r[key] / 1000:.2f}" for key in ("late_p50_us", "late_p99_us", "late_max_us")),
                       f"{r['cpu_us_per_probe']:.1f}", f"{r['cores']:.2f}", f"{r['waited']:.0%}"] for kind, r in f.items()]))
    times_bare = median([t["cpu_us_per_probe"] / b["cpu_us_per_probe"] for t, b in zip(data["runs"]["tcp"], data["runs"]["bare"])])
    tcp, ping = f["tcp"], f["ping"]
    figures.judge(*promise["tcp"], f"{tcp['skipped']:.0f} skipped, p99 {tcp['late_p99_us'] / 1000:.2f} ms, {times_bare:.2f} x bare"
                  + (f"; the CPU was taken {tcp['waited']:.0%} of the time" if tcp["waited"] > 0.05 else ""),
                  tcp["skipped"] == 0 and tcp["late_p99_us"] < 50_000 and times_bare <= 1.3)
    figures.judge(*promise["ping"], f"{ping['skipped']:.0f} skipped, p99 {ping['late_p99_us'] / 1000:.2f} ms, {ping['cores']:.2f} core"
                  + (f"; the CPU was taken {ping['waited']:.0%} of the time" if ping["waited"] > 0.05 else ""),
                  ping["skipped"] == 0 and ping["late_p99_us"] < 50_000 and ping["cores"] < 0.4)


def verdicts(out, figures):
    data = saved("verdicts")
    what, promised = "a verdict that changes 1,000 services", "published within 10 ms"
    if data is None:
        figures.missing(what, promised)
        return
    out.append(f"""## A verdict that changes {data['services']:,} services

One address is a member of all of them, and its service is killed, {data['times']} times. Published: homing's own clock, from the verdict to the
swap that makes all answers new, as its log line says. Stale: runs in which a client that had seen one service changed
still got an old answer for another, asking for all of them at once.""")
    out.append(table(["names in the zone", "published, median ms", "worst ms", "stale", "client asked all in, ms"],
                     [[f"{int(size):,}", f"{r['median']:.2f}", f"{r['worst']:.2f}", r["stale"], f"{r['asked_all']:.0f}"]
                      for size, r in data["figures"].items()]))
    worst = max(r["worst"] for r in data["figures"].values())
    stale = sum(r["stale"] for r in data["figures"].values())
    figures.judge(what, promised, f"worst {worst:.2f} ms, {stale} stale, in zones of "
                  + " and ".join(f"{int(size):,}" for size in data["figures"]) + " names", worst < 10 and stale == 0)


# ---- all of it ----

def cpu_model():
    with open("/proc/cpuinfo") as f:
        return next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), platform.machine())


def heading():
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True).stdout.strip()      # nothing outside a clone
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    sections = [saved(os.path.basename(path)[:-len(".json")]) for path in glob.glob(os.path.join(glob.escape(TMP), "*.json"))]
    load = max((s["load"] for s in sections), default=0)
    versions = ", ".join([f"{servers.Homing.version(None)}" + (f" ({commit})" if commit else ""), *(kind.version(None) for kind in servers.ALL[1:]), servers.package("dnsperf")])
    return (f"# homing beside gdnsd, NSD and Knot DNS\n\n{time.strftime('%Y-%m-%d %H:%M')}, {os.cpu_count()} x {cpu_model()}, {memory:.0f} GiB, "
            f"Linux {platform.release()}.\n{versions}."
            + ("\nA quick run (QUICK=1): few rounds, short ones." if any(s["quick"] for s in sections) else "")
            + (f"\n**The machine had other work** (load average up to {load:.1f} before a section began): rates and lateness are of a shared machine, "
               "ratios and CPU times hold." if load > BUSY else ""))


def main():
    figures, out = Figures(), []
    for section in (answers, load, failover, probes, verdicts):
        section(out, figures)
    promise = "## Figures to reach\n\n" + table(["what", "promised", "measured", ""], figures.rows)
    text = "\n\n".join([heading(), promise, *out]) + "\n"
    with open(os.path.join(B, "bench.md"), "w") as f:
        f.write(text)
    print(text)
    print(f"Written to {os.path.relpath(os.path.join(B, 'bench.md'))}.")


if __name__ == "__main__":
    main()
