import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { runningDecoders } from "../../server/src/runtime/ffmpeg/run.js";
import { attempt, complaint } from "../../tools/hostile/attempt.js";
import { CASES } from "../../tools/hostile/cases/index.js";
import { Lures } from "../../tools/hostile/lures.js";
import { tempFolder } from "../support/tempFolder.js";
import { fixture, forEachDecoder } from "./support.js";

/** The files of `npm run eval:hostile` but for those that take seconds or gigabytes. */
forEachDecoder("hostile files", (media) => {
  const folder = tempFolder(after);
  const [film, matroska] = [readFileSync(fixture("bframes.mp4")), readFileSync(fixture("subtitled.mkv"))];
  let lures: Lures;
  before(async () => (lures = await Lures.lay(folder)));
  after(() => lures.close());

  for (const each of CASES) {
    if (each.slow) continue;
    it(`${each.kind}: ${each.name}`, async function () {
      this.timeout(60_000);
      const own = join(folder, "case");
      rmSync(own, { recursive: true, force: true });
      mkdirSync(own);
      const path = await each.make({ folder: own, film, matroska, address: lures.address, lure: (name) => lures.file(join(own, name), film) });
      if (path === undefined) this.skip();
      const outcome = await attempt(media(), path);
      assert.equal(complaint(each, outcome), undefined);
      assert.deepEqual(lures.touched(), []);
      assert.equal(runningDecoders(), 0);
    });
  }

  it("notices when another file is read", () => {
    const lure = lures.file(join(folder, "read.mp4"), film);
    assert.deepEqual(lures.touched(), []);
    lures.file(lure, film);
    readFileSync(lure);
    assert.deepEqual(lures.touched(), lures.watched ? [lure] : []);
  });
});
