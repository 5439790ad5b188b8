import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { VqaError } from "../../server/src/engine/errors.js";
import type { MediaInfo } from "../../server/src/engine/ports.js";
import { random } from "../support/random.js";
import { tempFolder } from "../support/tempFolder.js";
import { fixture, forEachDecoder, manifest } from "./support.js";

/** Files with bytes overwritten and ends cut off, always the same ones. */
forEachDecoder("damaged files", (media, decoder) => {
  const folder = tempFolder(after);
  const names = [...Object.keys(manifest.video), "sound.m4a", "sound-cover.mp3"];
  // A process a call is slow; the binding is not.
  const rounds = decoder === "ffmpeg" ? 24 : 240;

  it("give frames and sound, or a typed error", async () => {
    const next = random(2026);
    let [readable, frames] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const name = names[Math.floor(next() * names.length)]!;
      const bytes = readFileSync(fixture(name));
      for (let hits = 1 + Math.floor(next() * 12); hits > 0; hits--) bytes[Math.floor(next() * bytes.length)] = Math.floor(next() * 256);
      const path = join(folder, `${round}-${name}`);
      writeFileSync(path, bytes.subarray(0, next() < 0.3 ? 1 + Math.floor(next() * bytes.length) : bytes.length));
      await typed(`${round} ${name}`, async () => {
        const info = await media().frames.probe(path);
        check(info, `${round} ${name}`);
        readable++;
        if (info.video) {
          const timesMs = [0, 0.3, 0.31, 0.9].map((part) => part * info.durationMs);
          const found = await media().frames.frames({ path, timesMs, width: 32, height: 32, resize: "crop", mode: "exact" });
          assert.ok(found.every((f, i) => f.rgb.length === 32 * 32 * 3 && f.timeMs <= timesMs[i]! + 0.001), `${round} ${name}`);
          frames += found.length;
        }
        await media().audio.pcm16k(path, 0, Math.min(500, info.durationMs));
        await media().cues.cues(info, ["en"]);
      });
    }
    // Most of the damage is bearable: the test would be empty if nothing could be opened.
    assert.ok(readable > rounds / 3 && frames > rounds, `${readable} readable, ${frames} frames`);
  });

  function check(info: MediaInfo, what: string): void {
    assert.ok(Number.isFinite(info.durationMs) && info.durationMs >= 0, `${what} lasts ${info.durationMs}`);
    if (!info.video) return;
    assert.ok(info.video.width > 0 && info.video.height > 0 && info.video.frameRate.den > 0, `${what}: ${JSON.stringify(info.video)}`);
  }

  async function typed(what: string, body: () => Promise<void>): Promise<void> {
    try {
      await body();
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.ok(error instanceof VqaError && error.code !== "internal", `${what}: ${error instanceof Error ? error.stack : String(error)}`);
    }
  }
});
