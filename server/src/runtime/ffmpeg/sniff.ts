import { open } from "node:fs/promises";
import { throwIfAborted } from "../../engine/errors.js";
import { videoRefused, videoUnreadable } from "./errors.js";
import type { CheckedFile } from "./file.js";

const SCRIPTS: readonly (readonly [RegExp, string])[] = [
  [/^#EXTM3U/, "it is an HLS playlist, which points to other files"],
  [/^ffconcat version/, "it is an ffconcat script, which points to other files"],
  [/<MPD[\s>]/, "it is a DASH manifest, which points to other files"],
];

/**
 * Looks at the first bytes for what is certainly no video, to say so in plain words. The decoders'
 * whitelists are the guard; this is only the explanation.
 * Errors: video-refused (a script that names other files), video-unreadable (text).
 */
export async function sniff(file: CheckedFile, signal?: AbortSignal): Promise<void> {
  const handle = await open(file.path, "r").catch((error: NodeJS.ErrnoException) => {
    throw videoUnreadable(file.path, error.code === "EACCES" ? "no permission" : String(error.code ?? error.message));
  });
  const bytes = Buffer.alloc(4096);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0).finally(() => handle.close());
  throwIfAborted(signal);
  const head = bytes.subarray(0, bytesRead);
  if (head.includes(0)) return;
  let text: string;
  try {
    // `stream` forgives a character that the 4 KiB cut in two.
    text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
  } catch {
    return;
  }
  const script = SCRIPTS.find(([pattern]) => pattern.test(text.trimStart()));
  if (script) throw videoRefused(file.path, script[1]);
  if (!/[\u0001-\u0008\u000e-\u001f]/.test(text)) throw videoUnreadable(file.path, "it is a text file");
}
