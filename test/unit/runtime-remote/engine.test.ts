/** The remote engine against an endpoint that takes nothing but what is published, and that misbehaves. */
import assert from "node:assert/strict";
import type { AskRequest } from "../../../server/src/engine/answer.js";
import { VqaError } from "../../../server/src/engine/errors.js";
import { inputIdOf, answerInputs } from "../../../server/src/engine/inputs.js";
import { createRemotePipeline } from "../../../server/src/engine/remote/pipeline.js";
import { inputId } from "../../../server/src/format/index.js";
import type { RemoteConfig } from "../../../server/src/protocol/remote.js";
import { remoteEngine } from "../../../server/src/runtime/remote/engine.js";
import { FakeEngine, type ChatBody, type FakeOptions, type Fault, type Part } from "../../support/fakeEngine.js";
import { until } from "../../support/processes.js";
import { repoRoot } from "../../support/repo.js";
import { MemoryCache, MemoryCues, MemorySource } from "../engine/memoryPorts.js";

const CUES = [
  { startMs: 500, endMs: 2000, text: "Hello." },
  { startMs: 9000, endMs: 10_000, text: "The code is 472." },
];
const ask = (over: Partial<AskRequest> = {}): AskRequest => ({ video: "/clips/a.mp4", question: "What is there?", frames: 4, ...over });
const partsOf = ({ messages }: ChatBody): readonly Part[] => messages[0]!.content as readonly Part[];
const shown = (body: ChatBody): string => partsOf(body).map((part) => (part.type === "text" ? part.text : `<${part.type}>`)).join("");

