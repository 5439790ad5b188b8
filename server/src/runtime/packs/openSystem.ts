/** Opens the parts of one system of a pack; what systems have in common is opened once. */
import * as path from "node:path";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import type { LearnedParts } from "../../engine/compose/port.js";
import type { AudioBranch, OpenSystem, PackSpec } from "../../engine/pack.js";
import type { EncoderDevice } from "../../engine/hardware/devices.js";
import type { Projector } from "../../engine/ports.js";
import { canonicalJson, type JsonValue } from "../../format/index.js";
import { openLlamaModel, type LlamaLanguageModel } from "../llama/model.js";
import { OnnxAudioEncoder } from "../onnx/audioEncoder.js";
import { OnnxVisionEncoder } from "../onnx/encoder.js";
import { identityProjector } from "../onnx/identity.js";
import { OnnxProjector } from "../onnx/projector.js";
import { OnnxQFormer } from "../onnx/qformer.js";
import { reason } from "../onnx/providers.js";
import { readOnnxTable } from "../onnx/table.js";
import { expectFit, type Fit } from "./fit.js";
import { readRow } from "./row.js";
import type { Manifest } from "./manifest.js";
import type { OpenPackOptions } from "./openPack.js";
import { clipsOf, filesOf, longVideoOf, systemsOf, type SystemManifest } from "./systems.js";
import { packDigest } from "./verify.js";

interface Disposable {
  dispose(): Promise<void>;
}

export interface RuntimeSystem extends OpenSystem {
  readonly language: LlamaLanguageModel;
}

export class SystemOpener {
  /** By what they were opened from, in the order of opening. */
  private readonly parts = new Map<string, Promise<unknown>>();
  /** What went otherwise than the choice of hardware says. */
  private readonly notes: string[] = [];

  constructor(
    private readonly folder: string,
    private readonly manifest: Manifest,
    private readonly threads: number,
    private readonly options: OpenPackOptions,
  ) {}

  async open(system: SystemManifest, signal?: AbortSignal): Promise<RuntimeSystem> {
    const { threads } = this;
    const fit = await this.once("fit", { encoder: system.encoder, preprocess: system.preprocess, language: system.language }, () => expectFit(this.folder, this.manifest, system, this.options));
    throwIfAborted(signal);
    const encoder = await this.encoder(system);
    throwIfAborted(signal);
    // Where the encoder holds the projector, its tokens are embeddings already.
    const projectors: Record<string, Projector> = system.projectors.visual ? {} : { visual: identityProjector(system.language.width) };
    for (const [name, projector] of Object.entries(system.projectors)) {
      projectors[name] = await this.once("projector", projector, () => OnnxProjector.open({ ...projector, file: this.at(projector.file), threads }));
      throwIfAborted(signal);
    }
    const parts = await this.learned(system, signal);
    const audio = await this.audio(system, signal);
    throwIfAborted(signal);
    const model = await this.language(system, fit, signal);
    throwIfAborted(signal);
    return { spec: this.spec(system), encoder, projectors, parts, language: model, notes: [...(this.options.hardware?.notes ?? []), ...this.notes], ...(audio ? { audio } : {}) };
  }

  async dispose(): Promise<void> {
    const opened = [...this.parts.values()].reverse();
    this.parts.clear();
    for (const each of opened) {
      const part = await each.catch(() => undefined);
      if (isDisposable(part)) await part.dispose();
    }
  }

  /** The same part for the same settings. What did not open is tried again the next time. */
  private once<T>(kind: string, settings: object, open: () => Promise<T>): Promise<T> {
    const key = canonicalJson({ kind, settings: settings as JsonValue });
    const known = this.parts.get(key) as Promise<T> | undefined;
    if (known) return known;
    const opening = open();
    this.parts.set(key, opening);
    opening.catch(() => this.parts.delete(key));
    return opening;
  }

  private encoder({ encoder, preprocess }: SystemManifest): Promise<OnnxVisionEncoder> {
    return this.once("encoder", { encoder, preprocess }, () => {
      const { width: tokenWidth, tokens, cls, input, output, keepCls = false, mask, global } = encoder;
      const grid = encoder.grid as readonly [number, number];
      return this.onDevice((device) =>
        OnnxVisionEncoder.open({ ...preprocess, tokenWidth, tokens, grid, cls, keepCls, mask, global, input, output, file: this.at(encoder.file), threads: this.threads, device }),
      );
    });
  }

  private language({ language, prompt }: SystemManifest, { plan, device }: Fit, signal?: AbortSignal): Promise<LlamaLanguageModel> {
    const { deviceLayers, layers, contextSize } = plan;
    return this.once("language", { ...language, stop: prompt.stop }, () => {
      const wanted = this.options.hardware?.language.device ?? "cpu";
      if (device !== wanted) this.notes.push(`The language model ran on the processor: ${wanted} has not enough free memory for it.`);
      else if (device !== "cpu" && deviceLayers < layers) this.notes.push(`${deviceLayers} of the language model's ${layers} layers ran on ${device}, for want of memory there.`);
      return openLlamaModel(
        {
          ...language,
          contextSize,
          file: this.at(language.file),
          stop: prompt.stop,
          threads: this.threads,
          gpu: device === "cpu" ? false : device,
          deviceLayers,
          ...(this.options.tempRoot === undefined ? {} : { tempRoot: this.options.tempRoot }),
        },
        signal,
      );
    });
  }

