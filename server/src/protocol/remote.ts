/** What is said of an engine on another machine, or in another program of this one. */
import { boolean, named, object, oneOf, optional, text, whole, type TypeOf } from "./schema.js";

/** What a question's `model` says when the remote engine is to answer. */
export const REMOTE_MODEL = "remote";

/** An engine elsewhere that speaks OpenAI's chat completions. It is here only when the user agreed to send frames there. */
export const RemoteConfigSchema = named(
  "RemoteConfig",
  object({
    /** Up to and with the version: "https://host/v1". */
    url: text,
    /** What the engine calls the model. */
    model: text,
    /** From the environment or the editor's secret store, never from a file. */
    key: optional(text),
    /** Which program it is, for what goes beyond what all of them take; "openai" when absent. */
    dialect: optional(oneOf("openai", "vllm", "sglang", "llama-server", "ollama")),
    /** Sends the file itself where all of a video is asked about, and frames otherwise. */
    video: optional(boolean),
    /** Frames without being asked for another number; 16 when absent. */
    frames: optional(whole(1, 256)),
    /** Longer side of the pictures; 448 when absent. */
    imageSide: optional(whole(28, 4096)),
    /** Positions of its context; without it its own refusal is met with fewer frames. */
    contextSize: optional(whole(256)),
    retries: optional(whole(0, 100)),
    /** It is given up when it sends nothing for this time; 120000 when absent. */
    timeoutMs: optional(whole(1)),
  }),
);

export type RemoteConfig = TypeOf<typeof RemoteConfigSchema>;
