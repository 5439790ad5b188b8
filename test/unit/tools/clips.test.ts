import assert from "node:assert/strict";
import { Canvas, inside } from "../../../tools/clips/draw.js";
import { generateScene } from "../../../tools/clips/generate.js";
import { clock, questionsOf, type Question } from "../../../tools/clips/questions.js";
import { Random } from "../../../tools/clips/random.js";
import { COLOURS, HELD_OUT, nameOf, placeAt, SEEN, SHAPES, type Scene, type SceneKind, type Thing } from "../../../tools/clips/scene.js";
import { srt } from "../../../tools/clips/subtitles.js";
import { exams } from "../../../tools/eval/set.js";

const KINDS: readonly SceneKind[] = ["count", "motion", "sequence"];
const SCENES: readonly Scene[] = KINDS.flatMap((kind) => Array.from({ length: 60 }, (_, seed) => generateScene({ kind, seed })));

describe("Random", () => {
  it("repeats for a seed and differs for another", () => {
    const draw = (seed: number): number[] => { const random = new Random(seed); return Array.from({ length: 5 }, () => random.next()); };
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });

  it("is even over its range, and int holds both ends", () => {
    const random = new Random(1);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) bins[Math.floor(random.next() * 10)]!++;
    for (const count of bins) assert.ok(count > 880 && count < 1120, bins.join(" "));
    const ints = new Set(Array.from({ length: 200 }, () => random.int(1, 3)));
    assert.deepEqual([...ints].sort(), [1, 2, 3]);
  });

  it("shuffles without losing anything", () => {
    const items = Array.from({ length: 30 }, (_, i) => i);
    const shuffled = new Random(3).shuffle(items);
    assert.notDeepEqual(shuffled, items);
    assert.deepEqual([...shuffled].sort((a, b) => a - b), items);
  });
});

describe("scenes", () => {
  it("leave out exactly the held-out combinations", () => {
    assert.equal(SEEN.length + HELD_OUT.length, COLOURS.length * SHAPES.length);
    const drawn = new Set(SCENES.flatMap((scene) => scene.things.map(nameOf)));
    for (const [colour, shape] of HELD_OUT) assert.ok(!drawn.has(`${colour} ${shape}`), `${colour} ${shape}`);
  });

  it("are the same for the same seed", () => {
    assert.deepEqual(generateScene({ kind: "sequence", seed: 5 }), generateScene({ kind: "sequence", seed: 5 }));
    assert.notDeepEqual(generateScene({ kind: "sequence", seed: 5 }), generateScene({ kind: "sequence", seed: 6 }));
  });

  it("keep every object inside the picture and apart from the others", () => {
    for (const scene of SCENES) {
      for (let t = 0; t <= scene.durationMs; t += scene.durationMs / 10) {
        const there = scene.things.filter((thing) => t >= thing.startMs && t < thing.endMs);
        const spots = there.map((thing) => ({ x: placeAt(thing, t).x * scene.width, y: placeAt(thing, t).y * scene.height, r: thing.radius * scene.height }));
        for (const { x, y, r } of spots) assert.ok(x >= r && x <= scene.width - r && y >= r * 0.9 && y <= scene.height - r * 0.9, `${scene.kind} ${scene.seed} ${x} ${y} ${r}`);
        for (const [i, a] of spots.entries()) {
          for (const b of spots.slice(i + 1)) assert.ok(Math.hypot(a.x - b.x, a.y - b.y) > 0.9 * (a.r + b.r), `${scene.kind} ${scene.seed} overlaps`);
        }
      }
    }
  });

  it("show everything long enough to fall on one of eight frames at least", () => {
    for (const scene of SCENES) {
      const frames = Array.from({ length: 8 }, (_, i) => ((i + 0.5) * scene.durationMs) / 8);
      for (const thing of scene.things) assert.ok(frames.some((t) => t >= thing.startMs && t < thing.endMs), `${scene.kind} ${scene.seed} ${nameOf(thing)}`);
    }
  });

  it("move across most of the picture, in the direction they say", () => {
    const moving = SCENES.flatMap((scene) => scene.things).filter((thing) => thing.direction !== undefined);
    assert.ok(moving.length > 30);
    for (const { from, to, direction } of moving) {
      const along = { right: to.x - from.x, left: from.x - to.x, down: to.y - from.y, up: from.y - to.y }[direction ?? "up"];
      assert.ok(along >= 0.5, `${direction} ${along}`);
    }
  });

  it("have cues in order, within the clip, one at a time", () => {
    const spoken = SCENES.filter((scene) => scene.cues.length > 0);
    assert.ok(spoken.length > 50 && spoken.length < SCENES.length);
    for (const { cues, durationMs, facts } of spoken) {
      for (const [i, cue] of cues.entries()) assert.ok(cue.startMs < cue.endMs && cue.endMs <= (cues[i + 1]?.startMs ?? durationMs));
      for (const fact of facts) assert.equal(cues.filter((cue) => cue.text.includes(fact.answer)).length, 1, fact.answer);
    }
  });
});

