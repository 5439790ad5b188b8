import assert from "node:assert/strict";
import { copyFor } from "../../../client/preview/playable.js";

const film = (codec: string, ...sounds: readonly string[]) => ({
  video: { index: 0, codec, width: 2, height: 2, frameRate: { num: 25, den: 1 }, rotation: 0 as const },
  audio: sounds.map((sound, i) => ({ index: i + 1, codec: sound, sampleRate: 48000, channels: 2 })),
});

describe("copies for the editor's player", () => {
  it("are made at once where it would play in silence", () => {
    assert.equal(copyFor(film("h264", "aac"), true, "none"), "sound");
    assert.equal(copyFor(film("hevc", "aac"), true, "none"), "all");
    assert.equal(copyFor(film("h264", "aac"), false, "none"), undefined);
    assert.equal(copyFor(film("h264", "mp3"), true, "none"), undefined);
    assert.equal(copyFor(film("h264"), true, "none"), undefined);
  });

  it("cost as little as may do, and all when that did not", () => {
    assert.equal(copyFor(film("h264", "ac3"), false, "original"), "sound");
    assert.equal(copyFor(film("h264", "ac3"), false, "sound"), "all");
    assert.equal(copyFor(film("hevc"), false, "original"), "all");
    assert.equal(copyFor({ audio: [] }, false, "original"), "all");
  });
});
