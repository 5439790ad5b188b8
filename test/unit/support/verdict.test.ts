import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { repoRoot } from "../../support/repo.js";
import { readTally, TALLY_FILE } from "../../support/tally.js";
import { tempFolder } from "../../support/tempFolder.js";
import { verdict, type Outcome } from "../../support/verdict.js";

const mocha: Outcome = { name: "mocha", code: 0, tally: { passed: 10, failed: 0, skipped: 2 }, seconds: 61.7 };
const editor: Outcome = { name: "editor", code: 0, tally: { passed: 5, failed: 0, skipped: 0 }, seconds: 100 };

describe("a run of all suites", () => {
  it("ends with one line that counts all of them", () => {
    assert.deepEqual(verdict([mocha, editor], true), { lines: ["mocha: 10 passed, 0 failed, 2 skipped (1 min 1 s)", "editor: 5 passed, 0 failed, 0 skipped (1 min 40 s)", "15 passed, 0 failed, 2 skipped"], code: 0 });
  });

  it("fails when a test failed, and when a suite broke down before it could count", () => {
    assert.equal(verdict([{ ...mocha, code: 1, tally: { passed: 9, failed: 1, skipped: 2 } }, editor], false).code, 1);
    const broken = verdict([mocha, { ...editor, code: 1, tally: undefined }], false);
    assert.deepEqual([broken.code, ...broken.lines.slice(1)], [1, "editor: did not come to its end, exit code 1 (1 min 40 s)", "10 passed, 1 failed, 2 skipped"]);
    assert.equal(verdict([{ ...mocha, code: 143 }, editor], false).code, 1, "ended by a signal after its last test");
  });

  it("says loudly that there was no editor, and fails where one is required", () => {
    for (const outcomes of [[mocha, { ...editor, code: 3, tally: undefined }], [mocha]]) {
      const { lines, code } = verdict(outcomes, false);
      assert.equal(code, 0);
      assert.match(lines.at(-2) ?? "", /THE EDITOR SUITE WAS LEFT OUT/);
      assert.equal(lines.at(-1), "10 passed, 0 failed, 2 skipped");
      assert.equal(verdict(outcomes, true).code, 1);
    }
  });

  it("gets its numbers from mocha's reporter", () => {
    const folder = tempFolder(after);
    const [test, tally] = [join(folder, "some.test.mjs"), join(folder, "tally.json")];
    writeFileSync(test, 'describe("d", () => { it("a", () => {}); it("b", () => { throw new Error("no"); }); it.skip("c", () => {}); it("e", () => {}); });');
    const { status, stdout } = spawnSync(process.execPath, [join(repoRoot, "node_modules", "mocha", "bin", "mocha.js"), "--no-config", "--reporter", join(repoRoot, "out", "test", "support", "tallyReporter.js"), test], {
      env: { ...process.env, [TALLY_FILE]: tally },
      encoding: "utf8",
    });
    assert.equal(status, 1);
    assert.match(stdout, /2 passing/);
    assert.deepEqual(readTally(tally), { passed: 2, failed: 1, skipped: 1 });
  });
});
