import assert from "node:assert/strict";
import { appendFileSync, copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { start, vqa, type Ran } from "../support/cli.js";
import { LspClient } from "../support/lspClient.js";
import { workersOf, gone, isAlive, until } from "../support/processes.js";
import { repoRoot } from "../support/repo.js";

const demo = join(repoRoot, "media/demo/shapes.mp4");
const micro = join(repoRoot, "server/models/micro");
const posix = process.platform !== "win32";
/** One thread: more of them than idle cores wait for one another. */
const FAST = ["--threads", "1", "--max-tokens", "8"];

const VQA = "VQA 1\nvideo: shapes.mp4\n\nQ q1: What is the code?\nA ann: 472\n\nNOTE keep  this   as it is\n\nQ q2 @00:00..00:08: Where is the green star?\n  - [ ] top left\n  - [x] top right\n";

describe("command line", function () {
  this.timeout(120_000);
  let folder: string;
  const at = (name: string): string => join(folder, name);

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "vqa-cli-"));
    copyFileSync(demo, at("shapes.mp4"));
    writeFileSync(at("empty.mp4"), "");
    writeFileSync(at("text.mp4"), "This is a letter, not a film.\n".repeat(50));
    writeFileSync(at("cut.mp4"), readFileSync(demo).subarray(0, 1000));
    mkdirSync(at("folder.mp4"));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A failure that a person can read: what, what next, and no stack. */
  const checkFailure = ({ code, stdout, stderr }: Ran, expected: number, ...says: RegExp[]): void => {
    assert.equal(code, expected, stderr);
    assert.equal(stdout, "");
    for (const text of says) assert.match(stderr, text);
    assert.match(stderr, /^vqa: .+\n {5}\S.+\n$/, "a message and the next step");
    assert.doesNotMatch(stderr, /^\s+at |node:internal/m);
  };

  describe("help", () => {
    it("tells the commands and the exit codes", async () => {
      const { code, stdout, stderr } = await vqa(["--help"]);
      assert.equal(code, 0);
      assert.equal(stderr, "");
      for (const word of ["ask", "run", "probe", "lsp", "130"]) assert.match(stdout, new RegExp(`^  ${word}\\b`, "m"));
    });

    for (const command of ["ask", "run", "probe", "lsp"]) {
      it(`tells the options of ${command}`, async () => {
        const { code, stdout } = await vqa([command, "--help"]);
        assert.equal(code, 0);
        assert.match(stdout, new RegExp(`^Usage: vqa ${command} `));
        assert.equal((await vqa(["help", command])).stdout, stdout);
      });
    }

    it("tells the version", async () => {
      const { version } = JSON.parse(readFileSync(join(repoRoot, "package.json"), "utf8")) as { version: string };
      assert.equal((await vqa(["--version"])).stdout, `${version}\n`);
    });

    it("comes, as an error, when nothing is asked for", async () => {
      const { code, stdout, stderr } = await vqa([]);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, /^Usage: vqa <command>/);
    });
  });

  describe("wrong usage", () => {
    const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
      [["fly"], /no command "fly".*use one of ask, run, /],
      [["ask"], /Which video/],
      [["ask", "a.mp4"], /What is the question/],
      [["ask", "a.mp4", "What", "colour?"], /in quotes.*"colour\?"/],
      [["ask", "a.mp4", "What?", "--speed"], /--speed/],
      [["ask", "a.mp4", "What?", "--frames", "many"], /--frames.*"many"/],
      [["ask", "a.mp4", "What?", "--frames", "1.5"], /--frames must be a whole number/],
      [["ask", "a.mp4", "What?", "--frames", "0"], /--frames/],
      [["ask", "a.mp4", "What?", "--temperature", "1e9"], /--temperature/],
      [["ask", "a.mp4", "What?", "--scope", "soon"], /--scope.*"soon"/],
      [["ask", "a.mp4", "What?", "--scope", "00:09..00:05"], /--scope/],
      [["ask", "a.mp4", "What?", "--choices", "one"], /--choices takes two/],
      [["ask", "a.mp4", "What?", "--model", ""], /--model has an empty value/],
      [["ask", "a.mp4", "What?", "--json=yes"], /--json/],
      [["run"], /Which notebook/],
      [["run", "a.vqa", "--all", "--check"], /--all and --check/],
      [["run", "a.vqa", "--write", "--check"], /--write/],
      [["run", "a.vqa", "--min-accuracy", "101"], /--min-accuracy/],
      [["probe"], /Which video/],
      [["probe", "a.mp4", "b.mp4"], /One video/],
    ];
    for (const [args, says] of wrong) {
      it(`is explained: vqa ${args.join(" ")}`, async () => checkFailure(await vqa(args, { cwd: folder }), 2, says, /--help/));
    }
  });

  describe("bad videos", () => {
    const bad: readonly (readonly [file: string, code: string, says: RegExp])[] = [
      ["none.mp4", "video-not-found", /none\.mp4/],
      ["empty.mp4", "video-empty", /empty\.mp4.*empty/],
      ["text.mp4", "video-unreadable", /text\.mp4.*text file/],
      ["cut.mp4", "video-unreadable", /cut\.mp4/],
      ["folder.mp4", "video-refused", /folder\.mp4.*folder/],
    ];
    for (const [file, error, says] of bad) {
      it(`${file} is named, with what to do`, async () => {
        checkFailure(await vqa(["probe", file], { cwd: folder }), 3, says);
        checkFailure(await vqa(["ask", file, "What?", ...FAST], { cwd: folder }), 3, says);
        const { code, stdout, stderr } = await vqa(["ask", file, "What?", ...FAST, "--json"], { cwd: folder });
        assert.deepEqual([code, stderr], [3, ""]);
        const told = JSON.parse(stdout) as { error: { code: string; message: string; next: string }; exitCode: number };
        assert.equal(told.error.code, error);
        assert.match(told.error.message, says);
        assert.equal(told.exitCode, 3);
      });
    }

    it("a time beyond the end is named", async () => {
      checkFailure(await vqa(["ask", "shapes.mp4", "What?", "--scope", "01:00..02:00", ...FAST], { cwd: folder }), 3, /01:00/, /00:32/);
    });

    it("the stack is shown to those who ask for it", async () => {
      const { stderr } = await vqa(["probe", "none.mp4"], { cwd: folder, env: { VQA_DEBUG: "1" } });
      assert.match(stderr, /^\s+at /m);
    });
  });

  describe("bad models", () => {
    const ask = (model: string): Promise<Ran> => vqa(["ask", "shapes.mp4", "What?", "--model", model, ...FAST], { cwd: folder });

    it("a folder that does not exist", async () => checkFailure(await ask("nowhere"), 4, /nowhere/));

    it("a pack with a flipped bit", async () => {
      cpSync(micro, at("flipped"), { recursive: true });
      const file = at("flipped/projector.onnx");
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(file, bytes);
      checkFailure(await ask("flipped"), 4, /projector\.onnx/, /sha256/);
    });

    it("a pack with a missing or cut file", async () => {
      cpSync(micro, at("cut"), { recursive: true });
      const file = at("cut/language.gguf");
      writeFileSync(file, readFileSync(file).subarray(0, 1000));
      checkFailure(await ask("cut"), 4, /language\.gguf/, /1000 bytes/);
      rmSync(file);
      checkFailure(await ask("cut"), 4, /language\.gguf/, /missing/);
    });

    it("a whole pack in another folder answers", async () => {
      cpSync(micro, at("copy"), { recursive: true });
      const { code, stdout } = await ask("copy");
      assert.equal(code, 0);
      assert.notEqual(stdout.trim(), "");
    });
  });

  describe("probe", () => {
    it("tells what is in the file", async () => {
      const { code, stdout, stderr } = await vqa(["probe", "shapes.mp4"], { cwd: folder });
      assert.deepEqual([code, stderr], [0, ""]);
      assert.match(stdout, /h264, 320 x 240, 25 frames a second/);
    });

    it("tells machines too", async () => {
      const { stdout } = await vqa(["probe", "shapes.mp4", "--json"], { cwd: folder });
      const media = JSON.parse(stdout) as Record<string, unknown>;
      assert.equal(media["durationMs"], 32_000);
      assert.match(String(media["digest"]), /^[0-9a-f]{64}$/);
    });
  });

  describe("ask", () => {
    it("answers on standard output, the same text every time", async () => {
      const once = await vqa(["ask", "shapes.mp4", "What is the code?", ...FAST], { cwd: folder });
      assert.equal(once.code, 0, once.stderr);
      assert.match(once.stdout, /^\S.*\n$/);
      const again = await vqa(["ask", "shapes.mp4", "What is the code?", ...FAST, "--json"], { cwd: folder });
      assert.equal(again.stderr, "");
      const answer = JSON.parse(again.stdout) as { text: string; model: string; question: string; provenance: { decode: { maxTokens: number } } };
      assert.equal(answer.text, once.stdout.trim());
      assert.equal(answer.question, "What is the code?");
      assert.equal(answer.provenance.decode.maxTokens, 8);
    });

    it("takes scope, frames, choices and no subtitles into account", async () => {
      const args = ["ask", "shapes.mp4", "Where is it?", "--scope", "00:02..00:04", "--frames", "3", "--choices", "top left, top right", "--no-subtitles", "--json", ...FAST];
      const { code, stdout } = await vqa(args, { cwd: folder });
      assert.equal(code, 0);
      const answer = JSON.parse(stdout) as { text: string; choice: number; probabilities: number[]; provenance: { frameTimesMs: number[]; cuesUsed: unknown[] } };
      assert.equal(answer.text, ["top left", "top right"][answer.choice]);
      assert.ok(Math.abs(answer.probabilities.reduce((a, b) => a + b) - 1) < 1e-6);
      assert.equal(answer.provenance.frameTimesMs.length, 3);
      assert.ok(answer.provenance.frameTimesMs.every((ms) => ms >= 2000 && ms < 4000));
      assert.deepEqual(answer.provenance.cuesUsed, []);
    });
  });

  describe("run", () => {
    const write = (name: string, text = VQA): string => {
      writeFileSync(at(name), text);
      return name;
    };
    const read = (name: string): string => readFileSync(at(name), "utf8");
    /** The lines that people wrote. */
    const human = (text: string): string => text.split("\n").filter((line) => !/^(M|RUN) |^  [a-z0-9.]+: /.test(line)).join("\n").trimEnd();

    it("prints the notebook with its answers and leaves the file alone", async () => {
      const { code, stdout, stderr } = await vqa(["run", write("print.vqa"), ...FAST], { cwd: folder });
      assert.equal(code, 0, stderr);
      assert.equal(read("print.vqa"), VQA);
      assert.equal(human(stdout), VQA.trimEnd());
      assert.equal(stdout.match(/^M [0-9a-f]{8} [0-9a-f]{12} /gm)?.length, 2);
      assert.match(stderr, /\[1\/2\] What is the code\?/);
      assert.match(stderr, /Right: [012] of 2/);
      assert.match(stderr, /Time: .*frames .*generate /);
    });

    it("says where a broken notebook is broken, and answers what can be answered", async () => {
      write("broken.vqa", `${VQA}\nstray words\n\nQ far @00:99: What is this?\n`);
      const { code, stdout, stderr } = await vqa(["run", "broken.vqa", ...FAST], { cwd: folder });
      assert.equal(code, 1);
      const lines = read("broken.vqa").split("\n");
      assert.ok(stderr.includes(`broken.vqa:${lines.indexOf("stray words") + 1}: error: `), stderr);
      assert.ok(stderr.includes(`broken.vqa:${lines.indexOf("Q far @00:99: What is this?") + 1}: error: `), stderr);
      assert.equal(stdout.match(/^M [0-9a-f]{8} [0-9a-f]{12} /gm)?.length, 2);
      const { notebooks } = JSON.parse((await vqa(["run", "broken.vqa", "--json", ...FAST], { cwd: folder })).stdout) as { notebooks: { problems: { line: number; code: string }[] }[] };
      assert.deepEqual(notebooks[0]?.problems.map(({ line }) => lines[line - 1]), ["stray words", "Q far @00:99: What is this?"]);
    });

    it("writes answers and nothing else, keeps what is up to date, and asks again what is not", async () => {
      write("write.vqa");
      const args = ["run", "write.vqa", "--write", ...FAST];
      const first = await vqa(args, { cwd: folder });
      assert.equal(first.code, 0, first.stderr);
      assert.equal(first.stdout, "");
      const stored = read("write.vqa");
      assert.equal(human(stored), VQA.trimEnd());
      assert.equal((await vqa(["run", "write.vqa", "--check", ...FAST], { cwd: folder })).code, 0);

      const second = await vqa(args, { cwd: folder });
      assert.match(second.stderr, /0 answered, 2 kept/);
      assert.equal(read("write.vqa"), stored);

      writeFileSync(at("write.vqa"), stored.replace("What is the code?", "What is the name?"));
      const checked = await vqa(["run", "write.vqa", "--check", ...FAST], { cwd: folder });
      assert.equal(checked.code, 1);
      assert.match(checked.stderr, /write\.vqa: question q1: .*up to date/);
      assert.doesNotMatch(checked.stderr, /question q2/);
      const third = await vqa([...args, "--json"], { cwd: folder });
      const { notebooks, totals } = JSON.parse(third.stdout) as { notebooks: { written: boolean; questions: { id: string; answer?: object; kept?: object; grade: string }[] }[]; totals: { asked: number; kept: number } };
      assert.deepEqual([totals.asked, totals.kept, notebooks[0]?.written], [1, 1, true]);
      assert.deepEqual(notebooks[0]?.questions.map(({ id, answer, kept }) => [id, answer !== undefined, kept !== undefined]), [["q1", true, false], ["q2", false, true]]);
      assert.deepEqual(readdirSync(folder).filter((name) => name.includes(".tmp")), [], "no temporary file is left");
    });

    it("writes through a link, and keeps the bytes of an odd file", async function () {
      if (!posix) this.skip();
      const odd = `\ufeff${VQA.replaceAll("\n", "\r\n")}`;
      write("odd.vqa", odd);
      symlinkSync("odd.vqa", at("link.vqa"));
      assert.equal((await vqa(["run", "link.vqa", "--write", ...FAST], { cwd: folder })).code, 0);
      const stored = read("odd.vqa");
      assert.equal(human(stored.replaceAll("\r\n", "\n")), human(odd.replaceAll("\r\n", "\n")));
      assert.doesNotMatch(stored, /[^\r]\n/);
      assert.ok(readFileSync(at("link.vqa"), "utf8") === stored);
    });

    it("checks the text too", async () => {
      write("text.vqa");
      assert.equal((await vqa(["run", "text.vqa", "--write", ...FAST], { cwd: folder })).code, 0);
      write("text.vqa", `${read("text.vqa")}\nstray words\n`);
      const { code, stderr } = await vqa(["run", "text.vqa", "--check", ...FAST], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stderr, /^text\.vqa:\d+: error: /m);
    });

    it("does not write over a change that was made meanwhile", async function () {
      if (!posix) this.skip();
      write("race.vqa");
      const running = start(["run", "race.vqa", "--write", ...FAST], { cwd: folder });
      await until(() => workersOf(running.child.pid!)[0], { what: "the worker", of: [running] });
      appendFileSync(at("race.vqa"), "\nNOTE written meanwhile\n");
      const ran = await running.ended;
      assert.equal(ran.code, 3);
      assert.match(ran.stderr, /race\.vqa was changed/);
      assert.equal(read("race.vqa"), `${VQA}\nNOTE written meanwhile\n`);
    });

    it("says what is wrong with a notebook", async () => {
      checkFailure(await vqa(["run", "none.vqa"], { cwd: folder }), 3, /none\.vqa.*does not exist/);
      checkFailure(await vqa(["run", "folder.mp4"], { cwd: folder }), 3, /folder\.mp4.*folder/);
      writeFileSync(at("latin.vqa"), Buffer.from([0x56, 0x51, 0x41, 0xff, 0xfe]));
      checkFailure(await vqa(["run", "latin.vqa"], { cwd: folder }), 3, /latin\.vqa.*UTF-8/);
      checkFailure(await vqa(["run", write("nine.vqa", VQA.replace("VQA 1", "VQA 9"))], { cwd: folder }), 3, /nine\.vqa.*version 9/);
      checkFailure(await vqa(["run", write("novideo.vqa", VQA.replace("video: shapes.mp4\n", ""))], { cwd: folder }), 3, /novideo\.vqa.*names no video/);
      checkFailure(await vqa(["run", write("web.vqa", VQA.replace("shapes.mp4", "https://example.org/a.mp4"))], { cwd: folder }), 3, /example\.org/);
    });

    it("answers what it can, and says with its exit code that something failed", async () => {
      write("half.vqa", VQA.replace("@00:00..00:08", "@01:00..02:00"));
      const { code, stdout, stderr } = await vqa(["run", "half.vqa", ...FAST], { cwd: folder });
      assert.equal(code, 1);
      assert.equal(stdout.match(/^M /gm)?.length, 1);
      assert.match(stderr, /failed: .*01:00/);
      write("gone.vqa", VQA.replace("shapes.mp4", "none.mp4"));
      assert.equal((await vqa(["run", "gone.vqa", ...FAST], { cwd: folder })).code, 3, "nothing could be answered");
    });

    it("fails below the wanted accuracy", async () => {
      write("gate.vqa", "VQA 1\nvideo: shapes.mp4\n\nQ: What is the code?\nA: certainly not this\n");
      assert.equal((await vqa(["run", "gate.vqa", "--min-accuracy", "100", ...FAST], { cwd: folder })).code, 1);
      assert.equal((await vqa(["run", "gate.vqa", "--min-accuracy", "0", ...FAST], { cwd: folder })).code, 0);
    });

    it("takes several notebooks", async () => {
      write("one.vqa");
      write("two.vqa");
      const { stdout } = await vqa(["run", "one.vqa", "two.vqa", "--json", ...FAST], { cwd: folder });
      const { notebooks, totals } = JSON.parse(stdout) as { notebooks: unknown[]; totals: { questions: number } };
      assert.deepEqual([notebooks.length, totals.questions], [2, 4]);
    });
  });

  describe("Ctrl-C", () => {
    before(function () {
      if (!posix) this.skip();
    });

    const interrupted = async (times: number): Promise<{ ran: Ran; worker: number }> => {
      const running = start(["ask", "shapes.mp4", "What is the code?", "--threads", "1"], { cwd: folder });
      const worker = await until(() => workersOf(running.child.pid!)[0], { what: "the worker", of: [running] });
      // Frozen, it is at work for certain, and it cannot stop in good order.
      process.kill(worker, "SIGSTOP");
      running.child.kill("SIGINT");
      if (times > 1) {
        // Two signals at once would be one.
        await until(() => running.stderr().includes("Stopping"), { what: "word of stopping", of: [running] });
        running.child.kill("SIGINT");
      }
      return { ran: await running.ended, worker };
    };

    it("stops within a second, by force if need be, and leaves no process", async () => {
      const { ran, worker } = await interrupted(1);
      assert.equal(ran.code, 130);
      assert.match(ran.stderr, /Stopping/);
      await gone(worker);
    });

    it("twice stops at once, and leaves no process", async () => {
      const { ran, worker } = await interrupted(2);
      assert.equal(ran.code, 130);
      await gone(worker);
    });

    it("is honoured by a worker that can", async () => {
      const running = start(["ask", "shapes.mp4", "What is the code?", "--threads", "1", "--json"], { cwd: folder });
      const worker = await until(() => workersOf(running.child.pid!)[0], { what: "the worker", of: [running] });
      running.child.kill("SIGINT");
      const { code, stdout } = await running.ended;
      assert.equal(code, 130);
      assert.equal((JSON.parse(stdout) as { error: { code: string } }).error.code, "cancelled");
      await gone(worker);
    });

    it("keeps the answers that a run has", async () => {
      writeFileSync(at("long.vqa"), `VQA 1\nvideo: shapes.mp4\n\n${"Q: What is the code?\n\n".repeat(300)}`);
      const running = start(["run", "long.vqa", "--write", "--threads", "1"], { cwd: folder });
      await until(() => running.stderr().includes("[2/300]"), { what: "the second question", of: [running] });
      running.child.kill("SIGINT");
      const { code } = await running.ended;
      assert.equal(code, 130);
      const stored = readFileSync(at("long.vqa"), "utf8").match(/^M /gm)?.length ?? 0;
      assert.ok(stored > 0 && stored < 300, `${stored} answers`);
    });

    it("does not leave the worker behind when the command is killed", async () => {
      const running = start(["ask", "shapes.mp4", "What is the code?", "--threads", "1"], { cwd: folder });
      const worker = await until(() => workersOf(running.child.pid!)[0], { what: "the worker", of: [running] });
      assert.ok(isAlive(worker));
      running.child.kill("SIGKILL");
      await gone(worker);
    });
  });

  describe("launcher", () => {
    const launcher = join(repoRoot, "server/bin/vqa.mjs");

    it("says what to do where the program is not built and cannot be", async () => {
      mkdirSync(at("bare/server/bin"), { recursive: true });
      copyFileSync(launcher, at("bare/server/bin/vqa.mjs"));
      checkFailure(await vqa(["--help"], { program: at("bare/server/bin/vqa.mjs") }), 4, /not built/, /npm run build/);
    });

    it("starts the command line and the server", async function () {
      if (!existsSync(join(repoRoot, "out/server/src/cli.js"))) this.skip();
      assert.match((await vqa(["--help"], { program: launcher })).stdout, /^Usage: vqa/);
      assert.match((await vqa(["lsp", "--help"], { program: launcher })).stdout, /^Usage: vqa lsp/);
      const client = LspClient.stdio({}, [launcher, "lsp"]);
      assert.equal((await client.initialize()).serverInfo.name, "vqa");
      assert.equal((await client.shutdown()).code, 0);
      const { code, stderr } = await vqa(["lsp"], { program: launcher });
      assert.equal(code, 2);
      assert.match(stderr, /--stdio/);
    });
  });
});
