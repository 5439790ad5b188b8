/**
 * `npm run check:llama-server -- PROGRAM`: asks a real llama-server about a real video, through the product's
 * command line. The models are tiny and untrained, so that what they say means nothing: it is looked at
 * whether questions with pictures arrive, stream, are chosen from, shrink to the context, stop, and are
 * refused by a model without eyes. server/src/runtime/remote/README.md says how to build the program.
 */
import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { repoRoot } from "../../test/support/repo.js";
import { tinyEyes, tinyGguf } from "./models.js";

const CLI = join(repoRoot, "out/server/src/cli.js");
const VIDEO = join(repoRoot, "test/fixtures/twins/red-circle.mp4");
const START_MS = 30_000;

interface Said {
  readonly text?: string;
  readonly choice?: number;
  readonly probabilities?: readonly number[];
  readonly provenance?: { readonly frameTimesMs: readonly number[]; readonly notes: readonly string[]; readonly engine: readonly string[] };
  readonly error?: { readonly code: string; readonly message: string };
}

function ask(port: number, ...more: readonly string[]): Said {
  const { stdout } = spawnSync(process.execPath, [CLI, "ask", VIDEO, "What colour is the object?", "--engine", `http://127.0.0.1:${port}`, "--engine-kind", "llama-server", "--model", "tiny", "--json", "--max-tokens", "12", ...more], { encoding: "utf8", timeout: 120_000 });
  return JSON.parse(stdout) as Said;
}

async function serve(program: string, ...args: readonly string[]): Promise<{ readonly port: number; readonly child: ChildProcess }> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const child = spawn(program, [...args, "--host", "127.0.0.1", "--port", String(port), "-t", "1", "-np", "1"], { stdio: "ignore" });
  for (const end = Date.now() + START_MS; Date.now() < end; await sleep(200)) {
    const well = await fetch(`http://127.0.0.1:${port}/health`).then(({ ok }) => ok, () => false);
    if (well) return { port, child };
    if (child.exitCode !== null) break;
  }
  child.kill("SIGKILL");
  throw new Error(`${program} does not serve: start it by hand to see why.`);
}

let wrong = 0;
function check(what: string, right: boolean, seen: unknown): void {
  if (!right) wrong++;
  console.log(`${right ? "right" : "WRONG"}  ${what}${right ? "" : `: ${JSON.stringify(seen)}`}`);
}

async function main(program: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "vqa-llama-server-"));
  const [language, eyes] = [join(folder, "tiny.gguf"), join(folder, "eyes.gguf")];
  writeFileSync(language, tinyGguf());
  writeFileSync(eyes, tinyEyes());
  let child: ChildProcess | undefined;
  try {
    let port: number;
    ({ port, child } = await serve(program, "-m", language, "--mmproj", eyes));
    const few = ask(port, "--frames", "4");
    check("four frames are looked at, and the answer says where they went", few.provenance?.frameTimesMs.length === 4 && few.provenance.notes.some((note) => /^4 frames left this program, to 127\.0\.0\.1/.test(note)), few);
    check("the answer is what was streamed", typeof few.text === "string" && few.text !== "", few);
    const again = ask(port, "--frames", "4");
    check("the same question at temperature 0 has the same answer", again.text === few.text, again);
    const many = ask(port, "--frames", "64");
    check("what is too much for the context is asked with fewer frames, which is said", (many.provenance?.frameTimesMs.length ?? 64) < 64 && many.provenance?.notes.some((note) => /of 64 frames: more were too much for the engine/.test(note)) === true, many);
    const chosen = ask(port, "--frames", "2", "--choices", "red,blue");
    check("a choice is made, or it is said that none was", chosen.choice !== undefined || chosen.provenance?.notes.includes("The reply names none of the choices.") === true, chosen);
    child.kill("SIGKILL");

    ({ port, child } = await serve(program, "-m", language));
    const blind = ask(port, "--frames", "1");
    check("a model without eyes is said to be one", blind.error?.code === "model-unsupported", blind);
  } finally {
    child?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  }
}

const [program] = process.argv.slice(2);
if (program === undefined) {
  console.error("Which llama-server? Give the path of the program: npm run check:llama-server -- PROGRAM");
  process.exitCode = 2;
} else {
  await main(program);
  if (wrong > 0) process.exitCode = 1;
}
