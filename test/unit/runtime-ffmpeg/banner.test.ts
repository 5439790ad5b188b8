import assert from "node:assert/strict";
import { parseBanner, quarterTurn } from "../../../server/src/runtime/ffmpeg/cli/banner.js";

const banner = (...lines: string[]): string => ["[mov @ 0x1] some warning", "Input #0, mov,mp4,m4a, from 'file:a.mp4':", ...lines, "At least one output file must be specified"].join("\n");

describe("the description that ffmpeg prints", () => {
  it("is read", () => {
    const found = parseBanner(
      banner(
        "  Metadata:",
        "    major_brand     : isom",
        "  Duration: 01:02:03.04, start: 1.500000, bitrate: 128 kb/s",
        "  Stream #0:0[0x1](und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(progressive), 160x96 [SAR 1:1 DAR 5:3], 29.97 fps (default)",
        "    Side data:",
        "      displaymatrix: rotation of -90.00 degrees",
        "  Stream #0:1[0x2](eng): Audio: aac (LC) (mp4a / 0x6134706D), 44100 Hz, 5.1(side), fltp, 32 kb/s",
        "  Stream #0:2(ger): Subtitle: ass",
        "    Metadata:",
        "      title           : Deutsch",
        "  Stream #0:3: Attachment: ttf",
        "    Metadata:",
        "      title           : not of the subtitle",
        "  Stream #0:4: Video: png, rgb24(pc), 10x10, 90k tbr (attached pic)",
      ),
    );
    assert.deepEqual(found, {
      container: "mov,mp4,m4a",
      durationMs: 3723040,
      streams: [
        { index: 0, kind: "video", codec: "h264", attachedPicture: false, matrixRotation: -90 },
        { index: 1, kind: "audio", codec: "aac", language: "eng", attachedPicture: false, sampleRate: 44100, channels: 6 },
        { index: 2, kind: "subtitle", codec: "ass", language: "ger", attachedPicture: false, title: "Deutsch" },
        { index: 4, kind: "video", codec: "png", attachedPicture: true },
      ],
    });
  });

  it("is undefined when nothing was opened", () => {
    assert.equal(parseBanner("a.mp4: Invalid data found when processing input\n"), undefined);
  });

  it("does not believe metadata that imitates it", () => {
    const found = parseBanner(
      banner(
        "  Metadata:",
        "    title           : x",
        "                    :   Duration: 09:09:09.00, start: 0.000000",
        "    comment         :   Stream #0:7: Video: fake",
        "  Duration: 00:00:01.00, start: 0.000000, bitrate: 1 kb/s",
        "  Stream #0:0: Video: vp9, yuv420p, 4x4",
      ),
    );
    assert.equal(found?.durationMs, 1000);
    assert.deepEqual(found.streams.map((s) => s.codec), ["vp9"]);
  });

  it("is read in the layout of ffmpeg 4, where a tag may be named like a stream", () => {
    const found = parseBanner(
      banner(
        "  Metadata:",
        "    Stream #0:7: Video: fake: value",
        "  Duration: 00:00:01.00, start: 0.000000, bitrate: 1 kb/s",
        "    Stream #0:0(und): Video: h264 (Main), yuv420p, 4x4",
        "    Metadata:",
        "      Stream #0:8: Video: fake: value",
        "    Stream #0:1(eng): Audio: mp3, 44100 Hz, stereo, fltp",
      ),
    );
    assert.deepEqual(found?.streams.map((s) => `${s.index} ${s.codec} ${s.language}`), ["0 h264 undefined", "1 mp3 eng"]);
  });

  it("leaves out durations that are missing or guessed", () => {
    assert.equal(parseBanner(banner("  Duration: N/A, start: 0.000000, bitrate: N/A"))?.durationMs, undefined);
    const guessed = "[mp3 @ 0x1] Estimating duration from bitrate, this may be inaccurate\n" + banner("  Duration: 00:00:09.00, start: 0.000000, bitrate: 1 kb/s");
    assert.equal(parseBanner(guessed)?.durationMs, undefined);
  });

  it("stops where the description of the output begins", () => {
    const text = banner("  Duration: N/A, start: 0.000000, bitrate: N/A", "  Stream #0:0: Audio: flac, 16000 Hz, mono, s16") + "\nOutput #0, framecrc, to 'pipe:1':\n  Stream #0:0: Audio: flac, 1 Hz, stereo";
    assert.equal(parseBanner(text)?.streams.length, 1);
  });

  it("counts channels", () => {
    const layouts: readonly (readonly [string, number])[] = [
      ["mono", 1], ["stereo", 2], ["2.1", 3], ["5.1", 6], ["7.1(wide)", 8], ["3 channels", 3], ["ambisonic 1", 4], ["5.1.4", 10], ["quad(side)", 4], ["odd", 0],
    ];
    for (const [layout, channels] of layouts) {
      assert.equal(parseBanner(banner("  Duration: N/A, bitrate: N/A", `  Stream #0:0: Audio: aac, 48000 Hz, ${layout}, fltp`))?.streams[0]?.channels, channels, layout);
    }
  });

  it("turns counter-clockwise angles into clockwise quarters", () => {
    assert.deepEqual([-90, 90, 180, -180, 0, -270, 269.9].map(quarterTurn), [90, 270, 180, 180, 0, 270, 90]);
  });
});
