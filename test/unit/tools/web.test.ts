/** The extension's parts for a browser: bundled as they are shipped, and run where no Node is. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { bundleWeb } from "../../../tools/extension/bundleWeb.js";
import { repoRoot } from "../../support/repo.js";
import { tempFolder } from "../../support/tempFolder.js";

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly result?: unknown;
  readonly params?: unknown;
}

interface Scope {
  onmessage?: (event: { readonly data: unknown }) => void;
}

/** The worker's global scope, with what a browser gives it of what is used, and nothing else. */
class WebWorker {
  readonly #messages: Message[] = [];
  #waiting: (() => void)[] = [];
  #ids = 0;
  readonly #self: Scope;

  constructor(script: string) {
    const scope: object = {
      addEventListener: () => undefined,
      postMessage: (message: Message) => {
        this.#messages.push(JSON.parse(JSON.stringify(message)) as Message);
        this.#waiting.splice(0).forEach((go) => go());
      },
      setTimeout,
      clearTimeout,
      queueMicrotask,
      AbortController,
      AbortSignal,
      URL,
      TextEncoder,
      TextDecoder,
      console,
    };
    this.#self = scope as Scope;
    runInContext(script, createContext(Object.assign(scope, { self: scope })));
  }

  async request<R>(method: string, params: object): Promise<R> {
    const id = ++this.#ids;
    this.#self.onmessage?.({ data: { jsonrpc: "2.0", id, method, params } });
    for (;;) {
      const answer = this.#messages.find((message) => message.id === id && message.method === undefined);
      if (answer !== undefined) return answer.result as R;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  notify(method: string, params: object): void {
    this.#self.onmessage?.({ data: { jsonrpc: "2.0", method, params } });
  }

  async pushed(uri: string): Promise<readonly { code: string }[]> {
    for (;;) {
      const found = this.#messages.find(({ method, params }) => method === "textDocument/publishDiagnostics" && (params as { uri: string }).uri === uri);
      if (found !== undefined) return (found.params as { diagnostics: { code: string }[] }).diagnostics;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

describe("the extension for browsers", function () {
  this.timeout(60_000);
  const folder = tempFolder(after);
  before(() => bundleWeb(repoRoot, folder));

  it("holds the format and the language features, and nothing of Node, the engine or the runtime", async () => {
    const inputs = await bundleWeb(repoRoot, folder);
    assert.ok(inputs.includes("server/src/format/parse.ts") && inputs.includes("server/src/language/service.ts"));
    assert.deepEqual(inputs.filter((path) => /^node:|server\/src\/runtime\/|\/lib\/node\//.test(path)), []);
  });

  it("answers as a language server in a worker without Node", async () => {
    const worker = new WebWorker(readFileSync(join(folder, "server.js"), "utf8"));
    const { capabilities } = await worker.request<{ capabilities: Record<string, unknown> }>("initialize", { processId: null, rootUri: null, capabilities: { textDocument: { hover: { contentFormat: ["markdown"] } } } });
    assert.ok(capabilities["hoverProvider"] === true && capabilities["executeCommandProvider"] === undefined);
    worker.notify("initialized", {});
    const uri = "vscode-vfs://example/film.vqa";
    worker.notify("textDocument/didOpen", { textDocument: { uri, languageId: "vqa", version: 1, text: "VQA 1\nvideo: a.mp4\n\nQ q1: a\n\nQ q1: b\n" } });
    assert.deepEqual((await worker.pushed(uri)).map(({ code }) => code), ["duplicate-id"]);
    const symbols = await worker.request<{ name: string }[]>("textDocument/documentSymbol", { textDocument: { uri } });
    assert.equal(symbols.length, 2);
    assert.deepEqual(await worker.request("textDocument/codeLens", { textDocument: { uri } }), [], "nobody would carry them out");
  });

  it("is what the manifest names", () => {
    const manifest = JSON.parse(readFileSync(join(repoRoot, "package.json"), "utf8")) as { browser: string };
    assert.equal(manifest.browser, "./dist/web/extension.js");
    assert.match(readFileSync(join(folder, "extension.js"), "utf8"), /registerNotebookSerializer/);
  });
});
