import assert from "node:assert/strict";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { decoderMissing, installCommand, resolveFfmpeg } from "../../../server/src/runtime/ffmpeg/resolve.js";
import { openMedia } from "../../../server/src/runtime/ffmpeg/index.js";
import { vqaError } from "../../support/errors.js";
import { tempFolder } from "../../support/tempFolder.js";

describe("finding ffmpeg", () => {
  const root = tempFolder(after);

  before(function () {
    // The stand-ins are shell scripts.
    if (process.platform === "win32") this.skip();
  });

  function program(folder: string, body: string): string {
    mkdirSync(join(root, folder), { recursive: true });
    const path = join(root, folder, "ffmpeg");
    writeFileSync(path, `#!/bin/sh\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }
  const says = (version: string): string => `echo "ffmpeg version ${version} Copyright (c) 2000-2026 the FFmpeg developers"`;

  it("takes the setting before the environment before PATH", async () => {
    const [a, b, c] = [program("a", says("1.0")), program("b", says("2.0")), program("c", says("3.0"))];
    const env = { FFMPEG_PATH: b, PATH: join(root, "c") };
    assert.deepEqual(await resolveFfmpeg(a, env), { path: a, version: "1.0", origin: "setting" });
    assert.deepEqual(await resolveFfmpeg(undefined, env), { path: b, version: "2.0", origin: "FFMPEG_PATH" });
    const last = await resolveFfmpeg(undefined, { PATH: join(root, "c") });
    // A packaged ffmpeg, where it is installed, comes before PATH.
    if (last?.origin !== "ffmpeg-static") assert.deepEqual(last, { path: c, version: "3.0", origin: "PATH" });
  });

  it("passes over programs that fail or are something else", async () => {
    const good = program("good", says("4.0"));
    const path = [program("fails", "exit 1"), program("other", "echo hello")].map((p) => join(p, "..")).concat(join(good, "..")).join(delimiter);
    const found = await resolveFfmpeg(undefined, { FFMPEG_PATH: join(root, "nothing"), PATH: path });
    if (found?.origin !== "ffmpeg-static") assert.equal(found?.path, good);
  });

  it("does not search folders relative to the current one", async () => {
    const found = await resolveFfmpeg(undefined, { PATH: [".", "", "node_modules/.bin"].join(delimiter) });
    assert.ok(found === undefined || found.origin === "ffmpeg-static");
  });

  it("gives up on a program that does not answer", async function () {
    this.timeout(60_000);
    const silent = program("silent", "exec sleep 600");
    await assert.rejects(resolveFfmpeg(silent, {}), vqaError("decoder-missing", silent));
  });

  it("says so when the setting does not run", async () => {
    await assert.rejects(resolveFfmpeg(join(root, "nothing"), {}), vqaError("decoder-missing", "nothing"));
    await assert.rejects(openMedia({ ffmpegPath: join(root, "nothing") }), vqaError("decoder-missing", "nothing"));
    await assert.rejects(openMedia({ env: { VQA_DECODER: "vlc" } }), vqaError("invalid-request", "vlc"));
  });

  it("does not fall back to the other decoder when one is asked for", async () => {
    const found = await resolveFfmpeg(undefined, { PATH: "" });
    if (!found) await assert.rejects(openMedia({ decoder: "ffmpeg", env: { PATH: "" } }), vqaError("decoder-missing"));
    else assert.equal(found.origin, "ffmpeg-static");
  });

  it("names the install command of each system", () => {
    const only = (name: string) => (path: string) => path === `/usr/bin/${name}`;
    assert.equal(installCommand("linux", only("apt-get")), "sudo apt-get install ffmpeg");
    assert.equal(installCommand("linux", only("pacman")), "sudo pacman -S ffmpeg");
    assert.match(installCommand("linux", () => false), /ffmpeg\.org/);
    assert.equal(decoderMissing("darwin").next, "Install ffmpeg: brew install ffmpeg");
    assert.equal(decoderMissing("win32").next, "Install ffmpeg: winget install Gyan.FFmpeg");
  });
});
