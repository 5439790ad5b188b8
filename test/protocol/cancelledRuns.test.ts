import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CancellationTokenSource } from "vscode-jsonrpc/node";
import { resolveFfmpeg } from "../../server/src/runtime/ffmpeg/resolve.js";
import { nodeAvIsThere } from "../../server/src/runtime/ffmpeg/nodeav/remote.js";
import { start } from "../support/cli.js";
import { LspClient } from "../support/lspClient.js";
import { markedProcesses, marksShow } from "../support/marked.js";
import { random } from "../support/random.js";
import { repoRoot } from "../support/repo.js";
import { tempFolder } from "../support/tempFolder.js";

const RUNS = 10;
/** Runs are stopped somewhere within this, once they have begun: loading, reading, decoding and writing come in it. */
const WITHIN_MS = 1200;
/** A run has begun when it has started a process of its own; one that never does is stopped as it is. */
const BEGUN_MS = 10_000;
/** Ending may take this long on a busy machine; the product says one second. */
const GONE_MS = 15_000;

const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Ten runs stopped at moments that nobody chose: by Ctrl-C on the command line, and by the editor's cancel. */
describe("ten cancelled runs", function () {
  this.timeout(240_000);
  const folder = tempFolder(after);
  // Small pictures for minutes: the same two seconds over and over.
  const film = join(folder, "film.mpegts");
  before(() => {
    const part = readFileSync(join(repoRoot, "test/fixtures/media/stream.mpegts"));
    writeFileSync(film, Buffer.concat(Array.from({ length: 400 }, () => part)));
  });

  for (const decoder of ["ffmpeg", "node-av"]) {
    it(`leave no process and no temporary file (${decoder})`, async function () {
      if (!marksShow || (decoder === "ffmpeg" ? (await resolveFfmpeg(undefined)) === undefined : !nodeAvIsThere())) this.skip();
      const mark = `${process.pid}-${decoder}`;
      const own = join(folder, decoder);
      const [temporary, cache] = [join(own, "tmp"), join(own, "cache")];
      for (const each of [temporary, cache]) mkdirSync(each, { recursive: true });
      const env = { VQA_DECODER: decoder, VQA_TEST_MARK: mark, TMPDIR: temporary, XDG_CACHE_HOME: cache };
      const next = random(decoder.length);
      const ended: string[] = [];

      const clean = async (what: string): Promise<void> => {
        const deadline = Date.now() + GONE_MS;
        for (;;) {
          const left = markedProcesses(`VQA_TEST_MARK=${mark}`).map(({ command }) => command);
          if (left.length === 0) break;
          assert.ok(Date.now() < deadline, `${what} left ${left.join("; ")}`);
          await pause(20);
        }
        assert.deepEqual(unfinished(own), [], what);
      };

      const commands = [
        ["scenes", film],
        ["ask", film, "What is it?", "--no-audio"],
        ["transcribe", film],
        ["ask", join(repoRoot, "media/demo/shapes.mp4"), "What colour is the circle?"],
        ["probe", film],
      ];
      for (let run = 0; run < RUNS / 2; run++) {
        const command = commands[run % commands.length]!;
        const running = start(command, { env });
        const deadline = Date.now() + BEGUN_MS;
        while (running.child.exitCode === null && markedProcesses(`VQA_TEST_MARK=${mark}`).length < 2 && Date.now() < deadline) await pause(10);
        await pause(next() * WITHIN_MS);
        running.child.kill("SIGINT");
        const { code } = await running.ended;
        ended.push(`${command[0]} ${String(code)}`);
        await clean(`vqa ${command[0]}`);
      }

      const requests: readonly (readonly [string, object])[] = [
        ["vqa/proxy", { video: film, kind: "all" }],
        ["vqa/scenes", { video: film }],
        ["vqa/sprites", { video: film, count: 20, width: 160 }],
        ["vqa/ask", { request: { video: film, question: "What is it?" } }],
        ["vqa/transcribe", { video: film }],
      ];
      for (let run = 0; run < RUNS / 2; run++) {
        const [method, params] = requests[run % requests.length]!;
        const client = LspClient.stdio(env);
        try {
          await client.initialize({}, { threads: 1, cacheDir: join(cache, "features") });
          const source = new CancellationTokenSource();
          const asked = client.request(method, params, source.token).then(
            () => "answered",
            (error: unknown) => `${String((error as { code?: number }).code)} ${(error as Error).message}`,
          );
          await pause(next() * WITHIN_MS);
          source.cancel();
          ended.push(`${method} ${await asked}`);
          // As soon as the answer is there: no decoder works on, and nothing half-made lies about.
          assert.deepEqual(markedProcesses(`VQA_TEST_MARK=${mark}`).filter(({ command }) => /(^|[\\/])ffmpeg\b.* -i /.test(command)), [], method);
          assert.deepEqual(unfinished(own).filter((path) => !ofModel(path)), [], method);
          await client.shutdown();
        } finally {
          await client.kill();
        }
        await clean(method);
      }
      // Runs that end before they are stopped, or are stopped before they begin, prove nothing.
      const stopped = ended.filter((how) => /130$|-32800/.test(how));
      assert.ok(stopped.length >= RUNS / 2, `only ${stopped.length} of ${RUNS} were stopped: ${ended.join(", ")}`);
    });
  }
});

/** The model process has a copy of its model for as long as it lives. */
function ofModel(path: string): boolean {
  return /^tmp[\\/]vqa-slots-\d+-/.test(path);
}

/** Files whose names say that they were being written; in the folder for temporary files everything is. */
function unfinished(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => path.startsWith("tmp") || /(^|[\\/])\.|\.part$|\.tmp$/.test(path));
}
