/** `vqa import` and `vqa export`, as their users start them. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createWriteStream, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { FORMATS, IMPORT_FORMATS } from "../../server/src/format/index.js";
import { start, vqa } from "../support/cli.js";
import { until } from "../support/processes.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const fixture = (name: string): string => join(repoRoot, "test/fixtures/convert", name);

interface Loss {
  readonly code: string;
  readonly count: number;
}
const lossesOf = (stdout: string): Record<string, number> => Object.fromEntries((JSON.parse(stdout) as { leftOut: Loss[] }).leftOut.map(({ code, count }) => [code, count]));

describe("import and export", function () {
  this.timeout(120_000);
  const root = tempFolder(after);
  let folder: string;
  let n = 0;
  const at = (name: string): string => join(folder, name);
  const text = (name: string): string => readFileSync(at(name), "utf8");
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await vqa(args, { cwd: folder });
    assert.equal(code, 0, stderr);
    return stdout;
  };
  beforeEach(() => mkdirSync((folder = join(root, String(++n)))));

  it("WebVTT comes back as it was, besides the layout of its notes and times", async () => {
    assert.equal((await ok("import", fixture("talk.vtt"))).trim(), at("talk.vqa"));
    const out = await ok("export", "talk.vqa", "--format", "webvtt-styled");
    const short = (vtt: string): string => vtt.replaceAll("00:01.000 --> 00:02.500", "00:00:01.000 --> 00:00:02.500").replaceAll("00:00:00:", "00:00:");
    assert.equal(out, short(readFileSync(fixture("talk.vtt"), "utf8")));
    // Styles are left out unless asked for, and that is told.
    assert.deepEqual(lossesOf(await ok("export", "talk.vqa", "--out", "plain.vtt", "--json")), { styles: 2 });
    assert.equal(text("plain.vtt"), out.replace(/STYLE[^]*(?=NOTE)/, ""));
  });

  it("SubRip is read with its bold and italic, and says what else it had", async () => {
    const out = await ok("import", fixture("talk.srt"), "--json");
    assert.deepEqual(lossesOf(out), { styling: 2, "blank-lines": 1 });
    assert.match(text("talk.vqa"), /^00:00:01\.000 --> 00:00:02\.500\n<i>Salt<\/i> &amp; pepper, I &lt;3 it\.\n\n00:00:03\.250 --> 00:00:04\.001\nHere\.\nstill here\n$/m);
    assert.equal(await ok("export", "talk.vqa", "--format", "srt"), "1\n00:00:01,000 --> 00:00:02,500\n<i>Salt</i> & pepper, I <3 it.\n\n2\n00:00:03,250 --> 00:00:04,001\nHere.\nstill here\n");
  });

  it("subtitles of a notebook are subtitles and nothing else, and what stays behind is told", async () => {
    writeFileSync(at("n.vqa"), "VQA 1\nvideo: v.mp4\nmodel: micro\n\n# Part\n\n@ 00:00:01..00:00:02 stirs\n\nQ q1: What?\nA: this\n\n00:00:05.000 --> 00:00:06.000\nlate\n\n00:00:01.000 --> 00:00:02.000\nearly --> or not\n");
    assert.deepEqual(lossesOf(await ok("export", "n.vqa", "--format", "webvtt", "--out", "n.vtt", "--json")), { header: 1, headings: 1, segments: 1, questions: 1 });
    assert.equal(text("n.vtt"), "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\nearly --&gt; or not\n\n00:00:05.000 --> 00:00:06.000\nlate\n");
    const { stderr } = await vqa(["export", "n.vqa", "--format", "srt"], { cwd: folder });
    assert.match(stderr, /^vqa: not carried over: 1 x question\n {7}n\.vqa: What\?$/m);
  });

  it("Parquet holds the rows of a dataset, and is read as that dataset", async () => {
    await ok("import", fixture("msrvtt.json"), "--out", "notes");
    const names = readdirSync(at("notes")).map((name) => join("notes", name));
    await ok("export", ...names, "--format", "msrvtt-qa", "--out", "all.parquet");
    assert.equal(readFileSync(at("all.parquet")).subarray(0, 4).toString(), "PAR1");
    assert.deepEqual(lossesOf(await ok("import", "all.parquet", "--out", "back", "--json")), {});
    for (const name of names) assert.equal(text(name.replace("notes", "back")), text(name));
    // Lists and objects come back too.
    await ok("export", ...names, "--format", "jsonl", "--out", "own.parquet");
    await ok("export", ...names, "--format", "jsonl", "--out", "own.jsonl");
    await ok("import", "own.parquet", "--out", "third");
    await ok("export", ...readdirSync(at("third")).map((name) => join("third", name)), "--format", "jsonl", "--out", "again.jsonl");
    assert.equal(text("again.jsonl"), text("own.jsonl"));
    const { code, stderr } = await vqa(["export", ...names, "--format", "activitynet-qa", "--out", "no.parquet"], { cwd: folder });
    assert.deepEqual([code, /cannot be written as Parquet|files/.test(stderr)], [2, true], stderr);
    writeFileSync(at("bad.parquet"), "no such thing");
    const bad = await vqa(["import", "bad.parquet"], { cwd: folder });
    assert.deepEqual([bad.code, /bad\.parquet cannot be read as Parquet/.test(bad.stderr)], [3, true], bad.stderr);
    assert.deepEqual(readdirSync(folder).filter((name) => name.startsWith(".")), []);
  });

  it("JSON lines hold a notebook whole, answers of models with their runs too", async () => {
    const notes = [
      "VQA 1", "video: kitchen.mp4", "model: micro", "", "# Searing", "", "@ 00:00:04.200..00:00:12.500 puts butter in", "",
      "Q q1: What goes in?", "A ann: a knob of butter", "M 5f3a9c21 8c1e2f7a0b1d t=812ms: Butter.", "",
      "Q q2 @00:00:09.000..00:00:21.000, 00:00:30.000: Why", "  does he tilt it?", "  - [ ] to drain", "  - [x] to baste", "",
      "RUN 5f3a9c21", "  date: 2026-10-23T10:11:12Z", "  decode: temperature=0", "",
    ].join("\n");
    writeFileSync(at("kitchen.vqa"), notes);
    await ok("export", "kitchen.vqa", "--out", "all.jsonl");
    const first = JSON.parse(text("all.jsonl").split("\n").find((line) => line.includes("What goes in?")) ?? "") as unknown;
    assert.deepEqual(first, {
      video: "kitchen.mp4",
      id: "q1",
      scope: [{ startMs: 4200, endMs: 12500 }],
      question: "What goes in?",
      references: [{ author: "ann", text: "a knob of butter" }],
      answers: [{ text: "Butter.", run: "5f3a9c21", input: "8c1e2f7a0b1d", fields: { t: "812ms" }, made: { date: "2026-10-23T10:11:12Z", decode: "temperature=0" } }],
    });
    assert.deepEqual(lossesOf(await ok("import", "all.jsonl", "--out", "back", "--json")), {});
    // The inherited scope is written out: it must not depend on what stands above.
    assert.equal(text("back/kitchen.vqa"), notes.replace("Q q1:", "Q q1 @00:00:04.200..00:00:12.500:"));
  });

  it("a dataset of two files is written as two files, however an export is named", async () => {
    await ok("import", fixture("gqa.csv"), fixture("gqa_gsub.json"));
    assert.equal(await ok("export", "10001787725.vqa", "--format", "next-gqa", "--out", "val.csv"), `${at("val.csv")}\n${at("val_gsub.json")}\n`);
    assert.equal(text("val.csv"), readFileSync(fixture("gqa.csv"), "utf8"));
    await ok("import", fixture("anet_q.json"), fixture("anet_a.json"));
    assert.equal(await ok("export", "xyz.vqa", "--format", "activitynet-qa", "--out", "v_a.json"), `${at("v_q.json")}\n${at("v_a.json")}\n`);
    const { code, stderr } = await vqa(["export", "xyz.vqa", "--format", "activitynet-qa"], { cwd: folder });
    assert.equal(code, 2);
    assert.match(stderr, /is of 2 files: say where with --out/);
  });

  it("subtitles of several notebooks go into a folder, one file each", async () => {
    for (const name of ["a", "b"]) writeFileSync(at(`${name}.vqa`), `VQA 1\nvideo: ${name}.mp4\n\n00:00:01.000 --> 00:00:02.000\n${name}\n`);
    mkdirSync(at("subs"));
    await ok("export", "a.vqa", "b.vqa", "--format", "srt", "--out", "subs");
    assert.deepEqual(readdirSync(at("subs")).sort(), ["a.srt", "b.srt"]);
    assert.equal(text("subs/b.srt"), "1\n00:00:01,000 --> 00:00:02,000\nb\n");
    assert.equal((await vqa(["export", "a.vqa", "b.vqa", "--format", "srt"], { cwd: folder })).code, 2);
  });

  it("subtitles with layout are read in any encoding, and what was lost is said; they are not written", async () => {
    const ass = readFileSync(join(repoRoot, "test/fixtures/convert/talk.ass"), "utf8").replace(/^Dialogue: 0,soon.*\n/m, "");
    writeFileSync(at("talk.ass"), Buffer.from(`\ufeff${ass}`, "utf16le"));
    mkdirSync(at("layout"));
    const { code, stdout, stderr } = await vqa(["import", "talk.ass", "--out", "layout"], { cwd: folder });
    assert.equal(code, 0, stderr);
    assert.match(stdout, /[\\/]talk\.vqa$/m);
    assert.match(text("layout/talk.vqa"), /00:00:02\.000 --> 00:00:03\.000\n<i>Is 1 &lt; 2\?/);
    for (const said of [/styling/, /drawing/, /several layers/]) assert.match(stderr, said);
    assert.equal((await vqa(["export", "layout/talk.vqa", "--format", "ass"], { cwd: folder })).code, 2);
  });

  it("the help names every format", async () => {
    for (const command of ["import", "export"]) {
      const help = await ok(command, "--help");
      for (const { name } of command === "import" ? IMPORT_FORMATS : FORMATS) assert.match(help, new RegExp(`^  ${name} `, "m"));
    }
  });

  it("stops at Ctrl-C and leaves nothing behind", async function () {
    // Windows has no such signal between processes.
    if (process.platform === "win32") this.skip();
    const file = createWriteStream(at("long.jsonl"));
    for (let i = 0; i < 300_000; i++) if (!file.write(`{"video":"v${i % 50}","question":"what is number ${i}"}\n`)) await once(file, "drain");
    file.end();
    await finished(file);
    const running = start(["import", "long.jsonl", "--out", "out"], { cwd: folder });
    await until(() => existsSync(at("out")) && readdirSync(at("out")).length > 0, { what: "the first notebook", of: [running] });
    running.child.kill("SIGINT");
    assert.equal((await running.ended).code, 130);
    assert.deepEqual(readdirSync(at("out")), []);
  });

  it("replaces nothing unless told to, and leaves no trace of what it did not do", async () => {
    writeFileSync(at("talk.vqa"), "mine");
    const refused = await vqa(["import", fixture("talk.vtt")], { cwd: folder });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /talk\.vqa exists already; nothing was written\.\n {5}.*--force/);
    assert.equal(text("talk.vqa"), "mine");
    await ok("import", fixture("talk.vtt"), "--force");
    assert.match(text("talk.vqa"), /^VQA 1\n/);
    writeFileSync(at("talk.vtt"), "mine");
    assert.equal((await vqa(["export", "talk.vqa", "--out", "talk.vtt"], { cwd: folder })).code, 2);
    assert.equal(text("talk.vtt"), "mine");
    await ok("export", "talk.vqa", "--out", "talk.vtt", "--force");
    assert.match(text("talk.vtt"), /^WEBVTT/);
    assert.deepEqual(readdirSync(folder).sort(), ["talk.vqa", "talk.vtt"]);
  });

  it("names the video that lies in the folder of the videos", async () => {
    mkdirSync(at("films"));
    mkdirSync(at("notes"));
    writeFileSync(at("films/talk.mkv"), "");
    await ok("import", fixture("talk.vtt"), "--videos", "films", "--out", "notes");
    assert.match(text("notes/talk.vqa"), /^video: \.\.\/films\/talk\.mkv$/m);
    const { stderr } = await vqa(["import", fixture("talk.vtt"), "--videos", "notes", "--out", "other"], { cwd: folder });
    assert.match(stderr, /1 of the videos are not in notes, such as talk\./);
  });

  it("writes no file outside of its folder, whatever a video is called", async () => {
    const names = ["../../evil", "a/b.mp4", "CON", "", "..", "a\u0000b", "x".repeat(400), "b.webm", "B"];
    writeFileSync(at("q.jsonl"), names.map((video) => JSON.stringify({ video, question: "What?" })).join("\n"));
    await ok("import", "q.jsonl", "--out", "in/here");
    assert.deepEqual(readdirSync(at("in")), ["here"]);
    assert.equal(readdirSync(at("in/here")).length, names.length);
    for (const name of readdirSync(at("in/here"))) assert.match(name, /^[^.].*\.vqa$/);
    assert.equal(existsSync(join(root, "evil.vqa")), false);
  });

  it("keeps what can be read of a damaged file, and refuses one that is cut", async () => {
    writeFileSync(at("q.jsonl"), '{"video":"v","question":"One?"}\nnot json\n{"video":"v"}\n{"video":"v","question":"Two?"}\n');
    const { code, stderr } = await vqa(["import", "q.jsonl"], { cwd: folder });
    assert.equal(code, 1, "a part is missing");
    assert.match(stderr, /2 x record that cannot be read\n {7}q\.jsonl:2: it is not JSON\n {7}q\.jsonl, record 3: "question" is missing/);
    assert.match(text("v.vqa"), /Q: One\?\n\nQ: Two\?/);
    rmSync(at("v.vqa"));
    writeFileSync(at("q.json"), '[{"video":"v","question":"One?"},');
    const cut = await vqa(["import", "q.json", "--format", "jsonl"], { cwd: folder });
    assert.equal(cut.code, 3);
    assert.match(cut.stderr, /q\.json is not whole JSON: it ends too early\./);
    assert.deepEqual(readdirSync(folder).sort(), ["q.json", "q.jsonl"]);
  });

  for (const [what, args, says] of [
    ["no file", ["import"], /Which file/],
    ["a file that is not there", ["import", "none.json"], /none\.json cannot be used: it does not exist/],
    ["a format that is not there", ["import", "x", "--format", "y"], /There is no format "y": use one of webvtt,/],
    ["no format to write", ["export", "x.vqa"], /Which format\?/],
    ["a report without a file", ["export", "x.vqa", "--format", "srt", "--json"], /give the file to write with --out/],
  ] as const) {
    it(`says what is wrong: ${what}`, async () => {
      const { code, stdout, stderr } = await vqa([...args], { cwd: folder });
      assert.match(`${stdout}${stderr}`, says);
      assert.ok(code === 2 || code === 3, String(code));
      assert.deepEqual(readdirSync(folder), []);
    });
  }

  it("does not guess what a file is", async () => {
    writeFileSync(at("prose.txt"), "Dear Ann,\n\nthank you.\n");
    const { code, stderr } = await vqa(["import", "prose.txt"], { cwd: folder });
    assert.equal(code, 2);
    assert.match(stderr, /prose\.txt is of no format that is known here\.\n {5}Say which with --format: webvtt, /);
  });

  it("a dataset of 100,000 questions passes through a heap of 32 MB, there and back", async () => {
    const videos = 400;
    const each = 250;
    const q = createWriteStream(at("big_q.json"));
    const a = createWriteStream(at("big_a.json"));
    for (let i = 0; i < videos * each; i++) {
      // The videos take turns, so that all notebooks grow at the same time.
      const video = `v${i % videos}`;
      const id = `v_${video}_${Math.floor(i / videos)}`;
      const start = i === 0 ? "[" : ",";
      q.write(`${start}${JSON.stringify({ video_name: video, question: `what is number ${i} on the long list of things to see`, question_id: id })}\n`);
      if (!a.write(`${start}${JSON.stringify({ answer: `it is ${i}, of course, as everybody knows`, type: i % 9, question_id: id })}\n`)) await once(a, "drain");
    }
    for (const stream of [q, a]) {
      stream.end("]\n");
      await finished(stream);
    }
    const env = { NODE_OPTIONS: "--max-old-space-size=32" };
    const run = async (...args: string[]): Promise<string> => {
      const { code, stdout, stderr } = await vqa(args, { cwd: folder, env });
      assert.equal(code, 0, stderr.slice(-2000));
      return stdout;
    };
    const report = JSON.parse(await run("import", "big_q.json", "big_a.json", "--out", "notes", "--json")) as { notebooks: unknown[]; records: unknown; leftOut: unknown[] };
    assert.equal(report.notebooks.length, videos);
    assert.deepEqual(report.records, { question: videos * each });
    assert.deepEqual(report.leftOut, []);
    const notebooks = Array.from({ length: videos }, (_, i) => `notes/v${i}.vqa`);
    assert.equal((text(notebooks[399] as string).match(/^Q /gm) ?? []).length, each);
    await run("export", ...notebooks, "--format", "activitynet-qa", "--out", "back.json");
    const sorted = (name: string): string[] => text(name).split("\n").map((line) => line.replace(/^[,[]|,$/g, "")).filter((line) => line.startsWith("{")).sort();
    for (const part of ["q", "a"]) {
      const [wanted, got] = [sorted(`big_${part}.json`), sorted(`back_${part}.json`)];
      assert.equal(got.length, videos * each);
      assert.ok(wanted.every((line, i) => line === got[i]), "every record came back as it was");
    }
  });
});
