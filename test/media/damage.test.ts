import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { VqaError } from "../../server/src/engine/errors.js";
import type { MediaInfo } from "../../server/src/engine/ports.js";
import type { Media } from "../../server/src/runtime/ffmpeg/index.js";
import { mutate } from "../../tools/hostile/mutate.js";
import { random } from "../support/random.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";
import { fixture, forEachDecoder, manifest, mediaWith } from "./support.js";

const CONTAINERS = join(repoRoot, "test/fixtures/containers");
/** What once crashed a decoder, hung or gave nonsense; see its README. */
const FOUND = join(repoRoot, "test/fixtures/damaged");

/** All kinds of containers, and the codecs that go with them. */
const SEEDS: readonly string[] = [...readdirSync(CONTAINERS).sort().map((name) => join(CONTAINERS, name)), ...[...Object.keys(manifest.video), "sound.m4a", "sound-cover.mp3", "subtitled.mkv", "subtitled.mp4"].map(fixture)];

const seed = process.env["VQA_SEED"] === "random" ? Math.floor(Math.random() * 2 ** 31) : Number(process.env["VQA_SEED"] ?? 2026);
/** Files for each decoder, for hunts: `VQA_FUZZ=5000 VQA_SEED=random npx mocha out/test/media/damage.test.js`. */
const rounds = process.env["VQA_FUZZ"] === undefined ? undefined : Number(process.env["VQA_FUZZ"]);
/** No damaged file of a few kilobytes may take this long, on a busy machine either. */
const MAX_MS = 60_000;

/**
 * Files that were damaged, by the same numbers in every run: a crash of a decoder, a hang, an error
 * without a type and a wrong size are failures, of which the file is kept.
 */
forEachDecoder("damaged files", function (media, decoder) {
  const folder = tempFolder(after);
  let long: Media | undefined;
  before(async () => {
    // As a long film: only its ends are read at first.
    long = await mediaWith(decoder, {}, 500);
  });
  after(() => long?.close());
  // A process a call is slow; the binding is not.
  const count = rounds ?? (decoder === "ffmpeg" ? 44 : 264);

  it(`give frames and sound, or a typed error (seed ${seed}, ${count} files)`, async function () {
    this.timeout(Math.max(120_000, count * 5000));
    const next = random(seed);
    const found: string[] = [];
    let [readable, frames] = [0, 0];
    for (let round = 0; round < count; round++) {
      // Every seed has its turn; the binding's files are others than the program's.
      const path = SEEDS[(round + (decoder === "ffmpeg" ? 0 : 1)) % SEEDS.length]!;
      const bytes = mutate(readFileSync(path), next, readFileSync(SEEDS[Math.floor(next() * SEEDS.length)]!));
      const name = `${seed}-${round}-${path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1)}`;
      const damaged = join(folder, name);
      writeFileSync(damaged, bytes);
      try {
        const seen = await look(next() < 0.5 ? media() : long!, damaged);
        readable += seen.readable;
        frames += seen.frames;
      } catch (error) {
        found.push(`${keep(name, bytes)}: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
    assert.deepEqual(found, []);
    // Most of the damage is bearable: the test would be empty if nothing could be opened.
    assert.ok(readable > count / 3 && frames > count, `${readable} readable, ${frames} frames`);
  });

  for (const name of readdirSync(FOUND).filter((each) => each !== "README.md").sort()) {
    it(`give frames and sound, or a typed error: ${name}`, async function () {
      this.timeout(2 * MAX_MS);
      await look(media(), join(FOUND, name));
      await look(long!, join(FOUND, name));
    });
  }
});

async function look(media: Media, path: string): Promise<{ readonly readable: number; readonly frames: number }> {
  let [readable, frames] = [0, 0];
  const signal = AbortSignal.timeout(MAX_MS);
  try {
    const info = await media.frames.probe(path, signal);
    check(info);
    readable++;
    if (info.video) {
      const timesMs = [0, 0.3, 0.31, 0.9].map((part) => part * info.durationMs);
      const found = await media.frames.frames({ path, timesMs, width: 32, height: 32, resize: "crop", mode: "exact" }, signal);
      assert.ok(found.every((f, i) => f.rgb.length === 32 * 32 * 3 && f.timeMs <= timesMs[i]! + 0.001), `frames at ${found.map((f) => f.timeMs).join()} for ${timesMs.join()}`);
      const key = await media.frames.frames({ path, timesMs: [info.durationMs / 2], width: 16, height: 16, resize: "squash", mode: "keyframe" }, signal);
      frames += found.length + key.length;
    }
    await media.audio.pcm16k(path, 0, Math.min(500, info.durationMs), signal);
    await media.cues.cues(info, ["en"], signal);
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    assert.ok(error instanceof VqaError && error.code !== "internal" && error.code !== "worker-crashed", error instanceof Error ? error.stack : String(error));
    assert.ok(!signal.aborted, `it took longer than ${MAX_MS} ms`);
  }
  return { readable, frames };
}

function check(info: MediaInfo): void {
  assert.ok(Number.isFinite(info.durationMs) && info.durationMs >= 0, `it lasts ${info.durationMs}`);
  assert.ok(Number.isFinite(info.startMs), `it begins at ${info.startMs}`);
  if (!info.video) return;
  assert.ok(info.video.width > 0 && info.video.height > 0 && info.video.frameRate.den > 0, JSON.stringify(info.video));
}

/** Where the file stays, to be looked at and to become a fixture. */
function keep(name: string, bytes: Buffer): string {
  const path = join(mkdtempSync(join(tmpdir(), "vqa-fuzz-")), name);
  writeFileSync(path, bytes);
  return path;
}
