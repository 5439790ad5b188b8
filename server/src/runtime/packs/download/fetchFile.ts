/**
 * One file from a hub to the disk. What arrived is kept in a partial file whose name holds the digest,
 * so a later call, of another process too, goes on from there; nothing counts before its digest is right.
 */
import type { Hash } from "node:crypto";
import { createReadStream } from "node:fs";
import * as fs from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { VqaError, throwIfAborted } from "../../../engine/errors.js";
import { discard, header, type Answer, type Hub, type RemoteFile } from "./hub.js";
import { hashFor, type Identity } from "./identity.js";
import { refusal } from "./refusal.js";

/** Attempts in a row that bring nothing before it is given up. */
const PATIENCE = 5;
const LONGEST_PAUSE_MS = 120_000;

export interface FetchOptions {
  readonly hub: Hub;
  readonly file: RemoteFile;
  readonly identity: Identity;
  /** Where the bytes gather; made, continued, and left there whole. */
  readonly partial: string;
  /** Bytes of this file that are there. */
  readonly onBytes?: (bytes: number) => void;
  /** First pause after a failure, doubled after each further one; 1 s when absent. */
  readonly backoffMs?: number;
}

/** Returns the sha256 of the file. Errors: download-failed, download-refused, model-damaged, limit-exceeded, cancelled. */
export async function fetchFile(options: FetchOptions, signal?: AbortSignal): Promise<string> {
  const { identity, partial, onBytes = () => undefined } = options;
  let failures = 0;
  let damaged = 0;
  for (;;) {
    throwIfAborted(signal);
    const have = await sizeOf(partial);
    onBytes(Math.min(have, identity.bytes));
    if (have >= identity.bytes) {
      const digests = have === identity.bytes ? await digestsOf(partial, identity, signal) : undefined;
      if (digests?.own === identity.digest) {
        await fs.rm(`${partial}.etag`, { force: true });
        return digests.sha256;
      }
      await fs.rm(partial, { force: true });
      if (++damaged >= 2) {
        throw new VqaError("model-damaged", `${options.file.repo}/${options.file.path} arrived twice with a content that is not the announced one.`, "Try another connection or mirror.", {
          data: { file: options.file.path, expected: identity.digest },
        });
      }
      continue;
    }
    try {
      await attempt(options, have, signal);
    } catch (thrown) {
      const error = VqaError.from(thrown, "download-failed");
      if (error.code !== "download-failed" || error.data["status"] === 404) throw error;
      if ((await sizeOf(partial)) > have) failures = 0;
      if (++failures >= PATIENCE) throw error;
      const wait = typeof error.data["retryAfterMs"] === "number" ? error.data["retryAfterMs"] : (options.backoffMs ?? 1000) * 2 ** (failures - 1);
      await pause(Math.min(wait, LONGEST_PAUSE_MS), undefined, signal === undefined ? {} : { signal }).catch(() => throwIfAborted(signal));
    }
  }
}

/** One request, from where the partial file ends. */
async function attempt({ hub, file, identity, partial, onBytes = () => undefined }: FetchOptions, have: number, signal: AbortSignal | undefined): Promise<void> {
  const url = hub.url(file);
  // The etag of the storage behind the hub, as it gave it with the first bytes: a file that was changed since comes whole.
  const etag = have === 0 ? undefined : await fs.readFile(`${partial}.etag`, "utf8").catch(() => undefined);
  const answer = await hub.send("GET", url, have === 0 ? {} : { range: `bytes=${have}-`, ...(etag === undefined ? {} : { "if-range": etag }) }, true, signal);
  const { statusCode } = answer;
  if (statusCode === 416) {
    // What lies here is no beginning of what the server has.
    await discard(answer);
    await fs.rm(partial, { force: true });
    throw failed(`${url.host} has no bytes after the first ${have} of ${file.path}.`);
  }
  if (statusCode >= 300) {
    await discard(answer);
    throw later(refusal(statusCode, url, file, hub), header(answer, "retry-after"));
  }
  const from = startOf(answer, have);
  if (from === undefined || from !== have) {
    // Another file than the one that was begun, or a server without ranges: from the beginning.
    await fs.rm(partial, { force: true });
    if (from !== 0) {
      await discard(answer);
      throw failed(`${url.host} sent another part of ${file.path} than was asked for.`);
    }
  }
  const given = header(answer, "etag");
  // Weak ones must not be used for ranges.
  if (from === 0 && given !== undefined && /^"[^"]+"$/.test(given)) await fs.writeFile(`${partial}.etag`, given);
  await append(answer, partial, from, identity.bytes, onBytes, url, signal);
}

/** Where in the file the body begins; undefined when the answer contradicts itself. */
function startOf(answer: Answer, asked: number): number | undefined {
  if (answer.statusCode !== 206) return 0;
  const match = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(header(answer, "content-range") ?? "");
  return match === null ? undefined : Number(match[1]) === asked ? asked : undefined;
}

async function append(answer: Answer, partial: string, from: number, total: number, onBytes: (bytes: number) => void, url: URL, signal: AbortSignal | undefined): Promise<void> {
  let at = from;
  const handle = await fs.open(partial, from === 0 ? "w" : "r+").catch((thrown: unknown) => {
    throw notWritten(partial, thrown);
  });
  try {
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      throwIfAborted(signal);
      if (at + chunk.length > total) {
        await handle.truncate(0);
        throw failed(`${url.host} sends more than the ${total} bytes that it announced.`);
      }
      for (let done = 0; done < chunk.length; ) done += (await handle.write(chunk, done, chunk.length - done, at + done)).bytesWritten;
      at += chunk.length;
      onBytes(at);
    }
  } catch (thrown) {
    throwIfAborted(signal);
    if (thrown instanceof VqaError) throw thrown;
    if ((thrown as NodeJS.ErrnoException).code === "ENOSPC") throw notWritten(partial, thrown);
    throw failed(`${url.host} stopped after ${at} of ${total} bytes: ${(thrown as Error).message}`, thrown);
  } finally {
    answer.body.destroy();
    await handle.close();
  }
  if (at < total) throw failed(`${url.host} ended after ${at} of ${total} bytes.`);
}

async function digestsOf(path: string, identity: Identity, signal: AbortSignal | undefined): Promise<{ readonly own: string; readonly sha256: string }> {
  const hashes: Hash[] = [hashFor(identity), hashFor({ kind: "sha256", bytes: 0 })];
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    throwIfAborted(signal);
    for (const hash of identity.kind === "sha256" ? hashes.slice(1) : hashes) hash.update(chunk);
  }
  const sha256 = hashes[1]!.digest("hex");
  return { own: identity.kind === "sha256" ? sha256 : hashes[0]!.digest("hex"), sha256 };
}

async function sizeOf(path: string): Promise<number> {
  return fs.stat(path).then(({ size }) => size, () => 0);
}

function failed(message: string, cause?: unknown): VqaError {
  return new VqaError("download-failed", message, "Try again: what is there already is kept.", cause === undefined ? {} : { cause });
}

function later(error: VqaError, retryAfter: string | undefined): VqaError {
  const seconds = retryAfter === undefined ? NaN : /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? new VqaError(error.code, error.message, error.next, { data: { ...error.data, retryAfterMs: Math.max(0, seconds) * 1000 } }) : error;
}

function notWritten(path: string, thrown: unknown): VqaError {
  return new VqaError("limit-exceeded", `${path} cannot be written: ${(thrown as Error).message}`, "Free some space, or choose another folder for models.", { cause: thrown, data: { file: path } });
}
