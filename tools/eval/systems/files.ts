/** Clips as files. Those of minutes are kept in the repository's .cache, outside of git: they take a while to render. */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { packageRoot } from "../../../server/src/runtime/packs/locate.js";
import { encodeClip } from "../../clips/encode.js";
import { findFfmpeg } from "../../clips/ffmpeg.js";
import { srt } from "../../clips/subtitles.js";
import type { Exam } from "./sets/exam.js";

const KEPT_FROM_MS = 60_000;
/** What decides how a scene looks and sounds; a change of them makes other files. */
const CODE = ["draw.js", "encode.js", "tones.js", "random.js", "scene.js"];

export interface ClipFiles {
  /** The path of the clip, with its subtitles beside it. */
  write(exam: Exam, signal?: AbortSignal): Promise<string>;
  /** Removes it, unless it is one to keep. */
  drop(path: string): Promise<void>;
}

/** `folder` is for those that are not kept. */
export function clipFiles(folder: string): ClipFiles {
  const cache = join(packageRoot(), ".cache", "eval-systems");
  const ffmpeg = findFfmpeg();
  let made = 0;
  return {
    write: async ({ scene, sound }, signal) => {
      if (scene.durationMs < KEPT_FROM_MS) {
        const path = join(folder, `${made++}.mp4`);
        await encodeClip(scene, path, { ffmpeg, ...(sound ? { sound } : {}) }, signal);
        return path;
      }
      const path = join(cache, `${await digestOf(scene)}.mp4`);
      if (!existsSync(path)) {
        await mkdir(cache, { recursive: true });
        const part = `${path.slice(0, -4)}.${process.pid}.part.mp4`;
        await encodeClip(scene, part, { ffmpeg }, signal);
        await rm(part.replace(/mp4$/, "srt"), { force: true });
        if (scene.cues.length > 0) await writeFile(path.replace(/mp4$/, "srt"), srt(scene.cues));
        await rename(part, path);
      }
      return path;
    },
    drop: async (path) => {
      if (dirname(path) === folder) await rm(path, { force: true });
    },
  };
}

async function digestOf(scene: Exam["scene"]): Promise<string> {
  const clips = fileURLToPath(new URL("../../clips/", import.meta.url));
  const hash = createHash("sha256").update(JSON.stringify(scene));
  for (const file of CODE) hash.update(await readFile(join(clips, file)));
  return hash.digest("hex").slice(0, 24);
}
