/**
 * The embedded recogniser through the product's own path: file, decoder, features,
 * onnxruntime. `spoken.mp4` has three sentences of a synthesiser and no subtitles.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { Tensor } from "../../server/src/runtime/onnx/library.js";
import { createPipeline } from "../../server/src/engine/pipeline.js";
import type { SpeechRecogniser } from "../../server/src/engine/ports.js";
import { MemoryFeatureCache } from "../../server/src/runtime/cache/memory.js";
import { openMedia, type Media } from "../../server/src/runtime/ffmpeg/index.js";
import { companionOf } from "../../server/src/runtime/packs/companions.js";
import { openPackSpeech } from "../../server/src/runtime/packs/openCompanions.js";
import { openPack } from "../../server/src/runtime/packs/openPack.js";
import { createSpeechSource } from "../../server/src/runtime/speech/source.js";
import { readWhisperConfig } from "../../server/src/runtime/speech/whisper/config.js";
import { WhisperDecoder } from "../../server/src/runtime/speech/whisper/decoder.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const MICRO = join(repoRoot, "server/models/micro");
const SPOKEN = join(repoRoot, "test/fixtures/speech/spoken.mp4");
const SILENT = join(repoRoot, "test/fixtures/twins/red-circle.mp4");
const ONE = { threads: 1 };

describe("the embedded recogniser", () => {
  const folder = tempFolder(after);
  let media: Media;
  let recogniser: SpeechRecogniser;

  before(async () => {
    media = await openMedia(ONE);
    recogniser = (await openPackSpeech(MICRO, ONE))!;
  });
  after(() => recogniser?.dispose());

  it("writes down what is said, and when, within 0.3 s", async () => {
    const source = createSpeechSource({ audio: media.audio, recogniser });
    const { cues, outcome, language, source: name } = await source.transcribe(await media.frames.probe(SPOKEN), [], []);
    assert.deepEqual([outcome, language, name], ["speech", "en", "speech: whisper-micro"]);
    assert.deepEqual(cues.map((cue) => cue.text), ["My name is Maria.", "We live in London.", "I like to eat soup."]);
    // When espeak-ng begins and ends to sound, measured in the samples.
    for (const [i, [startMs, endMs]] of ([[540, 1450], [3840, 4880], [6550, 7790]] as const).entries()) {
      assert.ok(Math.abs(cues[i]!.startMs - startMs) <= 300 && Math.abs(cues[i]!.endMs - endMs) <= 300, JSON.stringify(cues[i]));
    }
  });

  it("answers a question about a fact that is only said", async () => {
    const pack = await openPack(MICRO, { ...ONE, tempRoot: folder });
    const speech = createSpeechSource({ audio: media.audio, recogniser });
    const parts = { source: media.frames, cues: media.cues, pack, engine: [], now: () => performance.now() };
    const hearing = createPipeline({ ...parts, speech, cache: new MemoryFeatureCache() });
    const deaf = createPipeline({ ...parts, cache: new MemoryFeatureCache() });
    try {
      const question = "What is the name?";
      const heard = await hearing.ask({ video: SPOKEN, question });
      assert.equal(heard.text, "Maria");
      assert.equal(heard.provenance.cueSource, "speech: whisper-micro");
      assert.equal(heard.provenance.cuesUsed.length, 3);
      const off = await hearing.ask({ video: SPOKEN, question, speech: "off" });
      assert.notEqual(off.text, "Maria");
      assert.deepEqual(off.provenance.cuesUsed, []);
      const { notes } = (await deaf.ask({ video: SPOKEN, question })).provenance;
      assert.ok(notes.some((note) => /no speech recogniser/.test(note)), String(notes));
      const silent = await hearing.ask({ video: SILENT, question: "What colour is the object?" });
      assert.equal(silent.text, "red");
      assert.ok(silent.provenance.notes.includes("The video has no sound track: nothing can be heard."));
    } finally {
      await hearing.dispose();
      await deaf.dispose();
      await pack.dispose();
    }
  });

  it("gives the same logits with a cache as without one", async () => {
    const model = (await companionOf("speech", MICRO))!;
    const config = await readWhisperConfig(model);
    const decoder = await WhisperDecoder.open(model, config, 1);
    try {
      const heard = new Tensor("float32", Float32Array.from({ length: 1500 * config.d_model }, (_, i) => Math.sin(i)), [1, 1500, config.d_model]);
      const ids = [config.decoder_start_token_id, 7, 300, 5, 90];
      const whole = await decoder.begin(heard).next(ids);
      const stepwise = decoder.begin(heard);
      await stepwise.next(ids.slice(0, 2));
      for (let i = 2; i < ids.length; i++) {
        const step = await stepwise.next([ids[i]!]);
        const wanted = whole.subarray(i * config.vocab_size, (i + 1) * config.vocab_size);
        const most = step.reduce((max, value, k) => Math.max(max, Math.abs(value - wanted[k]!)), 0);
        assert.ok(most < 1e-3, `token ${i} differs by ${most}`);
      }
    } finally {
      await decoder.dispose();
    }
  });
});
