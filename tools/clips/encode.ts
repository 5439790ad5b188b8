/** Writes a scene as a real H.264 file with a subtitle file beside it. */
import { spawn } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Canvas } from "./draw.js";
import { nodeAvEncoder } from "./encodeNodeAv.js";
import type { Film } from "./film.js";
import type { Scene } from "./scene.js";
import { srt } from "./subtitles.js";
import { SOUND_RATE, soundOf } from "./tones.js";

export interface EncodeOptions {
  /** The ffmpeg to run; it needs libx264. Without one, node-av encodes. */
  readonly ffmpeg?: string | undefined;
  /** x264's constant rate factor: 23 is its default, more is smaller and coarser. */
  readonly crf?: number;
  /** Mono 16-bit sound in place of the scene's tones. */
  readonly sound?: { readonly samples: Int16Array; readonly rate: number };
}

/**
 * Renders `scene` to `path` (.mp4), its tones as AAC, and its cues to the same name with .srt where there are any.
 * Errors: what the encoder said; that there is none.
 */
export async function encodeClip(scene: Scene, path: string, options: EncodeOptions, signal?: AbortSignal): Promise<void> {
  const crf = options.crf ?? 23;
  const sound = options.sound ?? (scene.tones === undefined ? undefined : { samples: soundOf(scene), rate: SOUND_RATE });
  const samples = path.replace(/(\.mp4)?$/, ".s16");
  try {
    if (sound !== undefined) await writeFile(samples, sound.samples);
    if (options.ffmpeg !== undefined) await encodeWith(options.ffmpeg, { ...scene, pictures: pictures(scene) }, path, { crf, sound: sound && { path: samples, rate: sound.rate } }, signal);
    else await encodeInside(scene, pictures(scene), path, crf, sound !== undefined);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    if (sound !== undefined) await rm(samples, { force: true });
  }
  if (scene.cues.length > 0) await writeFile(path.replace(/\.mp4$/, ".srt"), srt(scene.cues));
}

/** Renders a film to `path` (.mp4), its cues to the same name with .srt. Without an ffmpeg the file has only as many frames a second as the pictures change. Errors: as {@link encodeClip}. */
export async function encodeFilm(film: Film, path: string, options: EncodeOptions, signal?: AbortSignal): Promise<void> {
  const [crf, { width, height, changes, fps }] = [options.crf ?? 30, film];
  try {
    const input = { width, height, fps: changes, pictures: filmPictures(film) };
    if (options.ffmpeg !== undefined) await encodeWith(options.ffmpeg, input, path, { crf, out: fps }, signal);
    else await encodeInside(input, input.pictures, path, crf, false);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  if (film.cues.length > 0) await writeFile(path.replace(/\.mp4$/, ".srt"), srt(film.cues));
}

async function encodeInside(scene: Pick<Scene, "width" | "height" | "fps">, frames: Iterable<Uint8Array>, path: string, crf: number, withSound: boolean): Promise<void> {
  if (withSound) {
    throw new Error("Clips with sound need an ffmpeg. Install it (apt-get install ffmpeg, brew install ffmpeg, winget install ffmpeg) or set FFMPEG_PATH.");
  }
  const encode = await nodeAvEncoder();
  if (encode === undefined) {
    throw new Error("Rendering clips needs an ffmpeg with libx264. Install it (apt-get install ffmpeg, brew install ffmpeg, winget install ffmpeg) or set FFMPEG_PATH.");
  }
  await encode(scene, frames, path, crf);
}

type Pictures = Pick<Scene, "width" | "height" | "fps"> & { readonly pictures: Iterable<Uint8Array> };

/** `out`: frames a second of the file, each picture repeated as often as that takes. */
async function encodeWith(ffmpeg: string, scene: Pictures, path: string, { crf, sound, out }: { crf: number; sound?: { path: string; rate: number } | undefined; out?: number }, signal?: AbortSignal): Promise<void> {
  const args = [
    ...["-nostdin", "-v", "error", "-y"],
    ...["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", `${scene.width}x${scene.height}`, "-framerate", String(scene.fps), "-i", "pipe:0"],
    ...(sound === undefined ? ["-an"] : ["-f", "s16le", "-ar", String(sound.rate), "-ac", "1", "-i", `file:${sound.path}`, "-c:a", "aac", "-b:a", "64k", "-flags:a", "+bitexact"]),
    ...["-c:v", "libx264", "-preset", "veryfast", "-crf", String(crf), "-threads", "1"],
    // Colours are converted and tagged as BT.601, what players assume for small pictures.
    ...["-vf", "scale=out_color_matrix=bt601:out_range=tv:flags=accurate_rnd+full_chroma_int", "-pix_fmt", "yuv420p"],
    ...(out === undefined ? [] : ["-r", String(out)]),
    ...["-colorspace", "smpte170m", "-color_primaries", "smpte170m", "-color_trc", "smpte170m", "-color_range", "tv"],
    // The same scene gives the same bytes: no encoder version or date in the file.
    ...["-bitexact", "-flags:v", "+bitexact", "-map_metadata", "-1", "-movflags", "+faststart", `file:${path}`],
  ];
  const child = spawn(ffmpeg, args, { stdio: ["pipe", "ignore", "pipe"], ...(signal === undefined ? {} : { signal }) });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const closed = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  // A broken pipe is reported by the exit status, with ffmpeg's own words.
  await pipeline(Readable.from(scene.pictures), child.stdin).catch(() => undefined);
  const code = await closed;
  if (code !== 0) throw new Error(`${ffmpeg} could not write ${path}: ${stderr.trim() || `status ${code}`}`);
}

function* filmPictures({ shots, changes }: Film): Generator<Uint8Array> {
  let shown = 0;
  for (const { startMs, scene } of shots) {
    // Of the film, not of the shot: rounding must not add up.
    const until = Math.round(((startMs + scene.durationMs) / 1000) * changes);
    for (const rgb of pictures({ ...scene, fps: changes, durationMs: ((until - shown) * 1000) / changes })) yield rgb;
    shown = until;
  }
}

function* pictures(scene: Scene): Generator<Uint8Array> {
  const canvas = new Canvas(scene);
  const frames = Math.round((scene.durationMs / 1000) * scene.fps);
  const still = scene.things.every((thing) => thing.direction === undefined);
  let last: { key: string; rgb: Uint8Array } | undefined;
  for (let i = 0; i < frames; i++) {
    const timeMs = (i * 1000) / scene.fps;
    // Where nothing moves, the picture depends only on which objects are there.
    const key = still ? scene.things.map((t) => Number(timeMs >= t.startMs && timeMs < t.endMs)).join("") : String(i);
    if (last?.key !== key) last = { key, rgb: canvas.frame(timeMs) };
    yield last.rgb;
  }
}
