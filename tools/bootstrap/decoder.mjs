/**
 * Sees to it that video can be decoded. Order: an ffmpeg that is there already, the download of
 * ffmpeg-static, and where neither exists node-av, whose decoder came with the npm packages.
 */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { accessSync, constants, existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";

const DOWNLOAD_HOST = "https://github.com";
const PROBE_MS = 4_000;
const DOWNLOAD_MS = 180_000;

/**
 * @param {string} root
 * @param {import("./report.mjs").Reporter} report
 */
export async function ensureDecoder(root, report) {
  const found = systemFfmpeg() ?? staticFfmpeg(root);
  if (found !== undefined) return report.detail(`ffmpeg: ${found}`);
  // Asked once an installation: offline machines should not wait for the network at every start.
  const mark = join(root, "node_modules", ".vqa-no-ffmpeg-static");
  const fallback = nodeAv(root);
  if (existsSync(mark)) return report.detail(`no ffmpeg; decoding with ${fallback ?? "nothing: install ffmpeg"}`);

  const program = (await reachable()) && (await report.step("no ffmpeg on this machine: downloading ffmpeg-static", () => downloadStatic(root)));
  if (program) return;
  writeFileSync(mark, "");
  report.say(
    fallback === undefined
      ? "no ffmpeg on this machine, it cannot be downloaded, and node-av is not there either: install ffmpeg, or set FFMPEG_PATH to it"
      : `no ffmpeg on this machine, and it cannot be downloaded: decoding with ${fallback}`,
  );
}

/** @returns {string | undefined} FFMPEG_PATH or the first ffmpeg on PATH */
export function systemFfmpeg(env = process.env) {
  const name = process.platform === "win32" ? "ffmpeg.exe" : "ffmpeg";
  const candidates = (env["PATH"] ?? env["Path"] ?? "").split(delimiter).filter((dir) => dir !== "").map((dir) => join(dir, name));
  return [env["FFMPEG_PATH"], ...candidates].find((path) => path !== undefined && path !== "" && isProgram(path));
}

/** @param {string} root */
function staticFfmpeg(root) {
  try {
    const path = createRequire(join(root, "package.json"))("ffmpeg-static");
    return typeof path === "string" && isProgram(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} root */
function nodeAv(root) {
  const suffix = process.platform === "win32" ? "-msvc" : "";
  const binary = join(root, "node_modules", "@seydx", `node-av-${process.platform}-${process.arch}${suffix}`, "node-av.node");
  return existsSync(binary) ? "node-av" : undefined;
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).size > 0 && statSync(path).isFile();
  } catch {
    return false;
  }
}

/** @param {string} root @returns {Promise<boolean>} */
async function downloadStatic(root) {
  const folder = join(root, "node_modules", "ffmpeg-static");
  if (!existsSync(join(folder, "install.js"))) return false;
  const done = await new Promise((resolve) => {
    const child = spawn(process.execPath, ["install.js"], { cwd: folder, stdio: "ignore", timeout: DOWNLOAD_MS, killSignal: "SIGKILL" });
    child.on("error", () => resolve(false));
    child.on("close", (code) => resolve(code === 0));
  });
  if (done === true && staticFfmpeg(root) !== undefined) return true;
  // Half a download must not be taken for a program.
  for (const name of ["ffmpeg", "ffmpeg.exe"]) rmSync(join(folder, name), { force: true });
  return false;
}

/** A closed network often drops packets: a short question spares the installer's long wait. */
async function reachable() {
  if (process.env["HTTPS_PROXY"] ?? process.env["https_proxy"] ?? process.env["FFMPEG_BINARIES_URL"]) return true;
  try {
    await fetch(DOWNLOAD_HOST, { method: "HEAD", redirect: "manual", signal: AbortSignal.timeout(PROBE_MS) });
    return true;
  } catch {
    return false;
  }
}
