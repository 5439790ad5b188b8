import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { canonicalJson, type JsonValue } from "../format/index.js";

/** sha256, lower-case hex, of a JSON value; equal values have equal digests, in whatever order their keys came. */
export function digestOf(value: JsonValue): string {
  return bytesToHex(sha256(utf8ToBytes(canonicalJson(value))));
}
