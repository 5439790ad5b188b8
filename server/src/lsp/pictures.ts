/** Frames for hovers, by way of a worker that runs already. */
import type { MediaInfo } from "../language/service.js";
import type { Backend } from "./ports.js";
import { png } from "./png.js";
import { filePath } from "./uris.js";

/** Editors show hovers narrow. */
const WIDTH = 256;
/** Pictures that are kept, some 50 kB each: a pointer comes back to where it was. */
const MAX_KEPT = 32;

/** The picture of a moment as a `data:` URI; undefined when no worker runs. Pointing at a time must not start one. */
export function thumbnails(backend: () => Backend | undefined): NonNullable<MediaInfo["thumbnail"]> {
  const kept = new Map<string, string>();
  return async (video, timeMs, signal) => {
    const key = `${Math.round(timeMs)} ${video}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    const answerer = backend()?.answerer;
    if (answerer?.status().worker.phase !== "ready" || !video.startsWith("file:")) return undefined;
    const [picture] = await answerer.pictures(filePath(video), [timeMs], WIDTH, signal);
    if (picture === undefined || signal?.aborted) return undefined;
    const { width, height, rgb } = picture;
    const uri = `data:image/png;base64,${png(width, height, Buffer.from(rgb, "base64")).toString("base64")}`;
    const [oldest] = kept.keys();
    if (kept.size >= MAX_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.set(key, uri);
    return uri;
  };
}
