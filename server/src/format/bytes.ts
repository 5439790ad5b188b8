/** Bytes of a file to text and back, without loss or with a refusal. */
import { FormatError } from "./errors.js";

/** Decodes UTF-8 and keeps the BOM. Throws `not-utf8`: a text with replacement characters would destroy the file when saved. */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError("not-utf8", `${name} is not UTF-8 text.`, "Save the file as UTF-8 and open it again.");
  }
}

export function encodeUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
