/** Options and helpers that several commands share. */
import { resolve } from "node:path";
import { LONG_WAYS, type AskRequest } from "../engine/answer.js";
import { DEVICE_SETTINGS, type DeviceSetting } from "../engine/hardware/devices.js";
import { samplingRequest } from "../engine/notebookRequest.js";
import { parseSampling, parseScope } from "../format/index.js";
import { EMBEDDED_PACKS } from "../runtime/packs/locate.js";
import { modelFrom } from "../runtime/worker/notebook.js";
import { createSupervisor, type Supervisor } from "../runtime/worker/supervisor.js";
import { REMOTE_MODEL, type RemoteConfig } from "../protocol/remote.js";
import { endpointAddress } from "../runtime/remote/endpoint.js";
import type { Args, OptionSpec } from "./args.js";
import type { Terminal } from "./terminal.js";

/** A command, once its arguments were read. Returns the exit code. */
export interface Invocation {
  readonly args: Args;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

const ENGINE_KINDS = ["openai", "vllm", "sglang", "llama-server", "ollama"] as const;

/** Of commands that need the model of a pack. */
export const PACK_OPTIONS = {
  model: { value: "NAME|DIR", help: `the model: ${EMBEDDED_PACKS.join(", ")} (inside the program), an installed one (\`vqa models list\`), or the folder of a model pack` },
  speech: { value: "NAME|DIR", help: "a model that writes down what is said, such as whisper-base, in place of the model's own" },
  embedder: { value: "NAME|DIR", help: "a model that finds passages by their meaning, such as all-minilm-l6-v2, in place of the model's own" },
  device: { value: "NAME", help: `where the model runs: ${DEVICE_SETTINGS.join(", ")} (default auto; see \`vqa doctor\`)` },
  "context-size": { value: "N", help: "most positions of the model's context, to save memory or to know an engine's" },
  threads: { value: "N", help: "threads for the model; by default those that are idle" },
  "cache-dir": { value: "DIR", help: "keep the features of videos in this folder, for later runs" },
} as const satisfies Record<string, OptionSpec>;

/** Of commands whose questions an engine elsewhere may answer. */
export const ENGINE_OPTIONS = {
  ...PACK_OPTIONS,
  engine: { value: "URL", help: "sends frames and subtitles to an engine there that speaks OpenAI's chat completions, such as\nhttp://127.0.0.1:8000/v1; --model is its name for the model, and VQA_ENGINE_KEY its key" },
  "engine-kind": { value: "NAME", help: `which program it is, for what only some take: ${ENGINE_KINDS.join(", ")} (default openai)` },
  "engine-video": { help: "sends video files as they are (vllm, sglang)" },
  "engine-timeout": { value: "SECONDS", help: "gives it up when it sends nothing for so long (default 120)" },
} as const satisfies Record<string, OptionSpec>;

export const DECODE_OPTIONS = {
  temperature: { value: "T", help: "0 takes the likeliest word each time (default 0)" },
  seed: { value: "N", help: "for temperatures above 0 (default 42)" },
  "max-tokens": { value: "N", help: "longest answer (default 64)" },
} as const satisfies Record<string, OptionSpec>;

export const SAMPLING_OPTION = {
  sampling: { value: "HOW", help: 'which frames: "uniform 16", "segment 4" of each part, "scenes 16", "fps 1 max 32"; with "keyframe" behind it, quicker' },
} as const satisfies Record<string, OptionSpec>;

export const LONG_OPTION = {
  long: { value: "WAY", help: `how videos are answered that the frames cannot cover: ${LONG_WAYS.join(", ")} (default auto)` },
} as const satisfies Record<string, OptionSpec>;

export function longOf(args: Args): Pick<AskRequest, "long"> {
  const written = args.text("long");
  if (written === undefined) return {};
  const long = LONG_WAYS.find((way) => way === written);
  if (long === undefined) throw args.usage(`--long is "${written}": use one of ${LONG_WAYS.join(", ")}.`);
  return { long };
}

export const JSON_OPTION = { json: { help: "print one JSON object, errors included" } } as const satisfies Record<string, OptionSpec>;

/** The model that was asked for on the command line. */
export function modelOption(args: Args, option: "model" | "speech" | "embedder" = "model"): string | undefined {
  const model = args.text(option);
  if (option === "model" && args.text("engine") !== undefined) return REMOTE_MODEL;
  return model === undefined ? undefined : modelFrom(model, process.cwd());
}

export function deviceOption(args: Args): DeviceSetting | undefined {
  const written = args.text("device");
  const device = DEVICE_SETTINGS.find((each) => each === written);
  if (written !== undefined && device === undefined) throw args.usage(`--device is "${written}": choose one of ${DEVICE_SETTINGS.join(", ")}.`);
  return device;
}

export const DEFAULT_MODEL = EMBEDDED_PACKS[0];

export function decodeOf(args: Args): NonNullable<AskRequest["decode"]> {
  const temperature = args.number("temperature", 0, 10);
  const seed = args.whole("seed", 0, 0xffff_ffff);
  const maxTokens = args.whole("max-tokens", 1, 4096);
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(seed === undefined ? {} : { seed }),
    ...(maxTokens === undefined ? {} : { maxTokens }),
  };
}

