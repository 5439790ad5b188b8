import assert from "node:assert/strict";
import { lineSplitter } from "../../../server/src/runtime/ffmpeg/cli/lines.js";
import { FramecrcReader, type CrcPacket } from "../../../server/src/runtime/ffmpeg/cli/framecrc.js";
import { PTS_LINE, passthroughArgs } from "../../../server/src/runtime/ffmpeg/cli/args.js";

describe("the packet list of ffmpeg", () => {
  it("is read, in pieces of any size", () => {
    const text = [
      "#extradata 0:       44, 0x3a801044", "#software: Lavf59.27.100", "#tb 0: 1/30000", "#media_type 0: video", "#dimensions 0: 160x96", "#sar 0: 0/1",
      "#tb 1: 1/44100", "#media_type 1: audio", "#sample_rate 1: 44100",
      "0,     -14014,     -12012,     1001,     2875, 0xb2a51556, F=0x5",
      "1,      65092,      65092,     1024,      153, 0x794b415b",
      "0,          0, -9223372036854775808,        1,     5232, 0xe79e36e1",
      "0,     129003,     141015,     3003,      712, 0x02bf5a80, F=0x0, S=1,        1",
      "0,      30750,      31751,     1001,      140, 0x78af49fc, F=0x2",
    ].join("\r\n");
    for (const size of [1, 7, 1000]) {
      const packets: CrcPacket[] = [];
      const reader = new FramecrcReader((p) => packets.push(p));
      const lines = lineSplitter((line) => reader.line(line));
      const bytes = Buffer.from(text);
      for (let i = 0; i < bytes.length; i += size) lines.push(bytes.subarray(i, i + size));
      lines.end();
      assert.deepEqual(reader.streams, [
        { media: "video", timeBase: { num: 1, den: 30000 }, width: 160, height: 96, sar: { num: 1, den: 1 } },
        { media: "audio", timeBase: { num: 1, den: 44100 }, width: 0, height: 0, sar: { num: 1, den: 1 } },
      ]);
      const none = { key: false, damaged: false, discarded: false };
      assert.deepEqual(packets, [
        { ...none, stream: 0, dts: -14014, pts: -12012, duration: 1001, bytes: 2875, key: true, discarded: true },
        { ...none, stream: 1, dts: 65092, pts: 65092, duration: 1024, bytes: 153, key: true },
        { ...none, stream: 0, dts: 0, pts: Number.NaN, duration: 1, bytes: 5232, key: true },
        { ...none, stream: 0, dts: 129003, pts: 141015, duration: 3003, bytes: 712 },
        { ...none, stream: 0, dts: 30750, pts: 31751, duration: 1001, bytes: 140, damaged: true },
      ]);
    }
  });

  it("has timestamps on its side channel", () => {
    assert.equal(PTS_LINE.exec("frame:12   pts:-46001   pts_time:-1.53337")?.[1], "-46001");
    assert.equal(PTS_LINE.exec("vqa=1"), null);
    assert.equal(PTS_LINE.exec("frame:3    pts:NOPTS   pts_time:NOPTS"), null);
  });

  it("keeps times under the option's old and new name", () => {
    for (const version of ["4.4.2-0ubuntu", "5.0.1", "n4.3"]) assert.equal(passthroughArgs(version)[0], "-vsync", version);
    for (const version of ["5.1.9-0+deb12u1", "6.1.1", "n7.1", "8.0", "N-109468-gd39b34123d", "2026-01-01-git"]) assert.equal(passthroughArgs(version)[0], "-fps_mode", version);
  });
});
