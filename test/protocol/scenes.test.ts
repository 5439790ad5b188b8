import assert from "node:assert/strict";
import { join } from "node:path";
import { vqa } from "../support/cli.js";
import { repoRoot } from "../support/repo.js";

const video = join(repoRoot, "test/fixtures/scenes/cuts.mp4");

describe("vqa scenes", function () {
  this.timeout(60_000);

  it("prints a line a scene", async () => {
    const { code, stdout, stderr } = await vqa(["scenes", video]);
    assert.deepEqual([code, stderr], [0, ""]);
    for (const start of ["00:00:00.000  1.60 s", "00:00:01.600  1.48 s, cut ", "00:00:06.000  2.00 s, cut "]) assert.ok(stdout.includes(start), stdout);
  });

  it("prints JSON, and looks at keyframes only when it should be fast", async () => {
    const { code, stdout } = await vqa(["scenes", video, "--fast", "--json"]);
    assert.equal(code, 0);
    const { cuts } = JSON.parse(stdout) as { cuts: { timeMs: number }[] };
    assert.deepEqual(cuts.map(({ timeMs }) => timeMs), [2000, 4000, 6000]);
  });

  it("says what is wrong with the command line", async () => {
    assert.equal((await vqa(["scenes", video, "--threshold", "0"])).code, 2);
    assert.equal((await vqa(["scenes"])).code, 2);
  });
});