export function scopeOf(args: Args): Pick<AskRequest, "scope"> {
  const written = args.text("scope");
  if (written === undefined) return {};
  const scope = parseScope(written.trim());
  if (scope === undefined) throw args.usage(`--scope is "${written}": write it as 00:05..00:10, or several with commas between.`);
  return { scope };
}

/** `--sampling`, or `--frames`, which keeps the rest as it is. */
export function samplingOf(args: Args): Pick<AskRequest, "frames" | "strategy" | "rate" | "frameMode"> {
  const frames = args.whole("frames", 1, 10_000);
  const written = args.text("sampling");
  if (written === undefined) return frames === undefined ? {} : { frames };
  if (frames !== undefined) throw args.usage("--frames and --sampling exclude one another.");
  const sampling = parseSampling(written.trim());
  if (sampling === undefined || (sampling.frames ?? 1) > 10_000) throw args.usage(`--sampling is "${written}": write it as "uniform 16", "segment 4", "scenes 16" or "fps 1 max 32".`);
  return samplingRequest(sampling);
}

/**
 * The engine that --engine names. Giving it is the consent: nothing else makes the program send anything.
 * Error: invalid-request.
 */
export function remoteOption(args: Args): RemoteConfig | undefined {
  const url = args.text("engine");
  if (url === undefined) return undefined;
  const model = args.text("model");
  if (model === undefined) throw args.usage("An engine needs --model: which of its models answers?");
  endpointAddress(url, "--engine");
  const kind = args.text("engine-kind");
  const dialect = ENGINE_KINDS.find((each) => each === kind);
  if (kind !== undefined && dialect === undefined) throw args.usage(`--engine-kind is one of ${ENGINE_KINDS.join(", ")}, and not "${kind}".`);
  const contextSize = args.whole("context-size", 512, 1_048_576);
  const seconds = args.number("engine-timeout", 0.001, 86_400);
  const key = process.env["VQA_ENGINE_KEY"];
  return {
    url,
    model,
    ...(key === undefined || key === "" ? {} : { key }),
    ...(dialect === undefined ? {} : { dialect }),
    ...(args.flag("engine-video") ? { video: true } : {}),
    ...(contextSize === undefined ? {} : { contextSize }),
    ...(seconds === undefined ? {} : { timeoutMs: Math.ceil(seconds * 1000) }),
  };
}

/** Runs `work` with a worker, and ends the worker however that goes. */
export async function withSupervisor<T>(args: Args, work: (supervisor: Supervisor) => Promise<T>): Promise<T> {
  return withSupervisors(args, 1, ([supervisor]) => work(supervisor as Supervisor));
}

/** The same with several workers, each of which has the model in its own memory. */
export async function withSupervisors<T>(args: Args, count: number, work: (supervisors: readonly Supervisor[]) => Promise<T>): Promise<T> {
  const threads = args.whole("threads", 1, 256);
  const cacheDir = args.text("cache-dir");
  const [speech, embedder] = [modelOption(args, "speech"), modelOption(args, "embedder")];
  const device = deviceOption(args);
  const contextSize = args.whole("context-size", 512, 1_048_576);
  const remote = remoteOption(args);
  const config = {
    ...(remote === undefined ? {} : { remote }),
    ...(threads === undefined ? {} : { threads }),
    ...(device === undefined ? {} : { device }),
    ...(contextSize === undefined ? {} : { contextSize }),
    ...(speech === undefined ? {} : { speech }),
    ...(embedder === undefined ? {} : { embedder }),
    ...(cacheDir === undefined ? {} : { cacheDir: resolve(cacheDir) }),
  };
  const supervisors = Array.from({ length: count }, () => createSupervisor({ config }));
  try {
    return await work(supervisors);
  } finally {
    await Promise.all(supervisors.map((supervisor) => supervisor.dispose()));
  }
}

/** The single positional of a command, as an absolute path. */
export function onlyPath(args: Args, what: string): string {
  const [path, ...more] = args.positionals;
  if (path === undefined || path === "") throw args.usage(`Which ${what}? None was given.`);
  if (more.length > 0) throw args.usage(`One ${what} at a time; there is also ${JSON.stringify(more[0])}.`);
  return resolve(path);
}

/** `1.2 s`, `340 ms`. */
export function duration(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms)} ms`;
}

