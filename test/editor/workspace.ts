/** The folder that the editor under test has open: made anew for each run. */
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { repoRoot } from "../support/repo.js";

/** Notebooks whose bytes are easily lost. */
const DELICATE: Readonly<Record<string, string>> = {
  "crlf.vqa": "VQA 1\r\nvideo: a.mp4\r\n\r\n# One\r\n\r\nQ: What?\r\nA: this\r\n",
  "bom.vqa": "\ufeffVQA 1\nvideo: a.mp4\n\nQ: What?\n",
  "no-newline.vqa": "VQA 1\nvideo: a.mp4\n\nQ: What?\nA: this",
  "opaque.vqa": "VQA 1\nvideo: a.mp4\n\nwhat is this\n\tand this\n\n\n\nSTYLE\n::cue { color: red }\n\nM orphan\n",
  "webvtt.vqa": "WEBVTT a title\n\n1\n00:01.000 --> 00:02.000\n<v Ann>Hello\n\n00:02.000 --> 00:03.000 align:start\nthere\n",
  "empty.vqa": "",
};

/** Notebooks that only the tests of windows touch. */
const OF_WINDOWS: Readonly<Record<string, string>> = {
  "restricted.vqa": "VQA 1\nvideo: demo/shapes.mp4\n\nQ: What colour is the circle?\n",
  "gone.vqa": "VQA 1\nvideo: demo/gone.mp4\n\nQ: What colour is the circle?\n",
  "web.vqa": "VQA 1\r\nvideo: demo/shapes.mp4\r\n\r\nQ colour: What colour is the circle?\r\n\r\nQ colour: Where is it?\r\n",
  "hot.vqa": "VQA 1\r\nvideo: demo/shapes.mp4\r\n\r\nQ: What colour is the circle?\r\nA: red\r\n\r\nwhat is this\r\n\tand this\r\n",
};

export function makeWorkspace(): string {
  const workspace = mkdtempSync(join(tmpdir(), "vqa-ws-"));
  cpSync(join(repoRoot, "media", "demo"), join(workspace, "demo"), { recursive: true });
  mkdirSync(join(workspace, "spoken"));
  copyFileSync(join(repoRoot, "test", "fixtures", "speech", "spoken.mp4"), join(workspace, "spoken", "spoken.mp4"));
  mkdirSync(join(workspace, "delicate"));
  for (const [name, text] of Object.entries(DELICATE)) writeFileSync(join(workspace, "delicate", name), text);
  for (const [name, text] of Object.entries(OF_WINDOWS)) writeFileSync(join(workspace, name), text);
  writeFileSync(join(workspace, "delicate", "not-utf8.vqa"), Buffer.from([0x56, 0x51, 0x41, 0x20, 0x31, 0x0a, 0xff, 0xfe, 0x0a]));
  return workspace;
}
