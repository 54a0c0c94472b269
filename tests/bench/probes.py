"""probes.py - how many checks one machine carries. The work is done by bench/probes (probes.c says what it prints);
here it is run in turns with the bare loop that it is compared with."""
import os
import subprocess

from common import B, QUICK, median, save, say

ROUNDS = int(os.environ.get("ROUNDS", "1" if QUICK else "2"))
SECONDS = "4" if QUICK else "10"
RUNS = [("bare", "10000"), ("tcp", "10000"), ("ping", "20000")]


def run(kind, count):
    out = subprocess.run([B + "/bench/probes", kind, count, SECONDS], capture_output=True, text=True)
    if out.returncode != 0:
        raise SystemExit(f"probes {kind} {count} ended with status {out.returncode}:\n{out.stdout}{out.stderr}")
    found = dict(line.split(None, 1) for line in out.stdout.splitlines() if line)
    return {key: float(value) for key, value in found.items() if key != "kind"}


def main():
    # Every target of 127.0.0.0/8 answers here; echo requests are not for the kernel to ration.
    subprocess.run(["sysctl", "-qw", "net.ipv4.ping_group_range=0 2147483647"], check=False)
    runs = {kind: [] for kind, _ in RUNS}
    for n in range(ROUNDS):
        for kind, count in RUNS if n % 2 == 0 else reversed(RUNS):
            found = run(kind, count)
            runs[kind].append(found)
            say("round {} of {}, {} {}: {cpu_us_per_probe:.1f} us a probe, {cores:.2f} cores".format(n + 1, ROUNDS, count, kind, **found)
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
