/** The ffmpeg that encodes synthetic clips. Decoding has its own resolver in the product. */
import { accessSync, constants } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";

/** FFMPEG_PATH, then PATH, then ffmpeg-static. Error: none of them is there. */
export function findFfmpeg(env: NodeJS.ProcessEnv = process.env): string {
  const name = process.platform === "win32" ? "ffmpeg.exe" : "ffmpeg";
  const candidates = [env["FFMPEG_PATH"], ...(env["PATH"] ?? "").split(delimiter).map((folder) => folder && join(folder, name)), bundled()];
  const found = candidates.find((path) => path !== undefined && path !== "" && isProgram(path));
  if (found === undefined) {
    throw new Error("Rendering clips needs an ffmpeg with libx264, and there is none. Install it (apt-get install ffmpeg, brew install ffmpeg, winget install ffmpeg) or set FFMPEG_PATH.");
  }
  return found;
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
