/** Exported subtitles as other people's readers see them. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { formatNamed, Losses } from "../../server/src/format/index.js";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";
import { readText, writeAll } from "../support/convert.js";
import { tempFolder } from "../support/tempFolder.js";

/** What makes readers stop in the notebook itself: questions, segments, answers between the cues. */
const NOTES = [
  "VQA 1", "video: v.mp4", "", "STYLE", "::cue { color: lime }", "", "Q q1: What is said?", "A: hello", "", "00:00:05.000 --> 00:00:06.250", "<i>Last</i> &amp; least", "",
  "@ 00:00:01..00:00:02 greets", "", "NOTE a --> b", "", "NOTE", "00:00:01.007 --> 00:00:02.500 align:start", "<v Ann>Hello,", "you --> there", "",
  "RUN 0123abcd", "  model: m", "", "2", "00:00:03.000 --> 00:00:03.001", "Two", "",
].join("\n");

describe("exported subtitles", function () {
  this.timeout(60_000);
  const folder = tempFolder(after);

  for (const name of ["webvtt", "srt"]) {
    it(`ffmpeg reads every cue of ${name}, to the millisecond`, async function () {
      const ffmpeg = await resolveFfmpeg(undefined);
      if (!ffmpeg) this.skip();
      const format = formatNamed(name) ?? assert.fail();
      const path = join(folder, `v${format.extension}`);
      writeFileSync(path, (await writeAll(format, [readText(NOTES)], new Losses()))[""] ?? "");
      const { stdout, stderr } = await promisify(execFile)(ffmpeg.path, ["-v", "warning", "-i", path, "-f", "srt", "-"]);
      assert.equal(stderr, "");
      assert.deepEqual(
        [...stdout.matchAll(/^(\d\d:\S+) --> (\S+)\n([^]*?)\n\n/gm)].map(([, from, to, text = ""]) => [from, to, text.replaceAll("\r", "").replace(/^Ann: /, "").replace("-- >", "-->")]),
        [
          ["00:00:01,007", "00:00:02,500", "Hello,\nyou --> there"],
          ["00:00:03,000", "00:00:03,001", "Two"],
          ["00:00:05,000", "00:00:06,250", "<i>Last</i> & least"],
        ],
      );
    });
  }
});