describe("the canvas", () => {
  it("tells shapes apart by what is inside", () => {
    const at = (x: number, y: number): string => SHAPES.filter((shape) => inside(shape, x, y)).join(" ");
    assert.equal(at(0, 0), "circle square triangle star cross");
    assert.equal(at(0, -0.97), "circle triangle star cross ring");
    assert.equal(at(0.85, 0.85), "square");
    assert.equal(at(-0.72, 0), "circle square cross ring");
    assert.equal(at(0.5, 0.5), "circle square triangle star ring");
    assert.equal(at(-0.5, -0.5), "circle square ring");
    assert.equal(at(0, 0.7), "circle square triangle cross ring");
    assert.equal(at(0, 1.2), "");
  });

  it("gives a star five equal points", () => {
    for (let k = 0; k < 5; k++) {
      const [tip, notch] = [(k * 2 * Math.PI) / 5, ((k + 0.5) * 2 * Math.PI) / 5];
      assert.ok(inside("star", 0.98 * Math.sin(tip), -0.98 * Math.cos(tip)), `tip ${k}`);
      assert.ok(!inside("star", 0.5 * Math.sin(notch), -0.5 * Math.cos(notch)), `notch ${k}`);
      assert.ok(inside("star", 0.35 * Math.sin(notch), -0.35 * Math.cos(notch)), `middle ${k}`);
    }
  });

  it("paints an object in its colour where it is, and the background where it is not", () => {
    const thing: Thing = { colour: "red", shape: "circle", radius: 0.15, from: { x: 0.25, y: 0.5 }, to: { x: 0.75, y: 0.5 }, startMs: 0, endMs: 1000, direction: "right" };
    const scene: Scene = { kind: "motion", seed: 1, width: 160, height: 120, fps: 10, durationMs: 1000, things: [thing], cues: [], facts: [] };
    const canvas = new Canvas(scene);
    const pixel = (rgb: Uint8Array, x: number, y: number): number[] => [...rgb.subarray((y * 160 + x) * 3, (y * 160 + x) * 3 + 3)];
    const [first, last] = [canvas.frame(0), canvas.frame(999)];
    for (const [r, g, b] of [pixel(first, 40, 60), pixel(last, 120, 60)]) assert.ok(r! > 190 && g! < 60 && b! < 60, `${r} ${g} ${b}`);
    for (const rgb of [pixel(first, 120, 60), pixel(last, 40, 60)]) assert.ok(Math.max(...rgb) < 110, rgb.join(" "));
    // The edge is a mixture, not a stair.
    const mixed = Array.from({ length: 160 * 120 }, (_, i) => first[i * 3]!).filter((v) => v > 110 && v < 190);
    assert.ok(mixed.length > 30 && mixed.length < 200, String(mixed.length));
  });
});

