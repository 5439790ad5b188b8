import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";
import { vqaError } from "../support/errors.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";
import { checked, decoderWith, fixture, forEachDecoder } from "./support.js";

const ENGLISH = [
  { startMs: 200, endMs: 900, text: "A red circle appears." },
  { startMs: 1000, endMs: 1500, text: "It moves left,\nthen stops & waits." },
];
const GERMAN = [
  { startMs: 200, endMs: 900, text: "Ein roter Kreis, rund." },
  { startMs: 1000, endMs: 1500, text: "Anna: Er geht\nnach links." },
];

forEachDecoder("cues", (media, choice) => {
  const root = tempFolder(after);
  let count = 0;

  /** A copy of a fixture with files beside it, in a folder of its own. */
  async function videoWith(name: string, files: Readonly<Record<string, string | Uint8Array>>) {
    const folder = join(root, String(count++));
    mkdirSync(folder);
    const path = join(folder, `clip${name.slice(name.lastIndexOf("."))}`);
    copyFileSync(fixture(name), path);
    for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
    return media().frames.probe(path);
  }

  const srt = (text: string): string => `1\n00:00:01,000 --> 00:00:02,000\n${text}\n`;
  const textOf = async (info: Awaited<ReturnType<typeof videoWith>>, languages: string[] = ["en"]) => {
    const track = await media().cues.cues(info, languages);
    return track && [track.source, track.cues.map((c) => c.text).join("|")];
  };

  it("come from an embedded stream", async () => {
    const track = await media().cues.cues(await media().frames.probe(fixture("subtitled.mp4")), ["en"]);
    assert.deepEqual(track, { source: "stream 2 (mov_text, eng)", cues: ENGLISH, warnings: [] });
  });

  it("come from the stream of the preferred language", async () => {
    const info = await media().frames.probe(fixture("subtitled.mkv"));
    assert.deepEqual(await media().cues.cues(info, ["en"]), { source: "stream 1 (subrip, eng)", cues: ENGLISH, warnings: [] });
    assert.deepEqual(await media().cues.cues(info, ["fr", "de"]), { source: "stream 2 (ass, ger)", cues: GERMAN, warnings: [] });
    assert.equal((await media().cues.cues(info, ["fr"]))?.source, "stream 1 (subrip, eng)");
  });

  it("are undefined where there are none", async () => {
    assert.equal(await media().cues.cues(await media().frames.probe(fixture("bframes.mp4")), ["en"]), undefined);
  });

  it("come from a file beside the video first, .vtt before .srt before .ass, untagged before tagged", async () => {
    const files: Record<string, string> = { "clip.en.srt": srt("tagged"), "clip.ass": "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,D,,0,0,0,,ass", "clip2.srt": srt("other"), "clip.take2.srt": srt("other") };
    assert.deepEqual(await textOf(await videoWith("subtitled.mp4", files)), ["clip.ass", "ass"]);
    files["clip.ttml"] = '<tt xmlns="http://www.w3.org/ns/ttml"><body><div><p begin="1s" end="2s">ttml</p></div></body></tt>';
    assert.deepEqual(await textOf(await videoWith("subtitled.mp4", files)), ["clip.ass", "ass"]);
    delete files["clip.ass"];
    assert.deepEqual(await textOf(await videoWith("subtitled.mp4", files)), ["clip.ttml", "ttml"]);
    files["clip.ttml"] = "<html></html>";
    const refused = await media().cues.cues(await videoWith("subtitled.mp4", files), ["en"]);
    assert.equal(refused?.source, "clip.en.srt");
    assert.match(refused!.warnings.join(), /clip\.ttml.*is no TTML/);
    files["clip.srt"] = srt("srt");
    assert.deepEqual(await textOf(await videoWith("subtitled.mp4", files)), ["clip.srt", "srt"]);
    files["clip.VTT"] = "WEBVTT\n\n00:01.000 --> 00:02.000\nvtt";
    assert.deepEqual(await textOf(await videoWith("subtitled.mp4", files)), ["clip.VTT", "vtt"]);
  });

  it("come from an .xml file only when it is Timed Text, in UTF-16 too", async () => {
    const tt = '<?xml version="1.0"?>\n<tt:tt xmlns:tt="http://www.w3.org/ns/ttml"><tt:body><tt:div><tt:p begin="1s" dur="25f">Grüße</tt:p></tt:div></tt:body></tt:tt>';
    assert.deepEqual(await textOf(await videoWith("subtitled.mp4", { "clip.xml": Buffer.from(`\ufeff${tt}`, "utf16le") })), ["clip.xml", "Grüße"]);
    const facts = await media().cues.cues(await videoWith("subtitled.mp4", { "clip.xml": "<Camera><Lens/></Camera>" }), ["en"]);
    assert.deepEqual([facts?.source, facts?.warnings], ["stream 2 (mov_text, eng)", []]);
    const binary = await videoWith("bframes.mp4", { "clip.xml": new Uint8Array([1, 0, 2]) });
    assert.equal(await media().cues.cues(binary, ["en"]), undefined);
    const ssa = readFileSync(join(repoRoot, "test/fixtures/convert/old.ssa"));
    assert.deepEqual(await textOf(await videoWith("bframes.mp4", { "clip.ssa": ssa })), ["clip.ssa", "NTP: Loud, and old"]);
  });

  it("of an embedded stream of ASS keep to its own rules: overlaps, layers, soft breaks, drawings", async function () {
    const ffmpeg = await resolveFfmpeg(undefined);
    if (!ffmpeg) this.skip();
    const event = (start: string, end: string, words: string): string => `Dialogue: 0,0:00:0${start},0:00:0${end},Default,Ann,0,0,0,,${words}`;
    const events = [event("0.20", "1.00", "{\\pos(1,2)}one\\ntwo, {\\i1}three"), event("0.50", "1.50", "over"), event("0.50", "1.50", "over"), event("0.50", "1.50", "{\\p1}m 0 0 l 1 1")];
    const head = (wrap: number): string => `[Script Info]\nScriptType: v4.00+\nWrapStyle: ${wrap}\n\n[V4+ Styles]\nFormat: Name, Italic\nStyle: Default,0\n\n[Events]\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n`;
    for (const [wrap, first] of [[0, "Ann: one two, three"], [2, "Ann: one\ntwo, three"]] as const) {
      const folder = join(root, String(count++));
      mkdirSync(folder);
      writeFileSync(join(folder, "in.txt"), head(wrap) + events.join("\n"));
      const path = join(folder, "film.mkv");
      execFileSync(ffmpeg.path, ["-v", "error", "-i", fixture("bframes.mp4"), "-f", "ass", "-i", join(folder, "in.txt"), "-map", "0:v", "-map", "1", "-c:v", "copy", "-c:s", "ass", path]);
      const track = await media().cues.cues(await media().frames.probe(path), ["en"]);
      assert.equal(track?.source, "stream 1 (ass)");
      assert.deepEqual(track.cues.map(({ text }) => text), [first, "Ann: over"]);
      assert.deepEqual(track.cues.map(({ endMs, startMs }) => endMs - startMs), [800, 1000]);
      assert.match(track.warnings.join(), /^1 x drawing left out/);
    }
  });

  it("of an embedded stream of Timed Text are its words, not its markup, where the decoder knows it", async function () {
    const ffmpeg = await resolveFfmpeg(undefined);
    if (!ffmpeg) this.skip();
    const folder = join(root, String(count++));
    mkdirSync(folder);
    writeFileSync(join(folder, "in.txt"), srt("one\ntwo & three"));
    const path = join(folder, "film.mp4");
    execFileSync(ffmpeg.path, ["-v", "error", "-i", fixture("bframes.mp4"), "-f", "srt", "-i", join(folder, "in.txt"), "-map", "0:v", "-map", "1", "-c:v", "copy", "-c:s", "ttml", path]);
    const info = await media().frames.probe(path);
    // Some versions of ffmpeg, such as 5.1, take such a stream for data.
    if (info.subtitles.length === 0) this.skip();
    assert.deepEqual((await media().cues.cues(info, ["en"]))?.cues.map(({ startMs, text }) => [startMs, text]), [[1000, "one\ntwo & three"]]);
  });

  it("come from the tagged file of the preferred language", async () => {
    const files = { "clip.de.srt": srt("deutsch"), "clip.eng.srt": srt("english"), "clip.eng.forced.srt": srt("signs only") };
    const info = await videoWith("bframes.mp4", files);
    assert.deepEqual(await textOf(info, ["en-GB"]), ["clip.eng.srt", "english"]);
    assert.deepEqual(await textOf(info, ["ger"]), ["clip.de.srt", "deutsch"]);
  });

  it("go on to the next track when one is empty or broken, and say so", async () => {
    const info = await videoWith("subtitled.mp4", { "clip.srt": new Uint8Array([1, 0, 2, 0, 3]), "clip.vtt": "WEBVTT\n" });
    const track = await media().cues.cues(info, ["en"]);
    assert.equal(track?.source, "stream 2 (mov_text, eng)");
    assert.equal(track.warnings.length, 2);
    assert.match(track.warnings[0]!, /clip\.vtt holds no cue/);
    assert.match(track.warnings[1]!, /clip\.srt.*not text/);
  });

  it("are an error when all that is there cannot be read", async () => {
    const info = await videoWith("bframes.mp4", { "clip.srt": new Uint8Array([1, 0, 2, 0, 3]) });
    await assert.rejects(media().cues.cues(info, ["en"]), vqaError("subtitles-unreadable", "clip.srt"));
  });

  it("are read in old encodings, with a warning", async () => {
    const latin = Buffer.from(srt("Käse für die Gäste, sagte sie. Dann ging er über die Straße."), "latin1");
    const track = await media().cues.cues(await videoWith("bframes.mp4", { "clip.srt": latin }), ["de"]);
    assert.equal(track?.cues[0]?.text, "Käse für die Gäste, sagte sie. Dann ging er über die Straße.");
    assert.match(track.warnings.join(), /not UTF-8/);
  });

  it("never come from another stream than the one that was named", async () => {
    const decoder = (await decoderWith(choice))!;
    for (const index of [0, 1, 9]) {
      await assert.rejects(decoder.subtitle(await checked(fixture("subtitled.mp4")), { index, codec: "mov_text" }), vqaError("decoder-failed", `stream ${index}`));
    }
  });

  it("are relative to the first frame", async () => {
    const info = await media().frames.probe(fixture("subtitled.mp4"));
    const track = await media().cues.cues({ ...info, startMs: 1200 }, ["en"]);
    assert.deepEqual(track?.cues.map((c) => [c.startMs, c.endMs]), [[0, 300]]);
  });
});
