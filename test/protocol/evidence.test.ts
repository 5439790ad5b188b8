/** What an answer rests on, as the command line shows it: each frame and each subtitle left out once. */
import assert from "node:assert/strict";
import { join } from "node:path";
import type { Answer } from "../../server/src/engine/answer.js";
import { vqa } from "../support/cli.js";
import { repoRoot } from "../support/repo.js";

const demo = join(repoRoot, "media/demo/shapes.mp4");
const ONE = ["--threads", "1", "--evidence"];

describe("vqa ask --evidence", function () {
  this.timeout(120_000);

  it("shows the time and the words of the subtitle that said it, below the answer", async () => {
    const { code, stdout, stderr } = await vqa(["ask", demo, "What is the code?", ...ONE]);
    assert.equal(code, 0, stderr);
    assert.equal(stdout.trim(), "472");
    assert.match(stderr, /^ +00:04\.\d+\.\.00:07\.\d+ +\d+\.\d+ +the answer was less likely without the subtitle "The code is 472\."$/m);
  });

  it("gives all of it as JSON, the highest score first; without the option there is none", async () => {
    const { stdout } = await vqa(["ask", demo, "What do they eat?", "--json", ...ONE]);
    const { evidence, provenance } = JSON.parse(stdout) as Answer;
    const [frames, cues] = ["frame", "cue"].map((kind) => evidence!.filter((each) => each.kind === kind));
    assert.deepEqual([frames!.length, cues!.length], [provenance.frameTimesMs.length, provenance.cuesUsed.length]);
    assert.deepEqual(evidence!.map(({ score }) => score), evidence!.map(({ score }) => score).sort((a, b) => b - a));
    assert.match(evidence![0]!.why, /without the subtitle ".*soup\."$/);
    for (const { score } of frames!) assert.ok(score < evidence![0]!.score / 2, "what is said rests on what is said");
    const plain = JSON.parse((await vqa(["ask", demo, "What do they eat?", "--json", "--threads", "1"])).stdout) as Answer;
    assert.equal(plain.evidence, undefined);
  });
});
