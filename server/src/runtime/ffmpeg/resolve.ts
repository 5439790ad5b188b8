import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, isAbsolute, join } from "node:path";
import { throwIfAborted, VqaError } from "../../engine/errors.js";

export interface FfmpegBinary {
  readonly path: string;
  /** As the program says it: "5.1.9-0+deb12u1". */
  readonly version: string;
  /** Where it was found, for messages. */
  readonly origin: "setting" | "FFMPEG_PATH" | "ffmpeg-static" | "PATH";
}

type Env = Readonly<Record<string, string | undefined>>;

const ANSWER_WITHIN_MS = 5000;
const cache = new Map<string, Promise<FfmpegBinary | undefined>>();

/**
 * The first ffmpeg that answers `-version` within five seconds: the setting, `FFMPEG_PATH`, the
 * ffmpeg-static package, then PATH. Undefined when there is none. The setting is machine-scoped: a
 * workspace must not choose a program. Error decoder-missing: the setting names something that does
 * not run (falling back silently would hide the mistake).
 */
export async function resolveFfmpeg(setting: string | undefined, env: Env = process.env, signal?: AbortSignal): Promise<FfmpegBinary | undefined> {
  const key = JSON.stringify([setting, env["FFMPEG_PATH"], env["PATH"] ?? env["Path"]]);
  let found = cache.get(key);
  if (!found) {
    found = search(setting, env);
    cache.set(key, found);
    // A miss may be repaired by installing ffmpeg while we run: only hits stay.
    found.then((hit) => hit ?? cache.delete(key), () => cache.delete(key));
  }
  const binary = await found;
  throwIfAborted(signal);
  return binary;
}

async function search(setting: string | undefined, env: Env): Promise<FfmpegBinary | undefined> {
  if (setting) {
    const version = await versionOf(setting);
    if (version) return { path: setting, version, origin: "setting" };
    throw new VqaError(
      "decoder-missing",
      `The ffmpeg that is set, ${setting}, does not run.`,
      "Correct or clear the ffmpeg path in the settings.",
      { data: { path: setting } },
    );
  }
  for (const [origin, path] of candidates(env)) {
    const version = await versionOf(path);
    if (version) return { path, version, origin };
  }
  return undefined;
}

function* candidates(env: Env): Generator<[FfmpegBinary["origin"], string]> {
  const named = env["FFMPEG_PATH"];
  if (named) yield ["FFMPEG_PATH", named];
  const packaged = staticPath();
  if (packaged) yield ["ffmpeg-static", packaged];
  const program = process.platform === "win32" ? "ffmpeg.exe" : "ffmpeg";
  for (const folder of (env["PATH"] ?? env["Path"] ?? "").split(delimiter)) {
    // Relative entries would let the current folder choose the program.
    if (isAbsolute(folder) && existsSync(join(folder, program))) yield ["PATH", join(folder, program)];
  }
}

/** The package exports a path even when its download was skipped or failed: the file must exist. */
function staticPath(): string | undefined {
  try {
    const path: unknown = createRequire(import.meta.url)("ffmpeg-static");
    return typeof path === "string" && existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function versionOf(path: string): Promise<string | undefined> {
  if (!isAbsolute(path)) return Promise.resolve(undefined);
  return new Promise((done) => {
    execFile(path, ["-version"], { timeout: ANSWER_WITHIN_MS, killSignal: "SIGKILL", windowsHide: true }, (error, stdout) => {
      done(error ? undefined : /^ffmpeg version (\S+)/.exec(stdout)?.[1]);
    });
  });
}

/** Error for a machine without any decoder: what to type on this system. */
export function decoderMissing(platform: NodeJS.Platform = process.platform): VqaError {
  return new VqaError(
    "decoder-missing",
    "No video decoder was found: neither the ffmpeg program nor the optional package node-av.",
    `Install ffmpeg: ${installCommand(platform)}`,
  );
}

export function installCommand(platform: NodeJS.Platform, exists: (path: string) => boolean = existsSync): string {
  if (platform === "win32") return "winget install Gyan.FFmpeg";
  if (platform === "darwin") return "brew install ffmpeg";
  const managers: readonly (readonly [string, string])[] = [
    ["apt-get", "sudo apt-get install ffmpeg"],
    ["dnf", "sudo dnf install ffmpeg-free"],
    ["pacman", "sudo pacman -S ffmpeg"],
    ["zypper", "sudo zypper install ffmpeg"],
    ["apk", "sudo apk add ffmpeg"],
  ];
  const match = managers.find(([name]) => ["/usr/bin", "/bin", "/sbin"].some((folder) => exists(`${folder}/${name}`)));
  return match?.[1] ?? "see https://ffmpeg.org/download.html";
}
