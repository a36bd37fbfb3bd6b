// Installs, imports and runs one npm package inside a sealed run: drive.js STEP PACKAGE NAME.
const { spawnSync } = require("child_process");
const fs = require("fs");
const path = require("path");

const [step, source, name] = process.argv.slice(2);
const app = path.resolve("app");
const folder = path.join(app, "node_modules", ...name.split("/"));
const run = (program, args) =>
  spawnSync(program, args, { cwd: app, stdio: "inherit", timeout: 120000 });

function manifest() {
  return JSON.parse(fs.readFileSync(path.join(folder, "package.json"), "utf8"));
}

function install() {
  fs.mkdirSync(folder, { recursive: true });
  if (fs.statSync(source).isDirectory()) {
    const keep = (file) => ![".git", "node_modules"].includes(path.basename(file));
    fs.cpSync(source, folder, { recursive: true, filter: (file) => file === source || keep(file) });
  } else {
    const unpacked = run("tar", ["-xzf", source, "-C", folder, "--strip-components=1", "--no-same-owner"]);
    if (unpacked.status !== 0) return 3;
  }
  const dependencies = { [name]: manifest().version || "0.0.0" };
  fs.writeFileSync(path.join(app, "package.json"), JSON.stringify({ name: "app", version: "1.0.0", dependencies }));
  // runs its scripts, and those that a binding.gyp stands for, as an installation does
  const npm = run("npm", ["rebuild", "--offline", "--foreground-scripts", "--no-audit", "--no-fund"]);
  if (npm.error) console.log(`npm cannot be run: ${npm.error.message}`);
  return npm.status ?? 3;
}

function load() {
  const code = "try { require(process.argv[1]) } catch (e) { if (e.code !== 'ERR_REQUIRE_ESM') throw e; import(process.argv[1]) }";
  return run("node", ["-e", code, name]).status ?? 0;
}

function commands() {
  const bin = manifest().bin || {};
  const files = typeof bin === "string" ? [bin] : Object.values(bin);
  for (const file of files.slice(0, 20)) {
    const whole = path.join(folder, String(file));
    spawnSync("node", [whole, "--help"], { cwd: app, stdio: "inherit", timeout: 30000 });
  }
  return 0;
}

process.exit({ install, import: load, run: commands }[step]());
