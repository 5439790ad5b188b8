import assert from "node:assert/strict";
import { generateScene } from "../../../tools/clips/generate.js";
import { questionsOf, type Question } from "../../../tools/clips/questions.js";
import { Random } from "../../../tools/clips/random.js";
import { nameOf, type Scene, type SceneKind } from "../../../tools/clips/scene.js";
import { SOUND_RATE, soundOf, thingsDuring, unheardMs } from "../../../tools/clips/tones.js";

const KINDS: readonly SceneKind[] = ["count", "motion", "sequence"];
const SCENES: readonly Scene[] = KINDS.flatMap((kind) => Array.from({ length: 60 }, (_, seed) => generateScene({ kind, seed, tones: true })));
const asked = (scene: Scene): Question[] => questionsOf(scene, new Random(scene.seed)).filter((q) => q.type.startsWith("sound"));

/** Starts of the eight pieces of two seconds that Video-LLaMA hears. */
const pieces = (durationMs: number): number[] => Array.from({ length: 8 }, (_, i) => (i * (durationMs - 2000)) / 7);

describe("tones", () => {
  it("change nothing else of a scene", () => {
    const { tones, ...rest } = generateScene({ kind: "sequence", seed: 5, tones: true });
    assert.ok(tones);
    assert.deepEqual(rest, generateScene({ kind: "sequence", seed: 5 }));
  });

  it("are none to three, apart from each other and inside the clip", () => {
    const amounts = new Set(SCENES.map((scene) => scene.tones?.length));
    assert.deepEqual([...amounts].sort(), [0, 1, 2, 3]);
    for (const { tones = [], durationMs, seed } of SCENES) {
      for (const [i, tone] of tones.entries()) {
        assert.ok(tone.startMs >= 0 && tone.endMs <= durationMs, String(seed));
        const next = tones[i + 1];
        if (next) assert.ok(next.startMs - tone.endMs >= unheardMs(durationMs) + 700, String(seed));
      }
    }
  });

  it("are heard for 0.4 seconds by one of the eight pieces at least", () => {
    for (const { tones = [], durationMs, seed } of SCENES) {
      for (const { startMs, endMs } of tones) {
        const heard = pieces(durationMs).map((at) => Math.min(endMs, at + 2000) - Math.max(startMs, at));
        assert.ok(Math.max(...heard) >= 399, `${seed}: ${Math.max(...heard)}`);
      }
    }
  });

  it("sound with their own frequency", () => {
    const scene = SCENES.find((each) => each.tones?.length === 1)!;
    const tone = scene.tones![0]!;
    const sound = soundOf(scene);
    assert.equal(sound.length, Math.round((scene.durationMs / 1000) * SOUND_RATE));
    const [from, to] = [tone.startMs, tone.endMs].map((ms) => (ms / 1000) * SOUND_RATE) as [number, number];
    let crossings = 0;
    for (let i = Math.ceil(from) + 1; i < to - 1; i++) crossings += Number(sound[i - 1]! < 0 && sound[i]! >= 0);
    assert.ok(Math.abs(crossings / ((to - from) / SOUND_RATE) - tone.hertz) < tone.hertz * 0.05, `${crossings} ${tone.hertz}`);
  });

  it("are asked for with answers that the scene dictates", () => {
    const types = new Set(SCENES.flatMap(asked).map((q) => q.type));
    assert.deepEqual([...types].sort(), ["sound_count", "sound_first", "sound_heard", "sound_pitch", "sound_screen", "sound_when"]);
    for (const scene of SCENES) {
      const tones = scene.tones ?? [];
      for (const { type, text, answer, timeMs } of asked(scene)) {
        const named = tones.filter((t) => text.includes(`${t.pitch} tone`));
        if (type === "sound_count") assert.equal(answer, String(tones.length));
        if (type === "sound_heard") assert.equal(answer, named.length > 0 ? "yes" : "no");
        if (type === "sound_pitch") assert.deepEqual([answer], tones.map((t) => t.pitch));
        if (type === "sound_first") assert.equal(answer, `the ${tones[0]!.pitch} tone`);
        if (type === "sound_when") assert.deepEqual([timeMs], named.map((t) => t.startMs));
        if (type !== "sound_screen") continue;
        assert.equal(named.length, 1);
        const there = thingsDuring(named[0]!, scene.things)!;
        for (const thing of scene.things) assert.equal(answer.includes(nameOf(thing)), there.includes(thing), `${scene.seed} ${answer}`);
      }
    }
  });

  it("are not asked for where there is no sound track", () => {
    assert.deepEqual(asked(generateScene({ kind: "sequence", seed: 5 })), []);
  });
});
