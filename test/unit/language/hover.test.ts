import assert from "node:assert/strict";
import type { LanguagePorts } from "../../../server/src/language/service.js";
import { at, marked, RUN, service } from "./support.js";

async function shown(text: string, ports: Partial<LanguagePorts> = {}, markdown = true): Promise<{ value: string; over: string } | undefined> {
  const { document, cursor } = marked(text);
  const hover = await service(ports).hover(document, cursor, { markdown });
  if (hover === undefined) return undefined;
  assert.ok(typeof hover.contents === "object" && "value" in hover.contents && hover.range !== undefined);
  return { value: hover.contents.value, over: at(document, hover.range) };
}

const body = "VQA 1\nvideo: a.mp4\n\n@ 00:04..00:12 the *first* pancake\n\n00:05.000 --> 00:07.000\n<v Ann>Hot &amp; ready\n\n";

describe("hover", () => {
  it("over a time shows the segment and the cues of that moment", async () => {
    assert.deepEqual(await shown(`${body}Q q1 @00:0‸6: x\n`), { value: "**00:00:06.000**\n\nSegment: the \\*first\\* pancake\n\n“Ann: Hot \\& ready”", over: "00:06" });
    assert.deepEqual((await shown(`${body}Q q1 @00:0‸9: x\n`))?.value, "**00:00:09.000**\n\nSegment: the \\*first\\* pancake");
    assert.deepEqual((await shown(`${body}Q q1 @01:0‸9: x\n`))?.value, "**00:01:09.000**");
  });

  it("shows a frame where a port has one, and no address of anything else", async () => {
    const asked: unknown[] = [];
    const media = (picture: string) => ({
      durationMs: () => Promise.resolve(undefined),
      thumbnail: (video: string, ms: number) => {
        asked.push([video, ms]);
        return Promise.resolve(picture);
      },
    });
    const text = `${body}Q q1 @01:00..01:0‸9: x\n`;
    assert.equal((await shown(text, { media: media("data:image/jpeg;base64,AAA=") }))?.value, "**00:01:09.000**\n\n![Frame at 00:01:09.000](data:image/jpeg;base64,AAA=)");
    assert.deepEqual(asked, [["file:///home/ann/notes/a.mp4", 69_000]]);
    assert.equal((await shown(text, { media: media("https://example.com/x.png") }))?.value, "**00:01:09.000**");
    assert.equal((await shown(text, { media: media("data:image/jpeg;base64,AAA=") }, false))?.value, "00:01:09.000");
  });

  it("over a question tells its scope and where it comes from", async () => {
    assert.match((await shown(`${body}Q‸ q1: x\n`))?.value ?? "", /About 00:00:04\.000\.\.00:00:12\.000, from the segment “the \\\*first\\\* pancake” in line 4\./);
    assert.match((await shown(`${body}Q‸ q1 @00:01: x\n`))?.value ?? "", /About 00:00:01\.000, as written here/);
    assert.match((await shown(`${body}# next\nQ‸ q1: x\n`))?.value ?? "", /whole video/);
    assert.match((await shown(`${body}Q‸ q1 @00:99: x\n`))?.value ?? "", /cannot be read/);
  });

  it("over a question counts its answers, and how many are right", async () => {
    const answers = "M dbf3dd46 0123456789ab: (A) a\nM dbf3dd47 0123456789ab: (B) b\n";
    assert.match((await shown(`Q‸: x\n  - [ ] a\n  - [x] b\n${answers}`))?.value ?? "", /2 choices, 1 marked as right\.\n\n2 answers of models, 1 right\./);
    assert.match((await shown("Q‸: x\nA: Butter!\nM dbf3dd46 0123456789ab: butter\n"))?.value ?? "", /1 answer of models, 1 in the words of a person\./);
    assert.match((await shown("Q‸: x\nM dbf3dd46 0123456789ab: butter\n"))?.value ?? "", /1 answer of models\.$/);
  });

  it("over a key of the header helps", async () => {
    assert.deepEqual((await shown("VQA 1\nsamp‸ling: uniform 4\n"))?.over, "sampling");
    assert.equal(await shown("VQA 1\nown‸: uniform 4\n"), undefined);
  });

  it("over a machine's answer tells its state, its run and whether it is right", async () => {
    const text = `VQA 1\nvideo: a\n\nQ q1: x\n  - [ ] red\n  - [x] blue\nM‸ dbf3dd46 0123456789ab p=0.91: (A) red\n\n${RUN}`;
    const value = (await shown(text))?.value ?? "";
    assert.match(value, /The record of its run is whole/);
    assert.match(value, /The right answer is \\\(B\\\) blue/);
    assert.match(value, /`p` `0\.91`/);
    assert.match(value, /- `model` `micro`/);
    assert.match((await shown(text.replace("temperature=0", "temperature=1")))?.value ?? "", /\*\*Altered\*\*/);
    assert.match((await shown(text.replace(/RUN[^]*/, "")))?.value ?? "", /\*\*Altered\*\*/);
    assert.match((await shown(text, { currentInput: () => Promise.resolve("ffffffffffff") }))?.value ?? "", /\*\*Stale\*\*/);
    assert.match((await shown(text, { currentInput: () => Promise.resolve("0123456789ab") }))?.value ?? "", /Up to date/);
    assert.match((await shown(text, { currentInput: () => Promise.reject(new Error("gone")) }))?.value ?? "", /is whole/);
  });

  it("over a run counts its answers", async () => {
    assert.match((await shown(`VQA 1\nvideo: a\n\nQ: x\nM dbf3dd46 0123456789ab: y\n\n${RUN.replace("RUN db", "RUN d‸b")}`))?.value ?? "", /1 answer refers to this run/);
  });

  it("says nothing over prose, blank lines and the end", async () => {
    assert.equal(await shown("VQA 1\n\nNOTE wo‸rds\n"), undefined);
    assert.equal(await shown("VQA 1\n‸\nNOTE words\n"), undefined);
    assert.equal(await shown("‸"), undefined);
  });

  it("finds its place under CRLF, a BOM and characters outside of the basic plane", async () => {
    assert.equal((await shown("\ufeffVQA 1\r\nvideo: a\r\n\r\n@ 00:01 𝄞\r\n\r\nQ 𝄞𝄞 @00:01..00:0‸2: y\r\n"))?.over, "00:02");
  });
});
