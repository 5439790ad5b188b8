/** What a client says when it starts the server. */
import { RemoteConfigSchema } from "./remote.js";
import { array, between, boolean, named, object, oneOf, optional, text, whole, type TypeOf } from "./schema.js";
import { CONTEXT_SIZE, DeviceSettingSchema, LongSchema } from "./values.js";

const limit = optional(between(0, 1_000_000));

/** What subtitles are checked for; 0 switches a limit off. The defaults are those of the Netflix Timed Text Style Guide, for English. */
const CaptionStyleSchema = named(
  "CaptionStyle",
  object({
    check: optional(boolean),
    minGapMs: limit,
    minDurationMs: limit,
    maxDurationMs: limit,
    maxCharactersPerSecond: limit,
    maxLineLength: limit,
    maxLines: limit,
  }),
);

/** `initializationOptions` of the LSP initialize request. */
export const InitializationOptionsSchema = named(
  "InitializationOptions",
  object({
    /** "micro", or the folder of a model pack. */
    model: optional(text),
    /** Folder for cached features. */
    cacheDir: optional(text),
    /** Threads for the model; from the machine when absent. */
    threads: optional(whole(1, 256)),
    /** Where models run; `auto` when absent. */
    device: optional(DeviceSettingSchema),
    /** Most positions of a context; the model's own when absent. */
    contextSize: optional(CONTEXT_SIZE),
    /** The ffmpeg program, as the user set it for this machine. */
    ffmpeg: optional(text),
    /** Whether videos without subtitles are listened to where a request or its notebook says nothing of it; `auto` when absent. */
    listen: optional(oneOf("auto", "off")),
    /** How questions about long videos are answered where a request or its notebook says nothing of it; `auto` when absent. */
    long: optional(LongSchema),
    /** The worker is ended after this time without a question; 0 keeps it. */
    idleMs: optional(whole(0)),
    captions: optional(CaptionStyleSchema),
    /** Folder of installed model packs; the user's data folder when absent. */
    modelsDir: optional(text),
    /** Address of the hub that models come from, and of the proxy on the way; the environment's when absent. */
    modelHub: optional(text),
    proxy: optional(text),
    /** Hosts that the proxy is not for. */
    noProxy: optional(array(text, 1000)),
    /** Models whose speech recogniser and sentence embedder take the place of the answering model's own. */
    speechModel: optional(text),
    embedderModel: optional(text),
    /** Only after the user agreed to it for this workspace. */
    remote: optional(RemoteConfigSchema),
  }),
);

export type InitializationOptions = TypeOf<typeof InitializationOptionsSchema>;
