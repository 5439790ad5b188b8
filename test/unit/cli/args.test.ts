import assert from "node:assert/strict";
import { columns, commandHelp, readArgs, type CommandSpec } from "../../../server/src/cli/args.js";
import { ASK, requestOf } from "../../../server/src/cli/ask.js";
import { EXIT, exitCodeOf } from "../../../server/src/cli/exit.js";
import { ERROR_CODES, VqaError } from "../../../server/src/engine/errors.js";

const spec: CommandSpec = {
  name: "ask",
  arguments: "<video>",
  summary: "Asks.",
  options: { frames: { value: "N", help: "how many" }, json: { help: "for machines" } },
  notes: "More.",
};
const refuses = (work: () => unknown, says: RegExp): void =>
  assert.throws(work, (error: VqaError) => error.code === "invalid-request" && says.test(error.message) && error.next.includes("vqa ask --help"));

describe("the sampling of a command", () => {
  const of = (...args: string[]) => requestOf(readArgs(ASK, ["a.mp4", "Well?", ...args]));
  it("is written as in a notebook", () => {
    const { strategy, rate, frames, frameMode } = of("--sampling", "fps 0.5 max 8 keyframe");
    assert.deepEqual([strategy, rate, frames, frameMode], ["fps", 0.5, 8, "keyframe"]);
    assert.equal(of("--sampling", "scenes 6").strategy, "scenes");
    assert.deepEqual([of("--frames", "6").frames, of("--frames", "6").frameMode], [6, undefined]);
    refuses(() => of("--sampling", "often"), /often/);
    refuses(() => of("--sampling", "scenes 6", "--frames", "3"), /exclude one another/);
  });
});

describe("command-line arguments", () => {
  it("are switches, values and the rest, in any order", () => {
    const args = readArgs(spec, ["a.mp4", "--frames", "4", "--json", "--", "--odd"]);
    assert.deepEqual(args.positionals, ["a.mp4", "--odd"]);
    assert.equal(args.whole("frames", 1, 10), 4);
    assert.equal(args.flag("json"), true);
    assert.equal(args.flag("help"), false);
    assert.equal(readArgs(spec, ["-h"]).flag("help"), true);
    assert.equal(readArgs(spec, []).whole("frames", 1, 10), undefined);
  });

  it("are refused with the name of the option", () => {
    refuses(() => readArgs(spec, ["--fast"]), /--fast/);
    refuses(() => readArgs(spec, ["--frames"]), /--frames/);
    refuses(() => readArgs(spec, ["--json=1"]), /--json/);
    for (const value of ["", "x", "0x4", "1e1", " 4", "4.5", "0", "11", "NaN", "Infinity"]) {
      refuses(() => readArgs(spec, [`--frames=${value}`]).whole("frames", 1, 10), /--frames/);
    }
  });

  it("are printed from the table that they are read with", () => {
    const help = commandHelp(spec);
    assert.match(help, /^Usage: vqa ask <video>\n/);
    for (const name of Object.keys(spec.options)) assert.ok(help.includes(`--${name}`));
    assert.match(help, /--frames N {2}how many/);
    assert.equal(columns([["a", "one\ntwo"], ["bbb", "x"]]), "  a    one\n       two\n  bbb  x");
  });
});

describe("exit codes", () => {
  it("are given for every error", () => {
    for (const code of ERROR_CODES) assert.ok(Object.values(EXIT).includes(exitCodeOf(code) as never) && exitCodeOf(code) !== EXIT.ok, code);
  });

  it("tell whose fault it was", () => {
    assert.deepEqual(["invalid-request", "video-empty", "notebook-changed", "model-damaged", "worker-crashed", "cancelled"].map((c) => exitCodeOf(c as never)), [2, 3, 3, 4, 4, 130]);
  });
});
