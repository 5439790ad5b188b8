/** Installs the packages of the lock file when node_modules does not agree with it. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, statfsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { SetupError } from "./report.mjs";
import { GPU_VARIANT, installedVersion, llamaPackages } from "./platform.mjs";

/** Quiet, from npm's cache where it can be, and giving up after seconds: npm's own patience without a network is minutes. */
const NPM_FLAGS = ["--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=3", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=4000"];

/** Room that node_modules and npm's cache take together, measured on linux-x64, rounded up. */
const NEEDED_BYTES = 1.2e9;

/**
 * @param {string} root
 * @param {import("./report.mjs").Reporter} report
 * @returns {Promise<boolean>} whether anything was installed
 */
export async function ensurePackages(root, report) {
  const lock = readJson(join(root, "package-lock.json"));
  if (lock === undefined) throw new SetupError(`${join(root, "package-lock.json")} is missing or damaged.`, "Restore it: git checkout package-lock.json");

  // npm ci empties node_modules, and with it the GPU variants that somebody asked for once.
  const kept = installedGpuVariants(root);
  const outdated = mismatch(lock, readJson(join(root, "node_modules", ".package-lock.json")));
  if (outdated !== undefined) {
    checkRoom(root);
    report.detail(outdated);
    await report.step(
      existsSync(join(root, "node_modules")) ? "updating the npm packages" : "installing the npm packages (the first time about 365 MB to download)",
      async () => npm(root, (await registryAnswers(root)) ? ["ci"] : ["ci", "--offline"]),
    );
  }
  const added = await addBinaries(root, lock, kept, report);
  if (outdated === undefined && !added) report.detail("npm packages are in order");
  return outdated !== undefined || added;
}

/**
 * Compares the lock file with the record that npm leaves in node_modules.
 * @param {Lock} lock
 * @param {Lock | undefined} present
 * @returns {string | undefined} the first difference that matters, in words
 *
 * @typedef {{ packages?: Record<string, { version?: string, optional?: boolean, integrity?: string }> }} Lock
 */
export function mismatch(lock, present) {
  if (present?.packages === undefined) return "nothing is installed";
  for (const [path, wanted] of Object.entries(lock.packages ?? {})) {
    if (path === "") continue;
    const found = present.packages[path];
    // Optional packages of other platforms are rightly absent; that of this one is checked by name.
    if (found === undefined && wanted.optional === true) continue;
    if (found === undefined) return `${path} is not installed`;
    if (found.version !== wanted.version || found.integrity !== wanted.integrity) return `${path} is ${found.version}, wanted ${wanted.version}`;
  }
  return undefined;
}

/** Adds, in one call since npm removes what earlier such calls added, the binaries that the lock does not bring. */
async function addBinaries(root, lock, kept, report) {
  const { base, gpu, unknown } = llamaPackages(`${process.platform}-${process.arch}`, process.env["VQA_GPU"]);
  if (unknown.length > 0) {
    throw new SetupError(
      `VQA_GPU=${process.env["VQA_GPU"]}: there is no "${unknown.join(", ")}" build of llama.cpp for ${process.platform}-${process.arch}.`,
      "Leave VQA_GPU unset for the processor, or use cuda, vulkan or all where they exist.",
    );
  }
  const version = lock.packages?.["node_modules/node-llama-cpp"]?.version;
  const wanted = [...new Set([...(base === undefined ? [] : [base]), ...gpu, ...kept])];
  const missing = wanted.filter((name) => installedVersion(root, name) !== version);
  if (missing.length === 0) return false;
  checkRoom(root);
  const additional = wanted.filter((name) => lock.packages?.[`node_modules/${name}`] === undefined || missing.includes(name));
  await report.step(`adding ${missing.join(", ")}`, () =>
    npm(root, ["install", "--no-save", ...additional.map((name) => `${name}@${version}`)]),
  );
  return true;
}

/** @param {string} root @returns {string[]} */
function installedGpuVariants(root) {
  const scope = join(root, "node_modules", "@node-llama-cpp");
  if (!existsSync(scope)) return [];
  return readdirSync(scope).map((name) => `@node-llama-cpp/${name}`).filter((name) => GPU_VARIANT.test(name));
}

/** Fails early and clearly where npm would fail late with half a tree. */
function checkRoom(root) {
  const { bavail, bsize } = statfsSync(root);
  const free = bavail * bsize;
  if (existsSync(join(root, "node_modules")) || free > NEEDED_BYTES) return;
  throw new SetupError(
    `The disk that holds ${root} has ${(free / 1e9).toFixed(1)} GB free; the npm packages need about ${(NEEDED_BYTES / 1e9).toFixed(1)} GB.`,
    "Make room, or clone onto another disk, then run the command again.",
  );
}

/**
 * Whether the registry can be reached at all: without it npm can only use its cache, and would take
 * minutes to notice by itself. Answers true where it cannot tell, such as behind a proxy.
 * @param {string} root
 * @returns {Promise<boolean>}
 */
async function registryAnswers(root) {
  const script = npmScript();
  if (script === undefined) return true;
  const asked = spawnSync(process.execPath, [script, "config", "get", "registry", "proxy", "https-proxy"], { cwd: root, encoding: "utf8", env: innerEnv() });
  const config = Object.fromEntries((asked.stdout ?? "").split("\n").map((line) => line.split("=", 2)));
  const registry = config["registry"];
  if (asked.status !== 0 || registry === undefined || [config["proxy"], config["https-proxy"]].some((proxy) => proxy !== undefined && proxy !== "null")) return true;
  try {
    await fetch(registry, { method: "HEAD", signal: AbortSignal.timeout(REGISTRY_MS) });
    return true;
  } catch (error) {
    const { name, cause } = /** @type {Error & { cause?: { code?: string } }} */ (error);
    return name !== "TimeoutError" && !/^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/.test(cause?.code ?? "");
  }
}

/** Under `npm run x` the variables of the outer npm would reconfigure the inner one. */
function innerEnv() {
  return Object.fromEntries(Object.entries(process.env).filter(([key]) => !/^npm_(package|lifecycle|command|config_(local_prefix|global_prefix|noproxy|node_gyp|prefix))/.test(key)));
}

/** @param {string} root @param {string[]} args @returns {Promise<void>} */
function npm(root, args) {
  const script = npmScript();
  const [file, argv, shell] = script === undefined ? ["npm", [...args, ...NPM_FLAGS], process.platform === "win32"] : [process.execPath, [script, ...args, ...NPM_FLAGS], false];
  return new Promise((resolve, reject) => {
    const child = spawn(/** @type {string} */ (file), /** @type {string[]} */ (argv), { cwd: root, env: innerEnv(), shell: /** @type {boolean} */ (shell), stdio: ["ignore", "ignore", "pipe"] });
    let text = "";
    child.stderr?.setEncoding("utf8").on("data", (chunk) => (text = (text + chunk).slice(-20_000)));
    child.on("error", (error) => reject(explain(args, `${error.message} ${/** @type {NodeJS.ErrnoException} */ (error).code ?? ""}`, script === undefined)));
    child.on("close", (code) => (code === 0 ? resolve() : reject(explain(args, text, script === undefined && /not found|not recognized/.test(text)))));
  });
}

/** The npm that started this process, or the one beside this Node; undefined leaves it to PATH. */
function npmScript() {
  const started = process.env["npm_execpath"];
  if (started !== undefined && /^(npm|npx)-cli\.c?js$/.test(basename(started)) && existsSync(started)) return join(dirname(started), "npm-cli.js");
  const beside = dirname(process.execPath);
  return [
    join(beside, "node_modules", "npm", "bin", "npm-cli.js"),
    join(beside, "..", "lib", "node_modules", "npm", "bin", "npm-cli.js"),
  ].find((path) => existsSync(path));
}

const REGISTRY_MS = 10_000;

/** Lines of npm's that say nothing about this failure. */
const NOISE = /^npm warn|A complete log|behind a proxy|npm help|problem related to network|bad network settings|^network$|^\w+: .*,$|[{}]$/i;

/**
 * Turns npm's stderr into one message with a next step.
 * @param {readonly string[]} args
 * @param {string} text
 * @param {boolean} noNpm
 */
export function explain(args, text, noNpm) {
  const told = text.split("\n").map((line) => line.replace(/^npm (error|ERR!) ?/, "").trim());
  const tail = told.filter((line) => line !== "" && !NOISE.test(line)).slice(0, 4).join("\n       ");
  if (noNpm) return new SetupError("npm was not found.", "It comes with Node from https://nodejs.org; on Debian and Ubuntu: apt-get install npm");
  if (/ENOSPC|no space left/i.test(text)) return new SetupError("The disk is full.", "Make room (npm's own cache may lie on another disk: npm config get cache), then run the command again.");
  if (/ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|EAI_AGAIN|ENETUNREACH|ERR_SOCKET_TIMEOUT|ENOTCACHED|network/i.test(text)) {
    return new SetupError(`The npm registry could not be reached.\n       ${tail}`, "Check the connection and `npm config get registry` (and proxy, https-proxy), then run the command again.");
  }
  if (/SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_HAS_EXPIRED/i.test(text)) {
    return new SetupError(`The certificate of the npm registry was not accepted.\n       ${tail}`, "Behind a company proxy, point NODE_EXTRA_CA_CERTS at its certificate.");
  }
  if (/\bE40[13]\b/.test(text)) return new SetupError(`The npm registry refused access.\n       ${tail}`, "Log in (npm login) or choose another registry: npm config set registry <url>");
  if (/EINTEGRITY/.test(text)) return new SetupError(`A downloaded package does not match the lock file.\n       ${tail}`, "Run `npm cache clean --force` and try again; if it stays, the registry serves altered files: do not use it.");
  if (/EACCES|EPERM|EROFS/.test(text)) return new SetupError(`Files could not be written.\n       ${tail}`, "Check who owns this folder and npm's cache (npm config get cache).");
  return new SetupError(`npm ${args.join(" ")} failed.\n       ${tail}`, "Run that command yourself for the whole report.");
}

/** @param {string} path @returns {any} undefined when it is missing or not JSON */
function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
