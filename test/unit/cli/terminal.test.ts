import assert from "node:assert/strict";
import { Writable } from "node:stream";
import { answerStream, printable, reportError, type Terminal } from "../../../server/src/cli/terminal.js";
import { cancelled, VqaError } from "../../../server/src/engine/errors.js";

function sink(): { stream: NodeJS.WriteStream; text: () => string } {
  let text = "";
  const stream = new Writable({ write: (chunk, _encoding, done) => ((text += String(chunk)), done()) });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

describe("terminal output", () => {
  const report = (error: VqaError, asJson: boolean, debug = false): { out: string; err: string } => {
    const [out, err] = [sink(), sink()];
    reportError({ out: out.stream, err: err.stream } satisfies Terminal, error, asJson, debug);
    return { out: out.text(), err: err.text() };
  };
  const error = new VqaError("video-empty", "a.mp4 is empty.", "Copy it again.", { data: { path: "a.mp4" } });

  it("tells people what happened and what to do", () => {
    assert.deepEqual(report(error, false), { out: "", err: "vqa: a.mp4 is empty.\n     Copy it again.\n" });
    assert.deepEqual(report(new VqaError("internal", "What?"), false), { out: "", err: "vqa: What?\n" });
  });

  it("tells machines the same on standard output", () => {
    const { out, err } = report(error, true);
    assert.deepEqual(JSON.parse(out), { error: error.toJSON(), exitCode: 3 });
    assert.equal(err, "");
  });

  it("shows the stack only to those who ask", () => {
    assert.match(report(error, false, true).err, /\n {4}at /);
  });

  it("does not call a stop an error", () => {
    assert.deepEqual(report(cancelled(), false), { out: "", err: "" });
  });

  it("does not let a text steer the terminal", () => {
    assert.equal(printable("a\u001b[2J\u009b1mb\tc\nd\re"), "a[2J1mb\tc\nde");
  });

  it("streams an answer without blanks before it, and ends its line once", () => {
    const { stream, text } = sink();
    const answer = answerStream(stream);
    for (const delta of [" ", " a knob", "", " of butter"]) answer.write(delta);
    answer.end();
    answer.end();
    assert.equal(text(), "a knob of butter\n");
  });

  it("writes nothing for an answer that never came", () => {
    const { stream, text } = sink();
    answerStream(stream).end();
    assert.equal(text(), "");
  });
});
