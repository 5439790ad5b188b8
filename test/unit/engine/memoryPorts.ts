/** The engine's ports over plain values in memory, which count how often they are used. */
import type {
  Cue,
  CueSource,
  DecodeOptions,
  FeatureCache,
  Frame,
  FrameFeatures,
  FrameRequest,
  FrameSource,
  Generation,
  LanguageModel,
  LanguageSession,
  MediaInfo,
  Piece,
  Projector,
  VisionEncoder,
} from "../../../server/src/engine/ports.js";
import { VqaError } from "../../../server/src/engine/errors.js";
import type { OpenPack, PackSpec } from "../../../server/src/engine/pack.js";

export const MICRO_TEMPLATE = {
  begin: "<s>[INST]",
  frame: "<Img> {time}{visual}",
  cue: "<Cap> {text}",
  end: "\n{question}[/INST]",
  answerPrefix: " ",
  stop: ["</s>"],
};

export function mediaInfo(over: Partial<MediaInfo> = {}): MediaInfo {
  return {
    path: "/clips/a.mp4",
    digest: "d1",
    bytes: 1000,
    container: "mp4",
    durationMs: 16_000,
    startMs: 0,
    video: { index: 0, codec: "h264", width: 64, height: 64, frameRate: { num: 10, den: 1 }, rotation: 0 },
    audio: [],
    subtitles: [],
    warnings: [],
    ...over,
  };
}

/** A video whose pixels at a time are that time's second; keyframes every `gopMs`. */
export class MemorySource implements FrameSource {
  readonly requests: FrameRequest[] = [];
  probes = 0;
  constructor(
    public media: MediaInfo = mediaInfo(),
    readonly gopMs = 5000,
  ) {}
  async describe(): Promise<string> {
    return "memory 1";
  }
  async probe(path: string): Promise<MediaInfo> {
    this.probes++;
    return { ...this.media, path };
  }
  async frames(request: FrameRequest): Promise<readonly Frame[]> {
    this.requests.push(request);
    const step = request.mode === "keyframe" ? this.gopMs : 100;
    return request.timesMs.map((asked) => {
      const timeMs = Math.floor(asked / step) * step;
      return { timeMs, width: 2, height: 2, rgb: new Uint8Array(12).fill(Math.floor(timeMs / 1000)) };
    });
  }
}

export class MemoryCues implements CueSource {
  constructor(readonly list: readonly Cue[] = []) {}
  async cues() {
    return this.list.length ? { source: "a.srt", cues: this.list, warnings: [] } : undefined;
  }
}

/** 4 tokens of width 2 a frame: (pixel, token index). */
export class MemoryEncoder implements VisionEncoder {
  readonly input = { width: 2, height: 2, resize: "squash" } as const;
  readonly tokens = 4;
  readonly width = 2;
  readonly grid = [2, 2] as const;
  encoded = 0;
  async encode(frames: readonly Frame[]): Promise<FrameFeatures> {
    this.encoded += frames.length;
    const data = frames.flatMap((f) => [0, 1, 2, 3].flatMap((token) => [f.rgb[0]!, token]));
    return { frames: frames.length, tokens: 4, width: 2, data: Float32Array.from(data) };
  }
}

const memoryProjector: Projector = {
  inputWidth: 8,
  width: 3,
  project: async ({ rows, data }) => ({
    rows,
    width: 3,
    data: Float32Array.from({ length: rows * 3 }, (_, i) => data[Math.floor(i / 3) * 8 + (i % 3)]!),
  }),
};

/** One token a word or mark; answers with the first number of the last visual row, that is the pixel it saw last. */
export class MemoryLanguage implements LanguageModel {
  readonly engine = "memory-lm 1";
  readonly width = 3;
  readonly opened: MemorySession[] = [];
  constructor(
    readonly contextSize = 512,
    readonly maxVisual = 64,
    /** What a session does instead of answering, when it does. */
    public behaviour: (session: MemorySession, onText: (delta: string) => void, signal?: AbortSignal) => Promise<Generation | undefined> = async () =>
      undefined,
  ) {}
  countTokens(pieces: readonly Piece[]): number {
    return pieces.reduce((sum, p) => sum + (p.kind === "visual" ? p.embeddings.rows : this.#tokenise(p.text).length), 0);
  }
  #tokenise(text: string): readonly string[] {
    return text.match(/<[^>]+>|\[[^\]]+\]|[^\s<[]+|[<[\n]/g) ?? [];
  }
  async session(): Promise<MemorySession> {
    const session = new MemorySession(this);
    this.opened.push(session);
    return session;
  }
  async dispose(): Promise<void> {}
}

class MemorySession implements LanguageSession {
  prefix: readonly Piece[] = [];
  prefilled = 0;
  questions: (readonly Piece[])[] = [];
  options: DecodeOptions[] = [];
  disposed = false;
  constructor(readonly language: MemoryLanguage) {}
  async setPrefix(pieces: readonly Piece[]) {
    const positions = this.language.countTokens(pieces);
    const same =
      pieces.length === this.prefix.length &&
      pieces.every((p, i) => {
        const q = this.prefix[i]!;
        return p.kind === "visual" ? q.kind === "visual" && p.embeddings === q.embeddings : q.kind === p.kind && q.text === p.text;
      });
    if (!same) this.prefilled++;
    this.prefix = pieces;
    return { positions, evaluated: same ? 0 : positions, ms: 0 };
  }
  async generate(pieces: readonly Piece[], options: DecodeOptions, onText?: (delta: string) => void, signal?: AbortSignal) {
    this.questions.push(pieces);
    this.options.push(options);
    const other = await this.language.behaviour(this, onText ?? (() => undefined), signal);
    if (other) return other;
    const visual = this.prefix.flatMap((p) => (p.kind === "visual" ? [p.embeddings] : [])).at(-1);
    if (!visual) throw new VqaError("internal", "nothing was shown");
    const text = ` saw ${visual.data[0]}`;
    for (const delta of [" saw", ` ${visual.data[0]}`]) onText?.(delta);
    return { text, tokens: 2, stop: "end" as const, firstTokenMs: 0, totalMs: 0 };
  }
  async score(pieces: readonly Piece[], continuations: readonly string[]) {
    this.questions.push(pieces);
    return continuations.map((text) => ({ logProb: -text.length, tokens: 1 }));
  }
  async dispose(): Promise<void> {
    this.disposed = true;
  }
}

export class MemoryCache implements FeatureCache {
  readonly values = new Map<string, FrameFeatures>();
  async get(key: string) {
    return this.values.get(key);
  }
  async set(key: string, value: FrameFeatures) {
    this.values.set(key, value);
  }
}

export function memoryPack(over: Partial<PackSpec> = {}, language = new MemoryLanguage(), encoder = new MemoryEncoder()) {
  const spec: PackSpec = {
    id: "memory",
    name: "Memory",
    version: "1",
    system: "minigpt4-video",
    systems: ["minigpt4-video"],
    digest: "p1",
    encoderDigest: "e1",
    composer: { name: "minigpt4-video", merge: 4 },
    sampling: { strategy: "uniform", frames: 8, maxFrames: 16 },
    subtitles: { tokenBudget: 100 },
    prompt: MICRO_TEMPLATE,
    ...over,
  };
  const pack: OpenPack = {
    ...{ spec, encoder, projectors: { visual: memoryProjector }, parts: {}, language },
    system: async () => pack,
    dispose: async () => undefined,
  };
  return { pack, language, encoder };
}
