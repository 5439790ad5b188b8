import assert from "node:assert/strict";
import { withAblations } from "../../../tools/eval/systems/ablations.js";
import { exams } from "../../../tools/eval/systems/set.js";
import { markdown, median, type Result } from "../../../tools/eval/systems/table.js";

interface Pack {
  readonly id: string;
  readonly systems?: readonly { readonly name: string; readonly composer: Readonly<Record<string, unknown>> }[];
}

const result = (system: string, right: boolean): Result => ({ system, right, type: "order", question: "?", wanted: "a", said: "b", promptTokens: right ? 10 : 30, frames: 8, ms: 5, notes: [] });

describe("the comparison of systems", () => {
  it("the same seed gives the same clips, all with sound and subtitles, and other seeds others", () => {
    const [a, b] = [exams(3, 0), exams(3, 0)];
    assert.deepEqual(a, b);
    for (const { scene, questions } of a) {
      assert.ok(scene.tones !== undefined && scene.cues.length > 0);
      assert.ok(questions.some((q) => q.type.startsWith("sound_")) && questions.some((q) => q.type === "sub_fact"));
    }
    assert.notDeepEqual(exams(3, 1), a);
  });

  it("a cell says how often a system was right, and how sure that is; who is worse is shown worse", () => {
    const table = markdown(["good", "bad"], [...Array<Result>(8).fill(result("good", true)), ...Array<Result>(8).fill(result("bad", false))], { clips: 2, seed: "0" });
    assert.ok(table.includes("| order (first, last, before) | 100 [68, 100] | 0 [0, 32] |"), table);
    assert.ok(table.includes("| prompt tokens | 10 | 30 |"), table);
    assert.ok(table.includes("| sound |  |  |"), table);
  });

  it("ablations are systems of the same weights with a part switched off", () => {
    const red = { name: "red-villm", composer: { name: "red-villm", merge: 4 }, sampling: { frames: 16 } };
    assert.deepEqual(withAblations<Pack>({ id: "x", systems: [red] }), {
      id: "x",
      systems: [
        red,
        { ...red, name: "red-villm/spatial", composer: { name: "red-villm", merge: 4, temporal: false } },
        { ...red, name: "red-villm/temporal", composer: { name: "red-villm", merge: 4, spatial: false } },
      ],
    });
    assert.deepEqual(withAblations<Pack>({ id: "y" }), { id: "y", systems: [] });
  });

  it("medians", () => assert.deepEqual([median([3, 1, 2]), median([4, 1]), median([])], [2, 1, 0]));
});
