/** Pictures that no wanted one needs are left undecoded; what is wanted must be as if all had been decoded. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";
import { run } from "../../server/src/runtime/ffmpeg/run.js";
import { DEFAULT_LIMITS } from "../../server/src/runtime/ffmpeg/limits.js";
import { loadBinding } from "../../server/src/runtime/ffmpeg/nodeav/binding.js";
import { grabFrom } from "../../server/src/runtime/ffmpeg/nodeav/grab.js";
import { Input } from "../../server/src/runtime/ffmpeg/nodeav/input.js";
import { tempFolder } from "../support/tempFolder.js";
import { checked, mediaWith } from "./support.js";

const FRAMES = 40;
const SIZE = { width: 96, height: 54 };
const RATE = 25;

/** What libx264 is told, and whether pictures of the first group can be spared then to which others refer. */
const ENCODINGS: Readonly<Record<string, readonly [spares: boolean, ...options: readonly string[]]>> = {
  "one reference": [true, "-preset", "veryfast", "-g", "30"],
  "one reference, in slices": [true, "-preset", "veryfast", "-slices", "3", "-g", "30"],
  "one reference, without CABAC": [true, "-preset", "veryfast", "-coder", "vlc", "-g", "30"],
  "temporal direct prediction": [true, "-preset", "veryfast", "-direct-pred", "temporal", "-g", "30"],
  "many B pictures": [true, "-preset", "veryfast", "-bf", "7", "-x264-params", "b-adapt=0:keyint=30"],
  "a strict pyramid": [true, "-preset", "veryfast", "-x264-params", "b-pyramid=strict:b-adapt=0:keyint=30"],
  "weights": [true, "-preset", "medium", "-x264-params", "ref=1:weightp=2:b-adapt=0:keyint=30"],
  "ten bits": [true, "-preset", "veryfast", "-pix_fmt", "yuv420p10le", "-g", "30"],
  "several references": [false, "-preset", "medium", "-g", "30"],
  "open groups": [true, "-preset", "veryfast", "-x264-params", "open-gop=1:keyint=15"],
  "intra refresh": [true, "-preset", "veryfast", "-x264-params", "intra-refresh=1:keyint=15"],
  "fields": [false, "-preset", "veryfast", "-flags", "+ildct+ilme", "-x264-params", "tff=1:keyint=30"],
};

const folder = tempFolder(after);

/** Undefined without an ffmpeg that has libx264. */
async function film(name: string, container: string, options: readonly string[]): Promise<string | undefined> {
  const binary = await resolveFfmpeg(undefined, process.env);
  if (binary === undefined) return undefined;
  const path = join(folder, `${name.replace(/\W/g, "-")}.${container}`);
  const source = `testsrc2=size=192x108:rate=${RATE}:duration=${FRAMES / RATE}`;
  const { code } = await run({ program: binary.path, args: ["-nostdin", "-loglevel", "error", "-y", "-f", "lavfi", "-i", source, "-vf", "noise=alls=25:allf=t,rotate=t", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-threads", "1", ...options, path], maxRunMs: 60_000 });
  return code === 0 ? path : undefined;
}

describe("pictures that no wanted one needs", () => {
  for (const [name, [spares, ...options]] of Object.entries(ENCODINGS)) {
    for (const container of name === "one reference" ? ["mp4", "mkv"] : ["mp4"]) {
      it(`change nothing when they are left out: ${name}, ${container}`, async function () {
        const media = await mediaWith("node-av");
        const path = media && (await film(name, container, options));
        if (media === undefined || path === undefined) return this.skip();
        try {
          const at = (timesMs: readonly number[]) => media.frames.frames({ path, timesMs, ...SIZE, resize: "squash", mode: "exact" });
          const times = Array.from({ length: FRAMES }, (_, i) => (i * 1000) / RATE + 1);
          // All are wanted here, so that all are needed.
          const all = await at(times);
          const differ: number[] = [];
          for (const [i, time] of times.entries()) {
            const [alone] = await at([time]);
            if (alone?.timeMs !== all[i]?.timeMs || Buffer.compare(alone!.rgb, all[i]!.rgb) !== 0) differ.push(i);
          }
          assert.deepEqual(differ, []);
          for (let i = 0; i + 9 < FRAMES; i += 5) {
            const few = await at([times[i]!, times[i + 2]!, times[i + 9]!]);
            assert.ok(few.every(({ rgb }, n) => Buffer.compare(rgb, all[i + [0, 2, 9][n]!]!.rgb) === 0), `${i}, ${i + 2} and ${i + 9}`);
          }
        } finally {
          await media.close();
        }
        assert.equal(await sparesAny(path), spares);
      });
    }
  }
});

/** Whether a decoder is given headers alone on the way to the last picture of the first group. */
async function sparesAny(path: string): Promise<boolean> {
  const { lib, version } = (await loadBinding())!;
  let headers = 0;
  // What only headers come of is not worth to be repaired: that is switched off for them alone.
  class Watched extends lib.CodecContext {
    override setOption(name: string, value: string): number {
      if (name === "ec" && value === "0") headers++;
      return super.setOption(name, value);
    }
  }
  const input = await Input.open({ lib: { ...lib, CodecContext: Watched }, version }, await checked(path), DEFAULT_LIMITS);
  try {
    const stream = input.format.streams[0]!;
    const shown: number[] = [];
    for (let p = await input.read(); p && (shown.length === 0 || !p.isKeyframe); p = await input.read()) shown.push(Number(p.pts));
    const [keyPts, last] = [shown[0]!, Math.max(...shown)];
    const came: number[] = [];
    await grabFrom(input, stream, 1, [{ pts: [last], seekPts: keyPts, keyPts }], SIZE, true, (pts) => void came.push(pts));
    assert.deepEqual(came, [last]);
    return headers > 0;
  } finally {
    input.close();
  }
}