describe("the remote engine", () => {
  const open: (() => Promise<void> | void)[] = [];
  afterEach(async () => {
    for (const close of open.splice(0)) await close();
  });

  async function setUp(options: FakeOptions = {}, config: Partial<RemoteConfig> = {}) {
    const fake = await FakeEngine.start(options);
    const chat = remoteEngine({ url: fake.url, model: "seer-7b", ...config }, 1);
    open.push(() => chat.dispose(), () => fake.close());
    const source = new MemorySource();
    let clock = 0;
    const pipeline = createRemotePipeline({ source, cues: new MemoryCues(CUES), cache: new MemoryCache(), chat, now: () => clock++, engine: ["vqa test"] });
    return { fake, pipeline, source, chat };
  }
  const rejects = (promise: Promise<unknown>, code: string, says: RegExp): Promise<void> =>
    assert.rejects(promise, (thrown: VqaError) => {
      assert.ok(thrown instanceof VqaError, String(thrown));
      assert.equal(thrown.code, code, thrown.message);
      assert.match(thrown.message, says);
      return true;
    });

  it("sends frames with their times and subtitles, streams, and says what left and where to", async () => {
    // A byte at a time: events, lines and letters are cut everywhere.
    const { fake, pipeline } = await setUp({ chunk: 1, say: () => ({ text: "a réd circle" }), key: "secret" }, { key: "secret" });
    const deltas: string[] = [];
    const answer = await pipeline.ask(ask(), { onText: (delta) => deltas.push(delta) });
    assert.equal(answer.text, "a réd circle");
    assert.deepEqual(deltas, ["a ", "réd ", "circle"]);
    assert.equal(fake.asked.length, 1);
    const { body, authorization } = fake.asked[0]!;
    assert.equal(authorization, "Bearer secret");
    assert.equal(
      shown(body),
      "four frames of a video of length 0:00:16 follow in order of time. Each stands behind its time; what is said from then on stands below it.\nAt 00:02: <image_url>\nSaid: Hello.\nAt 00:06: <image_url>\nAt 00:10: <image_url>\nSaid: The code is 472.\nAt 00:14: <image_url>\n\nWhat is there?",
    );
    assert.deepEqual([body["temperature"], body["seed"], body["max_tokens"], body["logprobs"]], [0, 42, 64, undefined]);
    const { provenance, timings } = answer;
    assert.equal(provenance.notes[0], `4 frames and 2 subtitles left this program, to ${fake.host}.`);
    assert.equal(provenance.modelId, `seer-7b@${fake.host}`);
    assert.ok(provenance.engine.includes(`remote engine at ${fake.host} (openai)`), provenance.engine.join());
    assert.deepEqual(provenance.frameTimesMs, [2000, 6000, 10_000, 14_000]);
    assert.deepEqual([timings.promptTokens, timings.answerTokens], [1234, 3]);
    assert.ok(!JSON.stringify(answer).includes("secret"));
  });

  it("knows before and after what an answer depends on, and asks nobody for it", async () => {
    const { fake, pipeline } = await setUp();
    const { dependsOn } = await pipeline.inputs(ask());
    assert.equal(fake.asked.length, 0);
    const { provenance } = await pipeline.ask(ask());
    assert.equal(inputIdOf(dependsOn), inputId(answerInputs(ask(), provenance)));
  });

  it("decodes the frames of several questions once, and holds no system and no evidence", async () => {
    const { pipeline, source } = await setUp();
    await pipeline.ask(ask());
    const { provenance } = await pipeline.ask(ask({ question: "And?", evidence: true }));
    assert.equal(source.requests.length, 1);
    assert.ok(provenance.notes.includes("A remote engine does not tell what an answer rests on."));
    await rejects(pipeline.ask(ask({ composer: "longvlm" })), "invalid-request", /no system "longvlm"/);
  });

  it("weighs the letters of a multiple choice, or reads the one that is said", async () => {
    const top = (...tokens: readonly (readonly [string, number])[]) => tokens.map(([token, p]) => ({ token, logprob: Math.log(p) }));
    const weighed = await setUp({ say: () => ({ text: "( B", alternatives: [top(["(", 0.9], ["B", 0.1]), top(["B", 0.3], ["A", 0.15], [" B", 0.1], ["x", 0.2])] }) });
    const deltas: string[] = [];
    const answer = await weighed.pipeline.ask(ask({ choices: ["red", "blue", "green"] }), { onText: (delta) => deltas.push(delta) });
    assert.deepEqual([answer.choice, answer.text, deltas], [1, "blue", ["blue"]]);
    assert.deepEqual(answer.probabilities?.map((p) => Number(p.toFixed(4))), [0.2727, 0.7273, 0]);
    const { body } = weighed.fake.asked[0]!;
    assert.match(shown(body), /What is there\?\n\(A\) red\n\(B\) blue\n\(C\) green\nReply with the letter/);
    assert.deepEqual([body.logprobs, body["top_logprobs"], body.max_tokens], [true, 20, 8]);
    for (const [text, choice] of [["C", 2], ["(A) red", 0], ["B. It is blue", 1], ["Green.", 2], ["A blue one", undefined], ["I see nothing", undefined]] as const) {
      const { pipeline, fake } = await setUp({ say: () => ({ text }) }, { dialect: "ollama" });
      const said = await pipeline.ask(ask({ choices: ["red", "blue", "green"] }));
      assert.equal(said.choice, choice, text);
      assert.equal(fake.asked[0]!.body.logprobs, undefined);
      if (choice === undefined) assert.ok(said.provenance.notes.includes("The reply names none of the choices."));
    }
  });

  for (const [kind, tooLong] of [
    ["OpenAI", undefined],
    ["vLLM", { status: 400, body: '{"object":"error","message":"The decoder prompt (length 9000) is longer than the maximum model length of 4096.","type":"BadRequestError","param":null,"code":400}' }],
    ["llama-server", { status: 400, body: '{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error","n_prompt_tokens":9000,"n_ctx":4096}}' }],
    ["a proxy", { status: 413, body: "<html>Request Entity Too Large</html>" }],
  ] as const) {
    it(`shows fewer frames when it is too much for ${kind}, and says so`, async () => {
      const { fake, pipeline } = await setUp({ mostImages: 2, ...(tooLong === undefined ? {} : { tooLong }) });
      const { provenance } = await pipeline.ask(ask({ frames: 8 }));
      assert.equal(fake.asked.length, 3);
      assert.deepEqual(provenance.frameTimesMs, [5000, 13_000]);
      assert.equal(provenance.cuesUsed.length, 2);
      assert.ok(provenance.notes.includes("Looked at 2 of 8 frames: more were too much for the engine."), provenance.notes.join());
    });
  }

  it("asks a model without eyes once, and says what it lacks", async () => {
    // As llama-server says it, which calls it a fault of its own: to try again would take 15 seconds and end the same.
    const body = '{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}';
    const { fake, pipeline } = await setUp();
    fake.faults.push({ kind: "status", status: 500, body });
    await assert.rejects(pipeline.ask(ask()), (thrown) => {
      const { code, next } = thrown as { code: string; next: string };
      assert.deepEqual([code, /--mmproj/.test(next)], ["model-unsupported", true]);
      return true;
    });
    assert.ok(fake.asked.length <= 1);
  });

  it("says that it is too much when a single frame is", async () => {
    const { pipeline } = await setUp({ mostImages: 0 });
    await rejects(pipeline.ask(ask()), "context-overflow", /maximum context length/);
  });

  for (const [what, faults] of [
    ["a busy server", [{ kind: "status", status: 429, headers: { "retry-after": "0" } }, { kind: "status", status: 503, body: '{"error":{"message":"Loading model","type":"unavailable_error","code":503}}' }]],
    ["a date to come back at", [{ kind: "status", status: 429, headers: { "retry-after": "Thu, 01 Jan 1970 00:00:00 GMT" } }]],
    ["one that fails", [{ kind: "status", status: 500, body: "oops" }, { kind: "hang-up" }]],
    ["a stream that is cut before its first word", [{ kind: "cut", after: 2 }]],
    ["a stream that is no JSON", [{ kind: "garbled" }]],
    ["an error in the stream", [{ kind: "raw", type: "text/event-stream", body: 'data: {"error":{"message":"engine died"}}\n\n' }]],
  ] as readonly (readonly [string, readonly Fault[]])[]) {
    it(`tries again after ${what}`, async () => {
      const { fake, pipeline } = await setUp();
      fake.faults.push(...faults);
      assert.equal((await pipeline.ask(ask())).text, "a red circle");
      assert.equal(fake.faults.length, 0);
    });
  }

  for (const [what, fault, code, says] of [
    ["a wrong key", { kind: "status", status: 401, body: '{"error":{"message":"Incorrect API key provided"}}' }, "worker-unavailable", /401: Incorrect API key/],
    ["an unknown model", { kind: "status", status: 404, body: '{"error":"model \\"seer-7b\\" not found, try pulling it first"}' }, "worker-unavailable", /try pulling it first/],
    ["a refused request", { kind: "status", status: 400, body: '{"error":{"message":"no images please"}}' }, "invalid-request", /no images please/],
    ["a redirection", { kind: "status", status: 302, headers: { location: "http://127.0.0.1:1/" } }, "worker-unavailable", /302/],
    ["too long a pause", { kind: "status", status: 429, headers: { "retry-after": "7200" } }, "worker-unavailable", /left alone for 120 min/],
    ["a web page", { kind: "raw", type: "text/html", body: "<html>Sign in</html>" }, "worker-unavailable", /text\/html and not with a stream: <html>/],
    ["a stream that is cut in the middle", { kind: "cut", after: 4 }, "worker-crashed", /cannot be used/],
  ] as readonly (readonly [string, Fault, string, RegExp])[]) {
    it(`does not try again after ${what}`, async () => {
      const { fake, pipeline } = await setUp();
      fake.faults.push(fault);
      await rejects(pipeline.ask(ask()), code, says);
      assert.ok(fake.asked.length <= 1);
    });
  }

  it("gives up after all tries, and one that is silent", async () => {
    const { fake, pipeline } = await setUp({}, { retries: 2 });
    fake.faults.push(...Array.from({ length: 3 }, (): Fault => ({ kind: "status", status: 500 })));
    await rejects(pipeline.ask(ask()), "worker-unavailable", /it answered 500\./);
    const quiet = await setUp({}, { retries: 0, timeoutMs: 200 });
    quiet.fake.faults.push({ kind: "silent" });
    await rejects(quiet.pipeline.ask(ask()), "worker-unavailable", /sent nothing for|timeout/i);
    quiet.fake.faults.push({ kind: "stall", after: 4 });
    await rejects(quiet.pipeline.ask(ask()), "worker-crashed", /sent nothing for|timeout/i);
  });

  it("takes no more than was asked for, and no line without end", async () => {
    const { fake, pipeline } = await setUp({}, { retries: 0 });
    fake.faults.push({ kind: "endless" });
    const { text, stop } = await pipeline.ask(ask({ decode: { maxTokens: 10 } }));
    assert.deepEqual([text.length <= 320, stop], [true, "max-tokens"]);
    fake.faults.push({ kind: "one-line" });
    await rejects(pipeline.ask(ask()), "worker-crashed", /line without end/);
  });

  it("stops at once, with what was said or without", async () => {
    const { fake, pipeline } = await setUp();
    fake.faults.push({ kind: "stall", after: 4 });
    const stop = new AbortController();
    const answer = await pipeline.ask(ask(), { onText: (delta) => void (delta.startsWith("red") && stop.abort()) }, stop.signal);
    assert.deepEqual([answer.text, answer.stop], ["a red", "stopped"]);
    fake.faults.push({ kind: "silent" });
    const before = new AbortController();
    const asked = pipeline.ask(ask(), {}, before.signal);
    asked.catch(() => undefined);
    await until(() => fake.faults.length === 0, { what: "the request to arrive" });
    before.abort();
    await rejects(asked, "cancelled", /Stopped/);
    assert.equal((await pipeline.ask(ask())).text, "a red circle");
  });

  it("takes an answer in one piece from a server that does not stream", async () => {
    const { pipeline } = await setUp({ streams: false, say: () => ({ text: "whole", finish: "length" }) });
    const { text, stop } = await pipeline.ask(ask());
    assert.deepEqual([text, stop], ["whole", "max-tokens"]);
  });

  it("sends the file itself to engines that take it, where all of it is asked about", async () => {
    const fake = await FakeEngine.start();
    const chat = remoteEngine({ url: fake.url, model: "m", dialect: "vllm", video: true }, 1);
    open.push(() => chat.dispose(), () => fake.close());
    const clip = `${repoRoot}/test/fixtures/twins/red-circle.mp4`;
    const source = new MemorySource();
    const probe = source.probe.bind(source);
    source.probe = async (path) => ({ ...(await probe(path)), path: clip });
    const pipeline = createRemotePipeline({ source, cues: new MemoryCues(CUES), cache: new MemoryCache(), chat, now: () => 0, engine: [] });
    const whole = await pipeline.ask(ask());
    assert.match(shown(fake.asked[0]!.body), /^A video of length 0:00:16, and what is said in it:\n<video_url>\nAt 00:00 is said: Hello\.\nAt 00:09 is said: The code is 472\.\n\nWhat is there\?$/);
    assert.match(whole.provenance.notes[0]!, /^The video itself \(\d+ bytes\) and 2 subtitles left this program/);
    const part = await pipeline.ask(ask({ scope: [{ startMs: 0, endMs: 8000 }] }));
    assert.match(shown(fake.asked[1]!.body), /<image_url>/);
    assert.ok(part.provenance.notes.some((note) => /about a part of it/.test(note)));
  });

  it("sends each program only what it takes", async () => {
    const decode = { repetitionPenalty: 1.2 };
    for (const [dialect, field] of [["vllm", "repetition_penalty"], ["sglang", "repetition_penalty"], ["llama-server", "repeat_penalty"]] as const) {
      const { fake, pipeline } = await setUp({ extra: [field] }, { dialect });
      await pipeline.ask(ask({ decode }));
      assert.equal(fake.asked[0]!.body[field], 1.2);
    }
    const { pipeline } = await setUp();
    await rejects(pipeline.ask(ask({ decode })), "invalid-request", /takes no repetition penalty/);
    await rejects(pipeline.ask(ask({ decode: { temperature: 3 } })), "invalid-request", /temperature is 3/);
    assert.throws(() => remoteEngine({ url: "http://127.0.0.1:1/v1", model: "m", video: true }), /takes pictures and no video files/);
  });

  for (const [url, says] of [
    ["ftp://host/v1", /neither http nor https/],
    ["nonsense", /no address/],
    ["https://user:secret@host/v1", /a password in it/],
    ["http://api.example.com/v1", /not encrypted/],
    ["https://host/v1?key=1", /more than a path/],
  ] as const) {
    it(`refuses ${url}`, () => assert.throws(() => remoteEngine({ url, model: "m" }), says));
  }
  for (const url of ["http://localhost:1/v1", "http://192.168.1.2/v1", "http://10.0.0.1/v1", "http://[::1]:8/v1", "http://gpu/v1", "http://gpu.local:8000/v1", "https://api.example.com/v1"]) {
    it(`takes ${url}`, () => remoteEngine({ url, model: "m" }).dispose());
  }
});
