import assert from "node:assert/strict";
import { MessageCheck } from "../../support/messageCheck.js";
import { faults, type Type } from "../../support/metaModel.js";

const named = (name: string): Type => ({ kind: "reference", name });
const range = { start: { line: 0, character: 0 }, end: { line: 0, character: 1 } };

describe("the meta model of LSP", () => {
  it("knows what is of a type", () => {
    assert.deepEqual(faults(named("Diagnostic"), { range, message: "m", severity: 1, code: "c", tags: [1] }), []);
    assert.deepEqual(faults(named("CodeAction"), { title: "t", kind: "refactor.own", edit: { changes: { "file:///a": [{ range, newText: "" }] } } }), []);
    assert.deepEqual(faults(named("LSPAny"), { any: [1, null] }), []);
  });

  it("tells what is not, and where", () => {
    const told: readonly (readonly [string, unknown, readonly string[]])[] = [
      ["Position", { line: -1, character: 0 }, ["$.line: -1 is not uinteger"]],
      ["Position", { line: 0.5, character: 0, more: 1 }, ["$.more: no such property", "$.line: 0.5 is not uinteger"]],
      ["Location", { range }, ["$.uri: missing"]],
      ["Location", { uri: "/no/uri", range }, ['$.uri: "/no/uri" is not DocumentUri']],
      ["Diagnostic", { range, message: "m", severity: 9 }, ["$.severity: 9 is no DiagnosticSeverity"]],
      ["Hover", { contents: { kind: "markdown", value: 1 } }, ["$.contents.value: 1 is not string"]],
      ["DocumentSymbol", { name: "n", kind: 5, range, selectionRange: range, children: [{}] }, ["$.children[0].name: missing", "$.children[0].kind: missing", "$.children[0].range: missing", "$.children[0].selectionRange: missing"]],
    ];
    for (const [name, value, wanted] of told) assert.deepEqual(faults(named(name), value), wanted, name);
  });

  it("is what messages of a server are held against", () => {
    const check = new MessageCheck();
    check.sent({ id: 1, method: "textDocument/hover" });
    check.sent({ id: 2, method: "textDocument/foldingRange" });
    check.sent({ id: 3, method: "vqa/waveform" });
    assert.deepEqual(check.received({ id: 1, result: null }), []);
    assert.deepEqual(check.received({ id: 2, result: [{ startLine: 1, endLine: 2, lines: 2 }] }), ["textDocument/foldingRange $[0].lines: no such property"]);
    assert.equal(check.received({ id: 3, result: { peaks: "none" } }).length, 1);
    assert.deepEqual(check.received({ id: 3, result: {} }), ["an answer to nothing: 3"]);
    assert.deepEqual(check.received({ method: "window/shout", params: {} }), ["window/shout is in no protocol"]);
    assert.deepEqual(check.received({ method: "$/progress", params: { token: 1, value: { kind: "begin" } } }), ["$/progress $.title: missing"]);
    assert.deepEqual(check.received({ id: 7, method: "workspace/applyEdit", params: { edit: { changes: {} } } }), []);
    assert.deepEqual([...check.seen], [["textDocument/hover", 0], ["textDocument/foldingRange", 1], ["vqa/waveform", 1], ["window/shout", 1], ["$/progress", 1], ["workspace/applyEdit", 1]]);
  });
});
