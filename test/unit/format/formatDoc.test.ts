/** Every example of the format's description is what it says it is. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Losses, parse, print, readNotebook, readRecords } from "../../../server/src/format/index.js";
import { repoRoot } from "../../support/repo.js";

const text = readFileSync(join(repoRoot, "server/FORMAT.md"), "utf8");
const examples = [...text.matchAll(/```vqa\n([^]*?)```/g)].map(([, body]) => body as string);

describe("the description of the format", () => {
  it("has examples", () => assert.ok(examples.length >= 6));

  examples.forEach((example, i) => {
    it(`example ${i + 1} is read without a fault and printed as it is`, () => {
      const document = parse(example);
      assert.deepEqual(document.problems.filter(({ severity }) => severity === "error"), []);
      assert.ok(document.blocks.every(({ kind }) => kind !== "opaque"));
      assert.equal(print(document), example);
    });
  });

  const records = (i: number) => readRecords(parse(examples[i] ?? ""), "example", "example", new Losses());

  it("what it says of fields, names and scopes holds", () => {
    const all = examples.map((_, i) => records(i));
    const questions = all.flatMap((notes) => notes.records.filter((record) => record.kind === "question"));
    assert.ok(questions.some(({ fields }) => fields["category_id"] === 14));
    assert.ok(questions.some(({ scope }) => scope.length === 2 && scope[1]?.endMs === 64_000));
    assert.ok(questions.some(({ references }) => references.map(({ author }) => author).join() === "ann,ben"));
    assert.ok(all.some(({ video }) => video === "v_abc"));
    assert.ok(all.some((notes) => notes.records.some((record) => record.kind === "note" && record.text === 'fields {"not": "of a dataset"}')));
    assert.equal(readNotebook(parse(examples[0] ?? "")).questions[1]?.gold[0], 1);
  });
});
