import assert from "node:assert/strict";
import type { Asked } from "../../../tools/eval/systems/sets/exam.js";
import { LONG } from "../../../tools/eval/systems/sets/minutes.js";
import { DIRECTION, ORDER, REVERSED } from "../../../tools/eval/systems/sets/reversed.js";
import { SHORT } from "../../../tools/eval/systems/sets/short.js";
import { markdown, median, type Result } from "../../../tools/eval/systems/table.js";
import { manifestName, quarters, VARIANTS, withVariants } from "../../../tools/eval/systems/variants.js";

interface Pack {
  readonly id: string;
  readonly encoder?: { readonly tokens: number };
  readonly systems?: readonly { readonly name: string; readonly composer?: Readonly<Record<string, unknown>>; readonly sampling?: Readonly<Record<string, unknown>> }[];
}

const result = (system: string, right: boolean, clip: number): Result => ({
  ...{ system, clip, right, rows: ["order"], type: "order", question: "?", wanted: "a", said: "b" },
  ...{ promptTokens: right ? 10 : 30, visualTokens: 4, frames: 8, ms: 5, notes: [] },
});

describe("the sets of the comparison", () => {
  for (const set of [SHORT, REVERSED, LONG]) {
    it(`${set.name}: the same seed gives the same clips and others give others; every question has a row of the table`, async () => {
      const [a, b, other] = [await set.exams(6, 0), await set.exams(6, 0), await set.exams(6, 1)];
      assert.deepEqual(a, b);
      assert.notDeepEqual(other, a);
      assert.equal(a.length, 6);
      for (const { questions } of a) {
        assert.ok(questions.length > 0);
        for (const { rows } of questions) assert.ok(rows.length > 0 && rows.every((row) => set.rows.includes(row)), String(rows));
      }
    });

    it(`${set.name}: what it compares in pairs is asked`, () => {
      for (const { better, worse, rows } of set.duels) {
        assert.ok(set.systems.includes(better) && set.systems.includes(worse), `${better}, ${worse}`);
        for (const row of rows ?? []) assert.ok(set.rows.includes(row), row);
      }
    });
  }

  it("short and minutes have sound and subtitles", async () => {
    for (const set of [SHORT, LONG]) {
      for (const { scene, questions } of await set.exams(3, 0)) {
        assert.ok(scene.tones !== undefined && scene.cues.length > 0);
        assert.ok(questions.some((q) => q.type.startsWith("sound_")) && questions.some((q) => q.type === "sub_fact"));
      }
    }
  });

  it("twins are asked the same questions, and no answer is right for both", async () => {
    const exams = await REVERSED.exams(40, 0);
    const rows = new Set<string>();
    for (let i = 0; i < exams.length; i += 2) {
      const [one, other] = [exams[i]!.questions, exams[i + 1]!.questions] as [readonly Asked[], readonly Asked[]];
      assert.deepEqual(one.map((q) => q.text), other.map((q) => q.text));
      one.forEach((q, n) => assert.notEqual(q.answer, other[n]!.answer));
      for (const q of one) rows.add(q.rows[0]!);
    }
    assert.deepEqual([...rows].sort(), [DIRECTION, ORDER]);
  });
});

describe("the table of systems", () => {
  const set = { rows: ["order", "sound"], duels: [{ better: "good", worse: "bad", rows: ["order"], about: "being good" }] };
  const results = Array.from({ length: 8 }, (_, clip) => [result("good", true, clip), result("bad", clip === 0, clip)]).flat();

  it("a cell says how often a system was right, and how sure that is; who is worse is shown worse", () => {
    const table = markdown(set, ["good", "bad"], results, { clips: 8, seed: "0" });
    assert.ok(table.includes("| order | 100 [68, 100] | 13 [2, 47] |"), table);
    assert.ok(table.includes("| tokens of the prompt | 10 | 30 |"), table);
    assert.ok(!table.includes("| sound |"), "no question, no row");
  });

  it("pairs are compared question by question, whoever wins", () => {
    const row = (better: string, worse: string): string => markdown({ ...set, duels: [{ better, worse, about: "x" }] }, ["good", "bad"], results, { clips: 8, seed: "0" }).split("\n").at(-1)!;
    // 7 of 8 differ, all to one side: p = 2 / 2^7.
    assert.match(row("good", "bad"), /^\| x: good less bad \| 8 \| \+88 \[\+\d+, \+100\] \| 7 \/ 0 \| 0\.016 \|$/);
    assert.match(row("bad", "good"), /\| -88 \[-100, -\d+\] \| 0 \/ 7 \| 0\.016 \|$/);
  });

  it("medians", () => assert.deepEqual([median([3, 1, 2]), median([4, 1]), median([])], [2, 1, 0]));
});

describe("variants of a pack's systems", () => {
  const red = { name: "red-villm", composer: { name: "red-villm", merge: 4 }, sampling: { frames: 16, maxFrames: 32 } };
  const long = { name: "longvlm", composer: { name: "longvlm", frames: 32, segments: 8, merges: quarters(256, 16), global: 3 }, sampling: { frames: 32, maxFrames: 32 } };
  const pack: Pack = { id: "x", encoder: { tokens: 64 }, systems: [red, long] };
  const made = (name: string): NonNullable<Pack["systems"]>[number] => withVariants(pack, [name]).systems![2]!;

  it("are systems of the same weights with a part switched off", () => {
    assert.deepEqual(made("red-villm/spatial"), { ...red, name: "red-villm/spatial", composer: { ...red.composer, temporal: false } });
    assert.equal(made("longvlm/local").composer!["global"], 0);
    assert.deepEqual(withVariants(pack, ["longvlm", "red-villm"]), pack);
  });

  it("look at more frames at the same number of tokens", () => {
    const { name, composer, sampling } = made("longvlm@320");
    assert.deepEqual([name, manifestName("longvlm@320"), sampling], ["longvlm/frames-320", "longvlm/frames-320", { frames: 320, maxFrames: 320 }]);
    const { frames, segments, merges } = composer as { frames: number; segments: number; merges: number[] };
    assert.deepEqual([frames, segments, 2560 - merges.reduce((a, b) => a + b)], [320, 8, 16]);
    const one = made("longvlm/one-segment@320").composer as { segments: number; merges: number[] };
    assert.deepEqual([one.segments, 320 * 64 - one.merges.reduce((a, b) => a + b)], [1, 128]);
  });

  it("merge a quarter in each step, as the embedded pack does", () => {
    assert.deepEqual(quarters(256, 16), [64, 48, 36, 27, 20, 15, 11, 8, 6, 5]);
    assert.deepEqual(quarters(16, 16), []);
  });

  it("unknown ones are refused", () => {
    for (const name of ["longvlm/nothing", "longvlm@many", "nobody/spatial"]) assert.throws(() => withVariants(pack, [name]), /no variant/);
    assert.ok(VARIANTS.includes("longvlm/one-segment"));
  });
});
