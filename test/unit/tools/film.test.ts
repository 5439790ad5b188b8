import { strict as assert } from "node:assert";
import { generateFilm } from "../../../tools/clips/film.js";
import { nameOf } from "../../../tools/clips/scene.js";

describe("a film with needles", () => {
  const films = [1, 2, 3].map((seed) => generateFilm({ seed, durationMs: 1_200_000 }));

  it("is covered by its shots, without a gap", () => {
    for (const { shots, durationMs } of films) {
      let at = 0;
      for (const { startMs, scene } of shots) {
        assert.equal(startMs, at);
        at += scene.durationMs;
      }
      assert.equal(at, durationMs);
    }
  });

  it("shows what a question asks for nowhere else", () => {
    for (const { shots, questions, cues } of films) {
      for (const question of questions) {
        const elsewhere = shots.filter(({ startMs, scene }) => startMs >= question.endMs || startMs + scene.durationMs <= question.startMs).flatMap(({ scene }) => scene.things);
        const named = (words: string): boolean => question.text.includes(words);
        if (question.type === "sub_fact") assert.equal(cues.filter(({ text }) => text.includes(question.answer)).length, 1, question.text);
        else if (question.type === "colour") assert.ok(!elsewhere.some(({ shape }) => named(` ${shape}`)), question.text);
        else if (question.type === "shape") assert.ok(!elsewhere.some(({ colour }) => named(`${colour} object`)), question.text);
        else assert.ok(!elsewhere.some((thing) => named(nameOf(thing))), question.text);
      }
      assert.equal(new Set(questions.map(({ type }) => type)).size, 6, "every kind of question");
    }
  });

  it("is the same from the same seed", () => assert.deepEqual(generateFilm({ seed: 2, durationMs: 1_200_000 }), films[1]));
});
