"""probes.py - how many checks one machine carries. The work is done by bench/probes (probes.c says what it prints);
here it is run in turns with the bare loop that it is compared with."""
import os
import subprocess
import time

from common import B, QUICK, median, save, say

ROUNDS = int(os.environ.get("ROUNDS", "1" if QUICK else "2"))
SECONDS = "4" if QUICK else "10"
RUNS = [("bare", "10000"), ("tcp", "10000"), ("ping", "20000")]


def run(kind, count):
    """What probes prints, and `waited`: the part of its time that it could have run but others had the CPU."""
    process = subprocess.Popen([B + "/bench/probes", kind, count, SECONDS], stdout=subprocess.PIPE, text=True)
    began, waited_ns = time.monotonic(), 0
    while process.poll() is None:
        with open(f"/proc/{process.pid}/schedstat") as f:
            waited_ns = int(f.read().split()[1]) or waited_ns
        time.sleep(0.1)
    took = time.monotonic() - began
    out = process.stdout.read()
    if process.returncode != 0:
        raise SystemExit(f"probes {kind} {count} ended with status {process.returncode}:\n{out}")
    found = dict(line.split(None, 1) for line in out.splitlines() if line)
    return {"waited": waited_ns / 1e9 / took, **{key: float(value) for key, value in found.items() if key != "kind"}}


def main():
    runs = {kind: [] for kind, _ in RUNS}
    for n in range(ROUNDS):
        for kind, count in RUNS if n % 2 == 0 else reversed(RUNS):
            found = run(kind, count)
            runs[kind].append(found)
            say(f"round {n + 1} of {ROUNDS}, {count} {kind}: "
                + "{cpu_us_per_probe:.1f} us a probe, {cores:.2f} cores".format(**found)
                + (", late p99 {:.1f} ms, skipped {:.0f}".format(found["late_p99_us"] / 1000, found["skipped"])
                   if kind != "bare" else ""))
    figures = {kind: {key: median([r[key] for r in rounds]) for key in rounds[0]} for kind, rounds in runs.items()}
    for kind, rounds in runs.items():  # "none skipped" is said of every round
        for key in ("skipped", "failed"):
            figures[kind][key] = max(r.get(key, 0) for r in rounds)
    save("probes", {"figures": figures, "runs": runs,
                    "settings": {"rounds": ROUNDS, "seconds": SECONDS, "counts": dict(RUNS)}})


if __name__ == "__main__":
    main()
