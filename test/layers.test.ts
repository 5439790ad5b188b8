import assert from "node:assert/strict";
import { check, checkTree, importsOf, NATIVE, packagesReachedFrom, ROOMS, sourceFiles } from "./support/layers.js";
import { repoRoot } from "./support/repo.js";

const ENTRY = "server/src/main.ts";

describe("layers", () => {
  it("finds no arrow in the wrong direction", () => {
    const violations = checkTree(repoRoot).map((v) => `${v.file}:${v.line}  ${v.message}`);
    assert.deepEqual(violations, []);
  });

  it("looks at every room that exists", () => {
    const files = sourceFiles(repoRoot);
    for (const room of ["format", "engine", "runtime", "protocol", "lsp"]) {
      assert.ok(files.some((file) => file.startsWith(`server/src/${room}/`)), `no file of ${room} was looked at`);
    }
  });

  it("keeps native code out of the process that holds the language features", () => {
    assert.ok(sourceFiles(repoRoot).includes(ENTRY), `${ENTRY} is missing`);
    const reached = packagesReachedFrom(repoRoot, ENTRY);
    assert.ok(reached.size > 0, "the walk found no imports at all");
    for (const native of NATIVE) assert.equal(reached.get(native)?.join(" -> "), undefined, `${native} is reached`);
  });
});

describe("the layer checker", () => {
  const bad: readonly (readonly [path: string, source: string, message: RegExp])[] = [
    ["server/src/format/a.ts", `import { ask } from "../engine/pipeline.js";`, /format must not import engine/],
    ["server/src/format/a.ts", `import fs from "node:fs";`, /format must not import node:fs/],
    ["server/src/format/a.ts", `import * as vscode from "vscode";`, /format must not import vscode/],
    ["server/src/format/sub/a.ts", `export * from "../../language/service.js";`, /format must not import language/],
    ["server/src/engine/a.ts", `import type { X } from "../runtime/packs/openPack.js";`, /engine must not import runtime/],
    ["server/src/engine/a.ts", `import { readFile } from "node:fs/promises";`, /engine must not import node:fs/],
    ["server/src/engine/a.ts", `const ort = await import("onnxruntime-node");`, /native package onnxruntime-node/],
    ["server/src/engine/a.ts", `const name = "x";\nawait import(name);`, /engine imports something computed/],
    ["server/src/language/a.ts", `import { x } from "../engine/answer.js";`, /language must not import engine/],
    ["server/src/language/a.ts", `import { x } from "vscode-languageserver/node.js";`, /language must not import vscode-languageserver/],
    ["server/src/protocol/a.ts", `import { x } from "../engine/pipeline.js";`, /protocol must not import engine/],
    ["server/src/protocol/a.ts", `import { x } from "../runtime/worker/supervisor.js";`, /protocol must not import runtime/],
    ["server/src/lsp/a.ts", `import { x } from "../runtime/worker/supervisor.js";`, /lsp must not import runtime/],
    ["server/src/lsp/a.ts", `import { getLlama } from "node-llama-cpp";`, /native package node-llama-cpp/],
    ["server/src/runtime/a.ts", `import { x } from "../lsp/server.js";`, /runtime must not import lsp/],
    ["server/src/runtime/a.ts", `import * as vscode from "vscode";`, /editor's vscode/],
    ["server/src/cli.ts", `import { x } from "./lsp/server.js";`, /cli must not import lsp/],
    ["server/src/cli.ts", `import { x } from "./main.js";`, /cli must not import main/],
    ["server/src/main.ts", `import { Decoder } from "node-av";`, /native package node-av/],
    ["server/src/main.ts", `import { x } from "../../tools/clips/draw.js";`, /outside of the sources/],
    ["client/extension.ts", `import { x } from "../server/src/engine/answer.js";`, /client must not import engine/],
    ["client/notebook/a.ts", `import { x } from "../../server/src/language/service.js";`, /client must not import language/],
    ["server/src/attic/a.ts", `export {};`, /no known room/],
  ];
  for (const [path, source, message] of bad) {
    it(`refuses in ${path}: ${source.split("\n").at(-1)}`, () => {
      const found = check(path, source);
      assert.equal(found.length, 1, JSON.stringify(found));
      assert.match(found[0]?.message ?? "", message);
    });
  }

  const good: readonly (readonly [path: string, source: string])[] = [
    ["server/src/format/a.ts", `import { sha256 } from "@noble/hashes/sha2.js";\nimport { x } from "./b.js";`],
    ["server/src/engine/a.ts", `import { parse } from "../format/parse.js";`],
    ["server/src/runtime/llama/a.ts", `import { getLlama } from "node-llama-cpp";\nimport { join } from "node:path";\nimport { x } from "../../engine/ports.js";`],
    ["server/src/runtime/a.ts", `const name = "node-av";\nawait import(name);`],
    ["server/src/protocol/a.ts", `import type { Answer } from "../engine/answer.js";`],
    ["server/src/lsp/a.ts", `import { createConnection } from "vscode-languageserver/node.js";\nimport { x } from "../language/service.js";`],
    ["server/src/main.ts", `import { x } from "./lsp/server.js";\nimport { y } from "./runtime/worker/supervisor.js";`],
    ["client/extension.ts", `import * as vscode from "vscode";\nimport { x } from "../server/src/protocol/messages.js";`],
    ["server/src/format/a.ts", `// import fs from "node:fs";\n/* require("vscode") */ const text = 'see "import(x)"';`],
  ];
  for (const [path, source] of good) {
    it(`accepts in ${path}: ${source.split("\n").at(-1)}`, () => assert.deepEqual(check(path, source), []));
  }

  it("sees imports in every way of writing, with their lines", () => {
    const source = [
      `import "a";`,
      `import b from 'b';`,
      `import {`,
      `  c,`,
      `  type C,`,
      `} from "c";`,
      `import type { D } from "d";`,
      `export { e } from "e";`,
      `export * as f from "f";`,
      `const g = await import("g");`,
      `const h = require("h");`,
      `type I = import("i").I;`,
      `export const from = "j";`,
    ].join("\n");
    assert.deepEqual(
      importsOf(source).map((i) => [i.specifier, i.line]),
      [["a", 1], ["b", 2], ["c", 3], ["d", 7], ["e", 8], ["f", 9], ["g", 10], ["h", 11], ["i", 12]],
    );
    assert.ok(!importsOf(source, { types: false }).some((i) => i.specifier === "d"));
  });

  it("has a rule for each room of the house", () => {
    assert.deepEqual(Object.keys(ROOMS).sort(), ["cli", "client", "engine", "format", "language", "lsp", "main", "protocol", "runtime", "web"]);
  });
});
