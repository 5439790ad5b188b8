import assert from "node:assert/strict";
import type { Media } from "../../server/src/runtime/ffmpeg/index.js";
import { Corpus } from "../../tools/corpus/make.js";
import { RECIPES } from "../../tools/corpus/recipes.js";
import { score } from "../../tools/corpus/score.js";
import { tempFolder } from "../support/tempFolder.js";
import { checked, DECODERS, decoderWith, mediaWith } from "./support.js";

/** What the committed fixtures do not have; `npm run eval:media` goes through all files. */
const NAMES = ["fragmented.mp4", "no-index.mkv", "deep-b.mp4", "intra-refresh.mp4", "samples-4-3.mp4", "rotated-180.mp4", "odd-size.mkv", "interlaced.mp4", "mpeg2.mpegts", "wraps.mpegts", "mpeg4.avi", "xvid.avi", "edit-list.mov"];
const FRAMES = 7;

describe("files of the corpus", function () {
  this.timeout(120_000);
  const folder = tempFolder(after);
  let corpus: Corpus | undefined;
  const ways: { readonly name: string; readonly media: Media }[] = [];
  before(async function () {
    corpus = await Corpus.open(folder);
    if (!corpus) this.skip();
    for (const decoder of DECODERS) {
      for (const headMs of [undefined, 1000]) {
        const media = await mediaWith(decoder, {}, headMs);
        if (media) ways.push({ name: `${decoder}${headMs === undefined ? "" : ", long"}`, media });
      }
    }
  });
  after(() => Promise.all(ways.map(({ media }) => media.close())));

  for (const [name, decoders] of [["mpeg4.avi", DECODERS], ["mpeg2.mpegts", ["ffmpeg"]]] as const) {
    it(`are not decoded whole when they are long: ${name}`, async function () {
      const recipe = RECIPES.find((each) => each.name === name)!;
      if (corpus!.missing(recipe) !== undefined) this.skip();
      const file = await checked(await corpus!.make({ ...recipe, seconds: 6 }));
      for (const decoder of decoders) {
        const found = await decoderWith(decoder);
        if (!found) continue;
        const [short, long] = [await found.scan(file, Infinity), await found.scan(file, 1000)];
        assert.equal(long.video?.timeline, undefined, decoder);
        assert.ok(short.video?.timeline, decoder);
        assert.deepEqual([long.video?.clock.firstPts, long.video?.clock.endPts], [short.video.clock.firstPts, short.video.clock.endPts], decoder);
        await found.close?.();
      }
    });
  }

  for (const name of NAMES) {
    it(`give the right frames: ${name}`, async function () {
      const recipe = RECIPES.find((each) => each.name === name)!;
      // Shown as skipped: another ffmpeg has other encoders.
      if (corpus!.missing(recipe) !== undefined) this.skip();
      const path = await corpus!.make({ ...recipe, seconds: 6 });
      const truth = await corpus!.truth(path);
      assert.ok(truth.timesMs.length > 80 && truth.numbers.every((n) => n !== undefined), `${truth.timesMs.length} frames`);
      for (const { name: way, media } of ways) {
        const { right, of, wrong } = await score(media, path, truth, FRAMES);
        assert.equal(right, of, `${way}: ${wrong.join("; ")}`);
      }
    });
  }
});
