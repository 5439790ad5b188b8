/**
 * Whisper (arXiv 2212.04356) from the files that Hugging Face's exporter makes: config.json,
 * generation_config.json, preprocessor_config.json, tokenizer.json, onnx/encoder_model.onnx and the
 * decoder (decoder.ts). Loaded when it first hears something, and only in the worker process.
 */
import { Tensor, type InferenceSession } from "../../onnx/library.js";
import { throwIfAborted, VqaError } from "../../../engine/errors.js";
import type { HeardWindow, SpeechRecogniser } from "../../../engine/ports.js";
import { createSerial } from "../../../engine/serial.js";
import { HOP, logMel } from "../../audio/logMel.js";
import { createSession, expectNames } from "../../onnx/create.js";
import { modelFile, type ModelFolder } from "../../packs/companions.js";
import { readWhisperConfig, type WhisperConfig } from "./config.js";
import { argmax, decodeWindow } from "./decode.js";
import { WhisperDecoder } from "./decoder.js";
import type { RuleIds } from "./rules.js";
import { segmentsOf } from "./segments.js";
import { readTokens, type WhisperTokens } from "./tokens.js";

const RATE = 16_000;

interface Loaded {
  readonly encoder: InferenceSession;
  readonly decoder: WhisperDecoder;
  readonly tokens: WhisperTokens;
}

/** Errors: model-missing, model-damaged for settings that cannot be read. */
export async function openWhisper(model: ModelFolder, threads: number): Promise<SpeechRecogniser> {
  return new WhisperRecogniser(model, await readWhisperConfig(model), threads);
}

class WhisperRecogniser implements SpeechRecogniser {
  readonly name: string;
  readonly digest: string;
  readonly windowMs: number;
  private readonly serial = createSerial();
  private loaded: Promise<Loaded> | undefined;

  constructor(
    private readonly model: ModelFolder,
    private readonly config: WhisperConfig,
    private readonly threads: number,
  ) {
    this.name = model.name;
    this.digest = model.digest;
    this.windowMs = config.chunk_length * 1000;
  }

  hear(samples: Float32Array, languages: readonly string[], signal?: AbortSignal): Promise<HeardWindow> {
    return this.serial(async () => {
      const { encoder, decoder, tokens } = await this.load();
      throwIfAborted(signal);
      const { config } = this;
      const frames = (config.chunk_length * RATE) / HOP;
      const mel = logMel(samples, config.feature_size, frames);
      const heard = await this.encode(encoder, new Tensor("float32", mel, [1, config.feature_size, frames]));
      throwIfAborted(signal);
      const language = await this.language(decoder, heard, languages);
      throwIfAborted(signal);
      const prompt = [config.decoder_start_token_id];
      if (language !== undefined) prompt.push(config.lang_to_id![`<|${language}|>`]!, config.task_to_id!["transcribe"]!);
      const settings = {
        prompt,
        rules: this.rules(tokens),
        noSpeech: noSpeechOf(tokens),
        most: Math.floor(config.max_target_positions / 2),
        vocabulary: config.vocab_size,
      };
      const ids = await decodeWindow(() => decoder.begin(heard), settings, tokens.text, signal);
      const lengthMs = Math.min(this.windowMs, (samples.length * 1000) / RATE);
      const window = segmentsOf(ids, tokens.firstTime, tokens.text, lengthMs);
      return { ...window, ...(language === undefined ? {} : { language }) };
    }, signal);
  }

  async dispose(): Promise<void> {
    const loading = this.loaded;
    this.loaded = undefined;
    const loaded = await loading?.catch(() => undefined);
    await loaded?.decoder.dispose();
    await loaded?.encoder.release();
  }

  /** A model that did not load is tried again the next time. */
  private load(): Promise<Loaded> {
    this.loaded ??= this.open().catch((thrown: unknown) => {
      this.loaded = undefined;
      throw thrown;
    });
    return this.loaded;
  }

  private async open(): Promise<Loaded> {
    const tokens = await readTokens(this.model, this.config.no_timestamps_token_id);
    const file = modelFile(this.model, "encoder_model");
    const encoder = await createSession(file, this.threads);
    try {
      expectNames(encoder, file, ["input_features"], ["last_hidden_state"]);
      return { tokens, encoder, decoder: await WhisperDecoder.open(this.model, this.config, this.threads) };
    } catch (thrown) {
      await encoder.release();
      throw thrown;
    }
  }

  private async encode(encoder: InferenceSession, mel: Tensor): Promise<Tensor> {
    const file = modelFile(this.model, "encoder_model");
    let heard: Tensor | undefined;
    try {
      heard = (await encoder.run({ input_features: mel }, ["last_hidden_state"]))["last_hidden_state"] as Tensor | undefined;
    } catch (thrown) {
      throw new VqaError("model-damaged", `${file} failed: ${(thrown as Error).message}`, "Install the model pack again.", { cause: thrown, data: { file } });
    }
    const { max_source_positions: positions, d_model: width } = this.config;
    if (heard?.dims[1] === positions && heard.dims[2] === width) return heard;
    throw new VqaError("model-unsupported", `${file} gave [${heard?.dims.join(", ")}], its config.json says [1, ${positions}, ${width}].`, "Use files of one model.", { data: { file } });
  }

  /** The first of the wanted languages that the model knows, else the likeliest one. Undefined for a model of English alone. */
  private async language(decoder: WhisperDecoder, heard: Tensor, wanted: readonly string[]): Promise<string | undefined> {
    const { config } = this;
    const known = Object.entries(config.lang_to_id ?? {});
    if (!config.is_multilingual || known.length === 0 || config.task_to_id?.["transcribe"] === undefined) return undefined;
    const asked = wanted.map((code) => code.toLowerCase().split("-")[0]!).find((code) => known.some(([token]) => token === `<|${code}|>`));
    if (asked !== undefined) return asked;
    if (known.length === 1) return known[0]![0].slice(2, -2);
    const logits = await decoder.begin(heard).next([config.decoder_start_token_id]);
    const scores = Float32Array.from(known, ([, id]) => logits[id]!);
    return known[argmax(scores)]![0].slice(2, -2);
  }

  private rules(tokens: WhisperTokens): RuleIds {
    const { config } = this;
    const special = ["<|startoftranscript|>", "<|startoflm|>", "<|startofprev|>", "<|translate|>", "<|transcribe|>"].flatMap((content) => tokens.special(content) ?? []);
    const nobody = noSpeechOf(tokens);
    return {
      end: config.eos_token_id,
      firstTime: tokens.firstTime,
      noTimes: config.no_timestamps_token_id,
      suppressed: [...(config.suppress_tokens ?? []), ...special, ...Object.values(config.lang_to_id ?? {}), ...(nobody === undefined ? [] : [nobody])],
      notFirst: config.begin_suppress_tokens ?? [],
      latestStart: config.max_initial_timestamp_index,
    };
  }
}

/** Its name changed between the versions of Whisper. */
function noSpeechOf(tokens: WhisperTokens): number | undefined {
  return tokens.special("<|nospeech|>") ?? tokens.special("<|nocaptions|>");
}
