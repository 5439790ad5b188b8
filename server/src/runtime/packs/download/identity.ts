/** What a file on a hub must be: how long, and with which digest. */
import { createHash, type Hash } from "node:crypto";
import { VqaError } from "../../../engine/errors.js";
import { discard, header, type Hub, type RemoteFile } from "./hub.js";
import { refusal } from "./refusal.js";

export interface Identity {
  readonly bytes: number;
  /** `sha256`, or `git`: sha1 of "blob SIZE", a zero byte and the content, as hubs name small files. */
  readonly kind: "sha256" | "git";
  /** Lower-case hex. */
  readonly digest: string;
  /** Commit of the repository, where the hub tells. */
  readonly commit?: string;
}

export interface Known {
  readonly bytes?: number | undefined;
  readonly sha256?: string | undefined;
}

/**
 * What the hub says of a file, held against what the catalogue says. Errors: download-failed,
 * download-refused, model-damaged (the hub has another file than the catalogue), cancelled.
 */
export async function identify(hub: Hub, file: RemoteFile, known: Known, signal?: AbortSignal): Promise<Identity> {
  const url = hub.url(file);
  const answer = await hub.send("HEAD", url, {}, false, signal);
  await discard(answer);
  const { statusCode } = answer;
  if (statusCode >= 400) throw refusal(statusCode, url, file, hub);
  const etag = (header(answer, "x-linked-etag") ?? header(answer, "etag") ?? "").replace(/^W\//, "").replaceAll('"', "").toLowerCase();
  // The length of a redirection's own body says nothing.
  const size = Number(header(answer, "x-linked-size") ?? (statusCode < 300 ? header(answer, "content-length") : undefined) ?? NaN);
  const commit = header(answer, "x-repo-commit");
  const bytes = known.bytes ?? size;
  const name = `${file.repo}/${file.path}`;
  const kind = known.sha256 !== undefined || /^[0-9a-f]{64}$/.test(etag) ? "sha256" : "git";
  const digest = known.sha256 ?? etag;
  if (!Number.isSafeInteger(bytes) || bytes < 0 || !(kind === "sha256" ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(digest)) {
    throw new VqaError("download-failed", `${url.host} tells neither size nor checksum of ${name}.`, "Use the public hub or a mirror that keeps its headers.", { data: { file: name } });
  }
  const other = (what: string, have: unknown, want: unknown): VqaError =>
    new VqaError("model-damaged", `${url.host} has another ${name}: its ${what} is ${String(have)}, and ${String(want)} is expected.`, "Use another mirror, or update this program.", { data: { file: name } });
  if (known.bytes !== undefined && Number.isFinite(size) && size !== known.bytes) throw other("size", size, known.bytes);
  if (known.sha256 !== undefined && /^[0-9a-f]{64}$/.test(etag) && etag !== known.sha256) throw other("sha256", etag, known.sha256);
  return { bytes, kind, digest, ...(commit !== undefined && /^[0-9a-f]{40}$/.test(commit) ? { commit } : {}) };
}

/** Begins a digest of that kind; `bytes` is the whole file's length. */
export function hashFor({ kind, bytes }: Pick<Identity, "kind" | "bytes">): Hash {
  return kind === "sha256" ? createHash("sha256") : createHash("sha1").update(`blob ${bytes}\0`);
}
