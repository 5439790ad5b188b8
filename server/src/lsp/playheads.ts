/** Where players stand, as the client tells of them. */
import { Playhead } from "../protocol/status.js";
import { decode } from "../protocol/schema.js";
import { filePath } from "./uris.js";

export class Playheads {
  readonly #ms = new Map<string, number>();

  /** Takes the params of `vqa/playhead`. Error invalid-request: they are none. */
  moved(params: unknown): void {
    const { video, timeMs } = decode(Playhead.params, params, Playhead.method);
    const path = filePath(video);
    if (timeMs === undefined) this.#ms.delete(path);
    else this.#ms.set(path, Math.round(timeMs));
  }

  /** @param video a URI; of one that is no file nothing is known */
  of(video: string): number | undefined {
    return video.startsWith("file:") ? this.#ms.get(filePath(video)) : undefined;
  }
}
