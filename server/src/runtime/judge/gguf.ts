/** A judge from a GGUF file, in a process of its own. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { cancelled, throwIfAborted, VqaError } from "../../engine/errors.js";
import type { Judge } from "../../engine/evaluate/judge.js";
import { startChild, type Exit } from "../worker/child.js";
import type { FromJudge, JudgeStart } from "./messages.js";

export interface LocalJudge extends Judge {
  dispose(): void;
}

interface Waiting {
  readonly resolve: (text: string) => void;
  readonly reject: (error: VqaError) => void;
}

/** Errors: `model-missing` and `model-unsupported`, naming the file. */
export async function ggufJudge(file: string, threads: number | undefined, signal: AbortSignal): Promise<LocalJudge> {
  const digest = await digestOf(file, signal);
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let started: Waiting | undefined;
  const ready = new Promise<string>((resolve, reject) => (started = { resolve, reject }));
  const failAll = (error: VqaError): void => {
    started?.reject(error);
    for (const [id, { reject }] of waiting) {
      waiting.delete(id);
      reject(error);
    }
  };
  const child = startChild(
    new URL("./entry.js", import.meta.url),
    (message) => {
      const said = message as FromJudge;
      if (said.type === "ready") started?.resolve(said.engine);
      else if (said.type === "failed" && said.id === undefined) failAll(new VqaError("model-unsupported", `The judge ${file} cannot be used: ${said.message}`, "Give another GGUF file to --judge."));
      else {
        const id = said.id as number;
        const one = waiting.get(id);
        waiting.delete(id);
        if (said.type === "reply") one?.resolve(said.text);
        else one?.reject(new VqaError("model-unsupported", `The judge ${file} failed: ${said.message}`, "Give another GGUF file to --judge. What was judged is kept."));
      }
    },
    (exit: Exit) => failAll(new VqaError("worker-crashed", `The judge's process ended (${exit.signal ?? exit.code ?? exit.error?.message}). ${exit.output.split("\n").at(-1) ?? ""}`.trim(), "Start again: what was judged is kept.")),
  );
  const onAbort = (): void => {
    failAll(cancelled());
    child.kill();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  child.send({ type: "start", file, ...(threads === undefined ? {} : { threads }) } satisfies JudgeStart);
  const dispose = (): void => {
    signal.removeEventListener("abort", onAbort);
    child.kill();
  };
  let engine: string;
  try {
    engine = await ready;
  } catch (thrown) {
    dispose();
    throw thrown;
  }
  return {
    id: `${basename(file)} sha256 ${digest.slice(0, 12)}, ${engine}`,
    ask({ system, user }, attempt) {
      throwIfAborted(signal);
      const id = ++lastId;
      return new Promise<string>((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        child.send({ id, system, user, attempt });
      });
    },
    dispose,
  };
}

async function digestOf(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const bytes of createReadStream(file)) {
      throwIfAborted(signal);
      hash.update(bytes as Buffer);
    }
  } catch (thrown) {
    if (thrown instanceof VqaError) throw thrown;
    throw new VqaError("model-missing", `The judge ${file} cannot be read: ${(thrown as Error).message}`, "Give a GGUF file or the address of an endpoint to --judge.", { cause: thrown });
  }
  return hash.digest("hex");
}
