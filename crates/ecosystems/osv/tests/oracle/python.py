"""Reads cases as JSON lines, and says which versions are covered, by `packaging`'s own comparisons."""
import json
import sys

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version


def read(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def at_or_above(version, bound):
    return bound == "0" or SpecifierSet(f">={bound}", prereleases=True).contains(version, prereleases=True)


def above(version, bound):
    return not SpecifierSet(f"<={bound}", prereleases=True).contains(version, prereleases=True)


def covered(version, events):
    key = lambda e: (Version("0.dev0") if e[1] == "0" else Version(e[1]), e[0] != "introduced")
    state = False
    for kind, bound in sorted(events, key=key):
        if kind == "introduced" and at_or_above(version, bound):
            state = True
        elif kind == "fixed" and at_or_above(version, bound):
            state = False
        elif kind == "last" and above(version, bound):
            state = False
    return state


for line in sys.stdin:
    case = json.loads(line)
    version = read(case["version"])
    print("?" if version is None else "10"[not covered(version, case["events"])])
