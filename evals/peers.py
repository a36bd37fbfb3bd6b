"""Foretaste and GuardDog on the same archives in one run: recall, false positives, processor seconds.

    python3 evals/peers.py --foretaste target/release/foretaste --guarddog venv/bin/guarddog \\
        --malicious pypi-malicious.tsv --root malicious/ --benign wheels/ --count 100

Every n-th family (sorted, its first archive) and every n-th benign archive are taken, so that anybody gets the same
choice. Each tool is started once for each archive, one after the other, and without what it may have kept from before.
Processor seconds are those of the child, system time included. GuardDog judges with its own score: 5 is "suspicious" in
its code; its exit code, which any finding sets, is listed beside it.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path


def every_nth(items, count):
    """`count` items, evenly spread."""
    count = min(count, len(items))
    return [items[i * len(items) // count] for i in range(count)]


def families(table, root):
    """The first archive of each family that exists, in the order of the families."""
    first = {}
    for line in sorted(Path(table).read_text(encoding="utf-8").splitlines()):
        path, _, family = line.partition("\t")
        if family and (root / path).is_file():
            first.setdefault(family, root / path)
    return [first[family] for family in sorted(first)]


def run(command, environment):
    """Standard output and processor seconds of a command."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=900, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return done.stdout, seconds


def foretaste(binary, archive, environment):
    """Whether it is at review or worse, whether at block, processor seconds."""
    output, seconds = run([binary, "audit", "--offline", "--no-cache", "--format", "json", archive], environment)
    releases = json.loads(output)["releases"]
    verdicts = {release["verdict"] for release in releases}
    return bool(verdicts & {"review", "block"}), "block" in verdicts, seconds


def guarddog(binary, archive, environment):
    """Whether its score is 5 or more, whether it has any finding, processor seconds; `None` for what it cannot read."""
    output, seconds = run([binary, "pypi", "scan", archive, "--output-format", "json"], environment)
    try:
        report = json.loads(output[output.index(b"{") :])
        score = report["risk_score"]["score"]
        return score >= 5, report["issues"] > 0, seconds
    except (ValueError, KeyError, TypeError):
        return None, None, seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--foretaste", required=True)
    parser.add_argument("--guarddog", required=True)
    parser.add_argument("--malicious", required=True, help="a table of path and family")
    parser.add_argument("--root", required=True, type=Path, help="the folder of the table's paths")
    parser.add_argument("--benign", required=True, type=Path, help="a folder of wheels")
    parser.add_argument("--count", type=int, default=100)
    arguments = parser.parse_args()
    chosen = {
        "malicious": every_nth(families(arguments.malicious, arguments.root), arguments.count),
        "benign": every_nth(sorted(arguments.benign.glob("*.whl")), arguments.count),
    }
    rows = {}
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "FORETASTE_CACHE_DIR": home}
        for kind, archives in chosen.items():
            for number, archive in enumerate(archives):
                print(f"\r{kind} {number + 1}/{len(archives)}  ", end="", file=sys.stderr)
                rows.setdefault(("foretaste", kind), []).append(
                    foretaste(arguments.foretaste, str(archive), environment)
                )
                rows.setdefault(("guarddog", kind), []).append(guarddog(arguments.guarddog, str(archive), environment))
    print(file=sys.stderr)
    names = {"foretaste": ("review or worse", "block"), "guarddog": ("score 5 or more", "any finding")}
    cpu = {}
    print("| tool | archives | flagged | more | unread | processor s, sum | mean |")
    print("|---|---|---|---|---|---|---|")
    for (tool, kind), found in rows.items():
        seconds = sum(row[2] for row in found)
        cpu[tool] = cpu.get(tool, 0.0) + seconds
        unread = sum(row[0] is None for row in found)
        first, second = (sum(bool(row[i]) for row in found) for i in (0, 1))
        print(
            f"| {tool} | {len(found)} {kind} | {first} {names[tool][0]} | {second} {names[tool][1]} | {unread} "
            f"| {seconds:.2f} | {seconds / max(len(found), 1):.4f} |"
        )
    print(f"\nGuardDog took {cpu['guarddog'] / cpu['foretaste']:.0f} times the processor time.")


if __name__ == "__main__":
    main()
