/**
 * The decoder of a Whisper model on onnxruntime, in the layouts of Hugging Face's exporter: one merged
 * file with `use_cache_branch`, or `decoder_model` for the prompt and `decoder_with_past_model` for
 * what follows. Keys and values of the words said so far travel from step to step.
 */
import { Tensor, type InferenceSession } from "../../onnx/library.js";
import { VqaError } from "../../../engine/errors.js";
import { createSession, expectNames } from "../../onnx/create.js";
import { hasModelFile, modelFile, type ModelFolder } from "../../packs/companions.js";
import type { WhisperConfig } from "./config.js";

type Past = Record<string, Tensor>;

/** One utterance: the prompt first, then a token at a time. */
export interface Utterance {
  /** Logits (tokens, vocabulary) of the ids that were given. */
  next(ids: readonly number[]): Promise<Float32Array>;
}

export class WhisperDecoder {
  private constructor(
    private readonly file: string,
    private readonly first: InferenceSession,
    /** The same session when the file is a merged one. */
    private readonly later: InferenceSession,
    private readonly config: WhisperConfig,
  ) {}

  /** Errors: model-missing, model-damaged, model-unsupported. */
  static async open(model: ModelFolder, config: WhisperConfig, threads: number): Promise<WhisperDecoder> {
    const past = Array.from({ length: config.decoder_layers }, (_, i) => ["decoder", "encoder"].flatMap((part) => ["key", "value"].map((what) => `${i}.${part}.${what}`))).flat();
    const presents = past.map((name) => `present.${name}`);
    if (hasModelFile(model, "decoder_model_merged")) {
      const file = modelFile(model, "decoder_model_merged");
      const session = await createSession(file, threads);
      expectNames(session, file, ["input_ids", "encoder_hidden_states", "use_cache_branch", ...past.map((name) => `past_key_values.${name}`)], ["logits", ...presents]);
      return new WhisperDecoder(file, session, session, config);
    }
    const file = modelFile(model, "decoder_model");
    const first = await createSession(file, threads);
    const second = modelFile(model, "decoder_with_past_model");
    const later = await createSession(second, threads);
    expectNames(first, file, ["input_ids", "encoder_hidden_states"], ["logits", ...presents]);
    expectNames(later, second, ["input_ids", ...past.map((name) => `past_key_values.${name}`)], ["logits"]);
    return new WhisperDecoder(file, first, later, config);
  }

  begin(heard: Tensor): Utterance {
    let past: Past | undefined;
    return {
      next: async (ids) => {
        const session = past === undefined ? this.first : this.later;
        const given: Record<string, Tensor> = {
          input_ids: new Tensor("int64", BigInt64Array.from(ids, BigInt), [1, ids.length]),
          encoder_hidden_states: heard,
          use_cache_branch: new Tensor("bool", [past !== undefined], [1]),
          ...(past ?? this.nothing(session)),
        };
        const feeds = Object.fromEntries(session.inputNames.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
        const results = await this.run(session, feeds);
        const before: Past = past ?? {};
        past = {};
        for (const [name, tensor] of Object.entries(results)) {
          if (!name.startsWith("present.")) continue;
          const key = name.replace("present", "past_key_values");
          // With a cache the exporter's graph gives nothing, or an empty tensor, for the encoder's part: it stays.
          past[key] = name.includes(".encoder.") && before[key] !== undefined ? before[key] : tensor;
        }
        for (const [key, tensor] of Object.entries(before)) past[key] ??= tensor;
        return this.logits(results["logits"], ids.length);
      },
    };
  }

  async dispose(): Promise<void> {
    await this.first.release();
    if (this.later !== this.first) await this.later.release();
  }

  /** A merged file wants a past even where there is none. */
  private nothing(session: InferenceSession): Past {
    const { decoder_attention_heads: heads, d_model: width } = this.config;
    const past: Past = {};
    session.inputNames.forEach((name, i) => {
      if (!name.startsWith("past_key_values.")) return;
      const metadata = session.inputMetadata[i];
      const half = metadata?.isTensor === true && metadata.type === "float16";
      past[name] = half ? new Tensor("float16", new Uint16Array(0), [1, heads, 0, width / heads]) : new Tensor("float32", new Float32Array(0), [1, heads, 0, width / heads]);
    });
    return past;
  }

  private async run(session: InferenceSession, feeds: Record<string, Tensor>): Promise<Record<string, Tensor>> {
    try {
      return (await session.run(feeds)) as Record<string, Tensor>;
    } catch (thrown) {
      throw new VqaError("model-damaged", `${this.file} failed: ${(thrown as Error).message}`, "Install the model pack again.", { cause: thrown, data: { file: this.file } });
    }
  }

  private logits(tensor: Tensor | undefined, tokens: number): Float32Array {
    const { vocab_size: vocabulary } = this.config;
    if (tensor?.type === "float32" && tensor.dims[1] === tokens && tensor.dims[2] === vocabulary) return tensor.data as Float32Array;
    throw new VqaError("model-unsupported", `${this.file}: logits came out as ${tensor?.type} [${tensor?.dims.join(", ")}], expected float32 [1, ${tokens}, ${vocabulary}].`, "Use the ONNX files as their publisher made them.", {
      data: { file: this.file },
    });
  }
}