describe("questions", () => {
  const all = SCENES.flatMap((scene) => questionsOf(scene, new Random(scene.seed)).map((question) => ({ scene, question })));

  /** A second opinion, written from the question's words alone. */
  function reread(scene: Scene, { text }: Question): string | undefined {
    const { things } = scene;
    const named = (phrase: string): Thing[] => things.filter((t) => new RegExp(`\\b${t.colour} ${t.shape}\\b`).test(phrase));
    if (/^How many (objects|shapes)/.test(text)) return String(things.length);
    const many = /^How many (\w+)/.exec(text)?.[1];
    if (many !== undefined) return String(things.filter((t) => t.colour === many || (many.startsWith(t.shape) && many.length > t.shape.length)).length);
    if (/\bbefore\b|\bafter\b/.test(text)) {
      const [a, b] = text.split(/\bbefore\b|\bafter\b/).map((part) => named(part)[0] as Thing) as [Thing, Thing];
      return a.startMs < b.startMs === /\bbefore\b/.test(text) ? "yes" : "no";
    }
    if (/^Which appears/.test(text)) {
      const two = named(text).sort((a, b) => a.startMs - b.startMs);
      return `the ${nameOf((/appears first/.test(text) ? two[0] : two[1]) as Thing)}`;
    }
    if (/^(Is there|Does an? .* appear\?|Can you see)/.test(text)) return named(text).length > 0 ? "yes" : "no";
    const colour = /colour/.test(text) ? things.filter((t) => text.includes(t.shape)) : [];
    if (colour.length > 0) return colour.length === 1 ? colour[0]?.colour : "two things are meant";
    const shape = /shape/.test(text) ? things.filter((t) => text.includes(`${t.colour} object`)) : [];
    if (shape.length > 0) return shape.length === 1 ? shape[0]?.shape : "two things are meant";
    return undefined;
  }

  it("have the answer that the scene dictates, and one only", () => {
    let checked = 0;
    for (const { scene, question } of all) {
      const answer = reread(scene, question);
      if (answer === undefined) continue;
      checked++;
      assert.equal(question.answer, answer, `${scene.kind} ${scene.seed}: ${question.text}`);
    }
    assert.ok(checked > 400, String(checked));
  });

  it("come in every type", () => {
    assert.equal(new Set(all.map(({ question }) => question.type)).size, 16);
  });

  it("name times by the second that they lie in", () => {
    assert.deepEqual([0, 999, 61_000, 599_999].map(clock), ["00:00", "00:00", "01:01", "09:59"]);
  });
});

describe("the examination", () => {
  it("draws every kind of clip with seen and with held-out combinations, each clip once", () => {
    const set = exams(63, 0);
    assert.equal(new Set(set.map((exam) => `${exam.split} ${exam.scene.kind}`)).size, 6);
    assert.equal(new Set(set.map((exam) => exam.scene.seed)).size, 63);
    assert.equal(set.filter((exam) => exam.split === "held-out").length, 21);
    const held = new Set(HELD_OUT.map((pair) => pair.join(" ")));
    for (const { split, scene } of set) for (const thing of scene.things) assert.equal(held.has(nameOf(thing)), split === "held-out");
  });

  it("shares no clip between two seeds", () => {
    const first = new Set(exams(500, 0).map((exam) => exam.scene.seed));
    assert.ok(exams(500, 1).every((exam) => !first.has(exam.scene.seed)));
  });
});

describe("SubRip text", () => {
  it("is written with hours, commas and blank lines", () => {
    const text = srt([{ startMs: 0, endMs: 1500, text: "One." }, { startMs: 3_661_001, endMs: 3_662_000, text: "Two." }]);
    assert.equal(text, "1\n00:00:00,000 --> 00:00:01,500\nOne.\n\n2\n01:01:01,001 --> 01:01:02,000\nTwo.\n");
  });
});
