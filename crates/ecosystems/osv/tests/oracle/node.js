// Reads cases as JSON lines, and says which versions are covered, by node-semver's own comparisons.
const semver = require("semver");
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter(Boolean);
const out = lines.map((line) => {
  const { version, events } = JSON.parse(line);
  const own = semver.parse(version);
  if (own === null) return "?";
  const low = (bound) => (bound === "0" ? "0.0.0-0" : bound);
  const sorted = [...events].sort(
    (a, b) =>
      (a[1] === "0" ? (b[1] === "0" ? 0 : -1) : b[1] === "0" ? 1 : semver.compare(a[1], b[1])) ||
      Number(a[0] !== "introduced") - Number(b[0] !== "introduced"),
  );
  let covered = false;
  for (const [kind, bound] of sorted) {
    if (kind === "introduced" && semver.gte(own, low(bound))) covered = true;
    else if (kind === "fixed" && semver.gte(own, low(bound))) covered = false;
    else if (kind === "last" && semver.gt(own, low(bound))) covered = false;
  }
  return covered ? "1" : "0";
});
console.log(out.join("\n"));
