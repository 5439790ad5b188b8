/** `vqa models pull` where the only way out is a proxy: a real one, in a process of its own, plain and encrypted. */
import { strict as assert } from "node:assert";
import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import { createServer, type Server } from "node:tls";
import { fileURLToPath } from "node:url";
import { vqa, type Ran } from "../support/cli.js";
import type { ProxyMessage } from "../support/connectProxy.js";
import { HubServer } from "../support/hubServer.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const program = fileURLToPath(new URL("../support/connectProxy.js", import.meta.url));
const tls = (name: string): string => join(repoRoot, "test/fixtures/tls", name);
/** Whatever the machine that runs the tests has set. */
const NONE = Object.fromEntries(["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy", "HF_TOKEN"].map((name) => [name, undefined]));

describe("getting a model through a proxy", function () {
  this.timeout(60_000);
  const folder = tempFolder(after);
  const children: ChildProcess[] = [];
  let hub: HubServer;
  let front: Server;
  let n = 0;

  before(async () => {
    hub = await HubServer.start();
    // Small files come from the hub itself, not from a storage at another address.
    for (const name of ["config.json", "tokenizer.json"]) hub.add("authors/ears", name, Buffer.from(`{"of":"${name}"}`), false);
    const files = ["config.json", "tokenizer.json"].map((file) => ({ path: `speech/${file}`, repo: "authors/ears", revision: "main", file }));
    writeFileSync(join(folder, "ears.json"), JSON.stringify({ schemaVersion: 1, id: "ears", name: "Ears", version: "1", summary: "x", licences: [{ part: "all", spdx: "MIT", source: "x" }], files, manifest: { speech: { folder: "speech" } }, facts: [] }));
    front = createServer({ key: readFileSync(tls("key.pem")), cert: readFileSync(tls("cert.pem")) }, (client) => {
      const target = connect(Number(new URL(hub.endpoint).port), "127.0.0.1");
      client.on("error", () => target.destroy());
      target.on("error", () => client.destroy());
      client.pipe(target).pipe(client);
    });
    front.listen(0, "127.0.0.1");
    await once(front, "listening");
  });
  after(async () => {
    for (const child of children) if (child.connected) child.disconnect();
    front.close();
    await hub.stop();
  });

  const proxy = async (user?: string): Promise<{ readonly port: number; readonly tunnels: { readonly tunnel: string; readonly allowed: boolean }[] }> => {
    const child = fork(program, { env: { ...process.env, ...(user === undefined ? {} : { VQA_PROXY_USER: user }) } });
    children.push(child);
    const tunnels: { readonly tunnel: string; readonly allowed: boolean }[] = [];
    const [first] = (await once(child, "message")) as [ProxyMessage];
    assert.ok("port" in first);
    child.on("message", (message: ProxyMessage) => "tunnel" in message && tunnels.push(message));
    return { port: first.port, tunnels };
  };
  const pull = (endpoint: string, env: NodeJS.ProcessEnv, ...args: string[]): Promise<Ran> =>
    vqa(["models", "pull", "ears", "--catalogue", folder, "--mirror", endpoint, ...args], { env: { ...NONE, ...env, VQA_MODELS: join(folder, `models-${n++}`) } });
  const encrypted = (): string => `https://localhost:${(front.address() as AddressInfo).port}`;

  it("HTTPS_PROXY carries an encrypted connection, which the proxy cannot look into", async () => {
    const { port, tunnels } = await proxy();
    const { code, stderr } = await pull(encrypted(), { HTTPS_PROXY: `http://127.0.0.1:${port}`, NODE_EXTRA_CA_CERTS: tls("cert.pem") });
    assert.equal(code, 0, stderr);
    assert.ok(tunnels.length > 0);
    assert.deepEqual([...new Set(tunnels.map(({ tunnel }) => tunnel))], [new URL(encrypted()).host]);
  });

  it("HTTP_PROXY is for plain addresses; NO_PROXY goes past both", async () => {
    const { port, tunnels } = await proxy();
    const plain = await pull(hub.endpoint, { HTTP_PROXY: `http://127.0.0.1:${port}` });
    assert.equal(plain.code, 0, plain.stderr);
    const used = tunnels.length;
    assert.ok(used > 0);
    const past = await pull(encrypted(), { HTTPS_PROXY: `http://127.0.0.1:${port}`, NO_PROXY: "localhost,127.0.0.1", NODE_EXTRA_CA_CERTS: tls("cert.pem") });
    assert.equal(past.code, 0, past.stderr);
    assert.equal(tunnels.length, used);
  });

  it("--proxy wins over the environment, and may hold a name and a password", async () => {
    const { port, tunnels } = await proxy("anna:secret");
    const { code, stderr } = await pull(encrypted(), { HTTPS_PROXY: "http://127.0.0.1:9", NODE_EXTRA_CA_CERTS: tls("cert.pem") }, "--proxy", `http://anna:secret@127.0.0.1:${port}`);
    assert.equal(code, 0, stderr);
    assert.ok(tunnels.length > 0 && tunnels.every(({ allowed }) => allowed));
  });

  it("says so when the proxy wants a password, or is not there, and shows none", async () => {
    const { port } = await proxy("anna:secret");
    const refused = await pull(encrypted(), { HTTPS_PROXY: `http://anna:wrong@127.0.0.1:${port}`, NODE_EXTRA_CA_CERTS: tls("cert.pem") });
    assert.equal(refused.code, 4);
    assert.match(refused.stderr, /407.*\n.*proxy/);
    assert.doesNotMatch(refused.stderr, /wrong/);
    const absent = await pull(encrypted(), { HTTPS_PROXY: "http://127.0.0.1:9" });
    assert.equal(absent.code, 4);
    assert.match(absent.stderr, /does not answer.*\n.*proxy/);
  });

  it("does not trust a certificate that the machine does not", async () => {
    const { port } = await proxy();
    const { code, stderr } = await pull(encrypted(), { HTTPS_PROXY: `http://127.0.0.1:${port}` });
    assert.equal(code, 4);
    assert.match(stderr, /certificate/);
  });
});
