/** The ffmpeg that encodes synthetic clips. Decoding has its own resolver in the product. */
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

/** FFMPEG_PATH, then PATH, then ffmpeg-static; undefined when none of them is there. */
export function findFfmpeg(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const name = process.platform === "win32" ? "ffmpeg.exe" : "ffmpeg";
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const candidates = [env["FFMPEG_PATH"], ...folders.map((folder) => join(folder, name)), bundled()];
  return candidates.find((path) => path !== undefined && path !== "" && isProgram(path));
}

function bundled(): string | undefined {
  try {
    const path: unknown = createRequire(import.meta.url)("ffmpeg-static");
    return typeof path === "string" ? path : undefined;
  } catch {
    return undefined;
  }
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