  /** A model that the chosen device cannot take runs on the processor, and the answers say so. */
  private async onDevice<T>(open: (device: EncoderDevice) => Promise<T>): Promise<T> {
    const device = this.options.hardware?.encoders.device ?? "cpu";
    if (device === "cpu") return open("cpu");
    try {
      return await open(device);
    } catch (thrown) {
      const opened = await open("cpu");
      this.notes.push(`The encoder ran on the processor: ${device} could not load it (${reason(VqaError.from(thrown).message)}).`);
      return opened;
    }
  }

  private async learned({ parts: { imageQformer, videoQformer, framePositions, newline } }: SystemManifest, signal?: AbortSignal): Promise<LearnedParts> {
    const image = imageQformer && (await this.qformer(imageQformer));
    throwIfAborted(signal);
    const video = videoQformer && (await this.qformer(videoQformer));
    throwIfAborted(signal);
    const positions = framePositions && (await this.table(framePositions));
    throwIfAborted(signal);
    const row = newline && (await readRow({ ...newline, file: this.at(newline.file) }));
    return { ...(row ? { newline: row } : {}), ...(image ? { imageQformer: image } : {}), ...(video ? { videoQformer: video } : {}), ...(positions ? { framePositions: positions } : {}) };
  }

  private async audio({ audio }: SystemManifest, signal?: AbortSignal): Promise<AudioBranch | undefined> {
    if (!audio) return undefined;
    const clips = clipsOf(audio);
    const { encoder: own, features } = audio;
    const encoder = await this.once("audio", { own, features, seconds: clips.seconds }, () =>
      this.onDevice((device) => OnnxAudioEncoder.open({ ...own, file: this.at(own.file), features, seconds: clips.seconds, threads: this.threads, device })),
    );
    throwIfAborted(signal);
    const positions = audio.positions && (await this.table(audio.positions));
    throwIfAborted(signal);
    const qformer = audio.qformer && (await this.qformer(audio.qformer));
    return { clips, encoder, ...(positions ? { positions } : {}), ...(qformer ? { qformer } : {}) };
  }

  private qformer(section: NonNullable<SystemManifest["parts"]["imageQformer"]>): Promise<OnnxQFormer> {
    return this.once("qformer", section, () => OnnxQFormer.open({ ...section, file: this.at(section.file), threads: this.threads }));
  }

  private table(section: NonNullable<SystemManifest["parts"]["framePositions"]>): ReturnType<typeof readOnnxTable> {
    return this.once("table", section, () => readOnnxTable({ ...section, file: this.at(section.file) }));
  }

  private spec(system: SystemManifest): PackSpec {
    const { id, name, version } = this.manifest;
    const { composer, sampling, subtitles, prompt, choices } = system;
    const systems = systemsOf(this.manifest).map((each) => each.name);
    return { id, name, version, system: system.name, systems, digest: this.digest(system), encoderDigest: this.encoderDigest(system), composer, sampling, subtitles, prompt, choices, longVideo: longVideoOf(system) };
  }

  private digest(system: SystemManifest): string {
    const { preprocess, encoder, projectors, parts, audio, language } = system;
    const { visual, ...others } = projectors;
    const more = <T extends object>(section: T): JsonValue | undefined => (Object.keys(section).length === 0 ? undefined : (section as JsonValue));
    return packDigest({
      files: this.files(filesOf(system)),
      preprocess: preprocess as JsonValue,
      encoder: encoder as JsonValue,
      projector: visual as JsonValue | undefined,
      projectors: more(others),
      parts: more(parts),
      audio: audio as JsonValue | undefined,
      language: language as JsonValue,
    });
  }

  private encoderDigest({ encoder, preprocess }: SystemManifest): string {
    // Devices round differently, so that what one made is not kept for another.
    const device = this.options.hardware?.encoders.device ?? "cpu";
    const made = device === "cpu" ? (encoder as JsonValue) : { ...(encoder as { readonly [key: string]: JsonValue }), device };
    return packDigest({ files: this.files([encoder.file]), encoder: made, preprocess: preprocess as JsonValue });
  }

  private files(paths: readonly string[]): Manifest["files"] {
    return this.manifest.files.filter((file) => paths.includes(file.path));
  }

  private at(file: string): string {
    return path.join(this.folder, ...file.split("/"));
  }
}

function isDisposable(part: unknown): part is Disposable {
  return typeof (part as Partial<Disposable> | undefined)?.dispose === "function";
}
