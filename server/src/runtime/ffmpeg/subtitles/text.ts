import { analyse } from "chardet";

/** A subtitle file as text, and how it was decoded when that was a guess. */
export interface DecodedText {
  readonly text: string;
  /** Set when the bytes were not UTF-8 or UTF-16 with a mark: the encoding that was guessed. */
  readonly guessed?: string;
}

/**
 * Decodes subtitle bytes: byte-order mark, then strict UTF-8, then the most likely legacy encoding
 * that this platform can decode. Undefined for binary data (NUL bytes without UTF-16).
 */
export function decodeText(bytes: Uint8Array): DecodedText | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return { text: new TextDecoder("utf-16le").decode(bytes) };
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return { text: new TextDecoder("utf-16be").decode(bytes) };
  if (bytes.includes(0)) return undefined;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return guess(bytes);
  }
}

function guess(bytes: Uint8Array): DecodedText {
  for (const { name } of analyse(bytes)) {
    if (name === "UTF-8" || name === "ASCII") continue;
    try {
      return { text: new TextDecoder(name).decode(bytes), guessed: name };
    } catch {
      // Not an encoding of this platform: the next likely one.
    }
  }
  return { text: new TextDecoder("windows-1252").decode(bytes), guessed: "windows-1252" };
}
