import { throwIfAborted, VqaError } from "../../engine/errors.js";
import type { FrameSource } from "../../engine/ports.js";
import type { Picture } from "../../protocol/values.js";

/** Narrow films make tall pictures; what a message holds has a limit. */
const MAX_HEIGHT = 1024;

/**
 * The frames on screen at some times, in their order, as wide as asked for and as high as the film's
 * shape wants. Errors: those of the frame source.
 */
export async function takePictures(
  source: FrameSource,
  { path, timesMs, width }: { readonly path: string; readonly timesMs: readonly number[]; readonly width: number },
  signal?: AbortSignal,
): Promise<readonly Picture[]> {
  const { video } = await source.probe(path, signal);
  throwIfAborted(signal);
  if (video === undefined) throw new VqaError("no-video-stream", `"${path}" has no pictures.`, "Choose a file with a video stream.", { data: { path } });
  if (timesMs.length === 0) return [];
  const height = Math.min(MAX_HEIGHT, Math.max(1, Math.round((width * video.height) / video.width)));
  const frames = await source.frames({ path, timesMs, width, height, resize: "pad", mode: "exact" }, signal);
  throwIfAborted(signal);
  return frames.map((frame) => ({ timeMs: frame.timeMs, width: frame.width, height: frame.height, rgb: Buffer.from(frame.rgb).toString("base64") }));
}
