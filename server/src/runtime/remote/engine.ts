/** The remote engine: frames, subtitles and questions as messages to an endpoint of OpenAI's kind. */
import { readFile } from "node:fs/promises";
import { digestOf } from "../../engine/digest.js";
import { VqaError } from "../../engine/errors.js";
import type { DecodeOptions } from "../../engine/ports.js";
import type { ChatEngine, ChatPart } from "../../engine/remote/port.js";
import type { RemoteConfig } from "../../protocol/remote.js";
import { encodePng } from "../ffmpeg/png.js";
import { streamed } from "./chat.js";
import { Endpoint, endpointAddress } from "./endpoint.js";

/** What each program takes beyond what all of them do. */
const DIALECTS = {
  openai: { video: false, logprobs: true },
  vllm: { video: true, logprobs: true, penalty: "repetition_penalty" },
  sglang: { video: true, logprobs: true, penalty: "repetition_penalty" },
  "llama-server": { video: false, logprobs: true, penalty: "repeat_penalty" },
  ollama: { video: false, logprobs: false },
} as const satisfies Record<NonNullable<RemoteConfig["dialect"]>, { video: boolean; logprobs: boolean; penalty?: string }>;

const FRAMES = 16;
const MAX_FRAMES = 256;
const IMAGE_SIDE = 448;
const MAX_VIDEO_BYTES = 64 * 1024 * 1024;
const RETRIES = 4;
/** OpenAI's interface gives at most 20. */
const ALTERNATIVES = 20;
/** No token of any vocabulary in use is longer on average; an endpoint that goes on has lost its way. */
const CHARS_A_TOKEN = 32;

/** Errors: invalid-request for settings that do not go together. */
export function remoteEngine(config: RemoteConfig, backoffMs?: number): ChatEngine {
  const { url, model, key, dialect = "openai", video = false, contextSize } = config;
  const base = endpointAddress(url, "The address of the remote engine");
  const can: { readonly video: boolean; readonly logprobs: boolean; readonly penalty?: string } = DIALECTS[dialect];
  if (video && !can.video) throw new VqaError("invalid-request", `An engine of the kind "${dialect}" takes pictures and no video files.`, "Take the setting back, or name the kind as vllm or sglang.");
  const imageSide = config.imageSide ?? IMAGE_SIDE;
  const frames = config.frames ?? FRAMES;
  const endpoint = new Endpoint({
    base,
    model,
    key,
    retries: config.retries ?? RETRIES,
    backoffMs,
    timeoutMs: config.timeoutMs,
    name: `The remote engine ${model}`,
    next: "Check its address, the name of the model and the key.",
  });
  return {
    id: `${model}@${base.host}`,
    place: base.host,
    digest: digestOf({ url: base.href, model, dialect, video, imageSide }),
    engine: `remote engine at ${base.host} (${dialect})`,
    frames,
    maxFrames: Math.max(frames, MAX_FRAMES),
    imageSide,
    ...(contextSize === undefined ? {} : { contextSize }),
    ...(video ? { maxVideoBytes: MAX_VIDEO_BYTES } : {}),
    async chat({ parts, decode, alternatives }, onText, signal) {
      const body = {
        model,
        messages: [{ role: "user", content: await Promise.all(parts.map(wirePart)) }],
        stream: true,
        stream_options: { include_usage: true },
        ...decodeFields(decode, can.penalty),
        ...(alternatives === true && can.logprobs ? { logprobs: true, top_logprobs: ALTERNATIVES } : {}),
      };
      return { ...(await streamed(endpoint, body, decode.maxTokens * CHARS_A_TOKEN, onText, signal)), notes: [] };
    },
    dispose: () => endpoint.close(),
  };
}

function decodeFields({ temperature, seed, maxTokens, repetitionPenalty }: DecodeOptions, penalty: string | undefined): object {
  if (temperature > 2) throw new VqaError("invalid-request", `The temperature is ${temperature}.`, "Remote engines take one from 0 to 2.");
  if (repetitionPenalty !== 1 && penalty === undefined) throw new VqaError("invalid-request", "This kind of remote engine takes no repetition penalty.", "Leave it out, or say which program the engine is.");
  return { temperature, seed, max_tokens: maxTokens, ...(penalty === undefined || repetitionPenalty === 1 ? {} : { [penalty]: repetitionPenalty }) };
}

async function wirePart(part: ChatPart): Promise<object> {
  switch (part.kind) {
    case "text":
      return { type: "text", text: part.text };
    case "image": {
      const png = await encodePng(part.frame.rgb, part.frame.width, part.frame.height);
      return { type: "image_url", image_url: { url: `data:image/png;base64,${png.toString("base64")}` } };
    }
    case "video": {
      const bytes = await readFile(part.path);
      return { type: "video_url", video_url: { url: `data:${videoType(part.path)};base64,${bytes.toString("base64")}` } };
    }
  }
}

function videoType(path: string): string {
  const end = /\.(\w+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
  const known: Readonly<Record<string, string>> = { webm: "video/webm", mkv: "video/x-matroska", mov: "video/quicktime", avi: "video/x-msvideo" };
  return known[end] ?? "video/mp4";
}
