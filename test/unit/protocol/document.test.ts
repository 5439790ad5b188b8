import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES, VqaError } from "../../../server/src/engine/errors.js";
import { protocolDocument } from "../../../server/src/protocol/document.js";
import { RPC_CODES, rpcCode, typedError } from "../../../server/src/protocol/jsonrpc.js";
import { COMMANDS } from "../../../server/src/protocol/commands.js";
import { MESSAGES } from "../../../server/src/protocol/messages.js";
import { repoRoot } from "../../support/repo.js";

describe("protocol document", () => {
  const path = join(repoRoot, "server/PROTOCOL.md");

  it("says what the code does", () => {
    if (process.env["VQA_UPDATE"] === "1") writeFileSync(path, protocolDocument());
    assert.equal(readFileSync(path, "utf8"), protocolDocument(), "run the tests once with VQA_UPDATE=1 and look at the difference");
  });

  it("names every message and every command under one prefix each", () => {
    for (const { method } of Object.values(MESSAGES)) assert.match(method, /^vqa\/[a-zA-Z]+$/);
    for (const { command } of Object.values(COMMANDS)) assert.match(command, /^vqa\.[a-zA-Z]+$/);
  });

  it("gives requests a result, and notifications none", () => {
    for (const message of Object.values(MESSAGES)) assert.equal("result" in message, message.kind === "request", message.method);
  });
});

describe("errors in JSON-RPC", () => {
  it("keep their code, message, next step and facts", () => {
    for (const code of ERROR_CODES) {
      const error = new VqaError(code, "what", "next", { data: { path: "/v" } });
      assert.deepEqual(typedError(JSON.parse(JSON.stringify(error)))?.toJSON(), error.toJSON());
    }
  });

  it("use the numbers that generic clients know", () => {
    assert.equal(rpcCode("cancelled"), -32800);
    assert.equal(rpcCode("notebook-changed"), -32801);
    assert.equal(rpcCode("invalid-request"), -32602);
    assert.equal(rpcCode("video-empty"), RPC_CODES.requestFailed);
  });

  it("do not take other people's data for theirs", () => {
    for (const data of [undefined, null, "x", {}, { code: "nonsense", message: "", next: "", data: {} }]) assert.equal(typedError(data), undefined);
  });
});
