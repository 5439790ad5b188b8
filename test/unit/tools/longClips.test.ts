import assert from "node:assert/strict";
import { Canvas } from "../../../tools/clips/draw.js";
import { generateScene } from "../../../tools/clips/generate.js";
import { generateLong, needleQuestions } from "../../../tools/clips/long.js";
import { Random } from "../../../tools/clips/random.js";
import { reversed } from "../../../tools/clips/reverse.js";
import { nameOf, placeAt, SEEN, type SceneKind } from "../../../tools/clips/scene.js";
import { spelled } from "../../../tools/clips/speak.js";

describe("clips with needles", () => {
  const clips = Array.from({ length: 40 }, (_, seed) => generateLong({ seed, durationMs: 180_000, busy: seed % 2 === 1, pairs: SEEN }));

  it("show two things for one to two seconds, far apart, and the same seed shows the same", () => {
    for (const { needles: [a, b] } of clips) {
      for (const { startMs, endMs } of [a, b]) assert.ok(endMs - startMs >= 1000 && endMs - startMs <= 2001, `${endMs - startMs}`);
      assert.ok(b.startMs - a.endMs > 0.15 * 180_000 && a.startMs > 0 && b.endMs < 180_000);
    }
    assert.deepEqual(generateLong({ seed: 7, durationMs: 180_000, busy: true, pairs: SEEN }), clips[7]);
  });

  it("name every thing by its colour or shape alone, and let nothing lie over another", () => {
    for (const { scene } of clips) {
      const names = [...new Set(scene.things.map(nameOf))];
      assert.equal(new Set(names.map((name) => name.split(" ")[0])).size, names.length);
      assert.equal(new Set(names.map((name) => name.split(" ")[1])).size, names.length);
      for (let t = 0; t < scene.durationMs; t += 250) {
        const spots = scene.things.filter((thing) => t >= thing.startMs && t < thing.endMs).map((thing) => ({ ...placeAt(thing, t), r: thing.radius }));
        for (const [i, a] of spots.entries()) {
          for (const b of spots.slice(i + 1)) assert.ok(Math.hypot((a.x - b.x) * scene.width, (a.y - b.y) * scene.height) > 0.9 * (a.r + b.r) * scene.height, `${scene.seed} at ${t}`);
        }
      }
    }
  });

  it("something crosses the busy ones all the time, and the quiet ones stand still", () => {
    for (const { scene } of clips) {
      const moving = (t: number): boolean => scene.things.some((thing) => thing.direction !== undefined && t >= thing.startMs && t < thing.endMs);
      const times = Array.from({ length: 30 }, (_, i) => i * 6000);
      assert.ok(times.every((t) => moving(t) === (scene.seed % 2 === 1)));
    }
  });

  it("questions are about the needles, and yes is as often right as no", () => {
    const asked = clips.map((clip) => ({ clip, questions: needleQuestions(clip, new Random(clip.scene.seed), SEEN) }));
    for (const { clip: { needles }, questions } of asked) {
      const [first, last] = questions.filter((q) => q.type === "when");
      assert.deepEqual([first!.timeMs, last!.timeMs], needles.map((thing) => thing.startMs));
      const order = questions.find((q) => q.type === "order")!;
      assert.equal(order.answer, `the ${nameOf(needles[order.text.includes("first") ? 0 : 1])}`);
      assert.deepEqual(questions.filter((q) => q.type === "exists").map((q) => q.answer), ["yes", "no"]);
    }
    const said = asked.map(({ questions }) => questions.find((q) => q.type === "order_yes_no")!.answer);
    const yes = said.filter((answer) => answer === "yes").length;
    assert.ok(yes > 8 && yes < 32, `${yes} of ${said.length}`);
  });
});

describe("a clip backwards", () => {
  it("shows the same pictures in the opposite order, and turned around twice the same clip", () => {
    for (const kind of ["motion", "sequence"] as const satisfies readonly SceneKind[]) {
      for (const seed of [1, 2, 3, 4]) {
        const scene = generateScene({ kind, seed, subtitles: false });
        const twin = reversed(scene);
        const [forth, back] = [new Canvas(scene), new Canvas(twin)];
        const frames = Math.round((scene.durationMs / 1000) * scene.fps);
        for (let i = 0; i < frames; i += 7) {
          const [a, b] = [forth.frame((i * 1000) / scene.fps), back.frame(((frames - 1 - i) * 1000) / scene.fps)];
          const far = a.reduce((most, v, at) => Math.max(most, Math.abs(v - b[at]!)), 0);
          // Sums of the same numbers in another order may move an edge's shade by a step.
          assert.ok(far <= 16, `${kind} ${seed} frame ${i}: ${far}`);
        }
        assert.deepEqual(reversed(twin).things.map((t) => t.direction), scene.things.map((t) => t.direction));
      }
    }
  });

  it("turns directions and the order of appearance around", () => {
    const motion = generateScene({ kind: "motion", seed: 1, subtitles: false });
    const opposite = { left: "right", right: "left", up: "down", down: "up" } as const;
    assert.deepEqual(reversed(motion).things.map((t) => t.direction), motion.things.map((t) => t.direction && opposite[t.direction]));
  });
});

it("codes are said letter by letter", () => assert.equal(spelled("K4-12"), "K four dash one two"));
