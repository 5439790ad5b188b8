/** Judging answers in free words, with a journal: a judge may take hours, or cost money. */
import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import type { AspectFigures } from "../../engine/evaluate/aspects.js";
import { JUDGE_PROMPT, judged, type Judge, type Judgment } from "../../engine/evaluate/judge.js";
import type { Prediction } from "../../engine/evaluate/prediction.js";
import { VqaError } from "../../engine/errors.js";
import { Journal } from "../../runtime/batch/journal.js";
import { takeLock } from "../../runtime/batch/lock.js";
import { ggufJudge } from "../../runtime/judge/gguf.js";
import { endpointJudge } from "../../runtime/judge/openai.js";
import { endpointAddress } from "../../runtime/remote/endpoint.js";
import type { Args } from "../args.js";
import type { Terminal } from "../terminal.js";
import { Meter } from "../batch/meter.js";
import { aspectsOption, judgeAspects } from "./aspects.js";

export const JUDGE_OPTIONS = {
  judge: { value: "FILE|URL", help: "judges answers in free words: a GGUF file, or an endpoint with OpenAI's chat completions,\nsuch as http://127.0.0.1:8080/v1 (its key from VQA_JUDGE_KEY)" },
  "judge-model": { value: "NAME", help: "model of the endpoint" },
  "judge-aspects": { value: "LIST|all", help: "has the judge also score correctness, detail, context, temporal and consistency, each by itself" },
  "judge-retries": { value: "N", help: "further replies to ask for when one cannot be read (default 2)" },
} as const;

interface Line {
  readonly key: string;
  readonly judgment: Judgment;
}

export interface Judged {
  readonly id: string;
  /** In the order in which they were asked for. */
  readonly aspects?: readonly AspectFigures[];
  readonly of: (prediction: Prediction) => Judgment | undefined;
}

/** A verdict is needed for answers in free words with a known answer. */
function needsJudge({ answers = [], choices = [], gold = [] }: Prediction): boolean {
  return answers.length > 0 && !(choices.length > 0 && gold.length > 0);
}

/** What a judge says to each prediction; undefined when no judge was asked for. */
export async function judgeAll(args: Args, terminal: Terminal, out: string, predictions: readonly Prediction[], signal: AbortSignal): Promise<Judged | undefined> {
  const written = args.text("judge");
  const aspects = aspectsOption(args);
  if (aspects.length > 0 && written === undefined) throw args.usage("--judge-aspects needs a --judge.");
  const brought = predictions.filter(({ judged: verdict }) => verdict !== undefined).length;
  if (written === undefined) {
    if (brought === 0) return undefined;
    return { id: "as the file says", of: ({ judged: verdict }) => (verdict === undefined ? undefined : { verdict: verdict.right ? "yes" : "no", score: verdict.score, replies: 1 }) };
  }
  const retries = args.whole("judge-retries", 0, 20) ?? 2;
  const { judge, dispose } = await openJudge(args, written, signal);
  const path = join(out, ".vqa-batch", "judgments.jsonl");
  const journal = await Journal.open<Line>(path, { judge: judge.id, prompt: JUDGE_PROMPT, retries }, () => true).catch((thrown: unknown) => {
    dispose();
    throw thrown;
  });
  const release = await takeLock(`${path}.lock`);
  const cases = predictions.filter(needsJudge);
  const meter = new Meter(terminal.err, cases.length, args.flag("json"));
  const found = new Map<string, Judgment>();
  let figures: readonly AspectFigures[] | undefined;
  try {
    for (const prediction of cases) {
      const what = { question: prediction.question, answers: prediction.answers ?? [], pred: prediction.error === undefined ? prediction.pred : "" };
      const key = caseKey(prediction);
      const known = (await journal.get(key))?.judgment;
      if (known !== undefined) meter.kept();
      const judgment = known ?? (await judged(judge, what, retries, signal));
      if (known === undefined) {
        await journal.append({ key, judgment });
        meter.done(false);
      }
      found.set(key, judgment);
    }
    if (aspects.length > 0) figures = await judgeAspects(aspects, judge, retries, { args, terminal, out }, predictions, signal);
  } finally {
    meter.stop();
    dispose();
    await journal.close();
    await release();
  }
  return { id: judge.id, ...(figures === undefined ? {} : { aspects: figures }), of: (prediction) => (needsJudge(prediction) ? found.get(caseKey(prediction)) : undefined) };
}

async function openJudge(args: Args, written: string, signal: AbortSignal): Promise<{ readonly judge: Judge; readonly dispose: () => void }> {
  const model = args.text("judge-model");
  if (/^https?:\/\//i.test(written)) {
    if (model === undefined) throw args.usage("An endpoint needs --judge-model: which of its models judges?");
    const judge = endpointJudge({ base: endpointAddress(written, "--judge"), model, key: process.env["VQA_JUDGE_KEY"], retries: 4 });
    return { judge, dispose: () => void judge.dispose() };
  }
  if (!/\.gguf$/i.test(written)) throw new VqaError("invalid-request", `--judge is "${written}", which is neither a GGUF file nor an address.`, "Give a file that ends in .gguf, or an address such as http://127.0.0.1:8080/v1.");
  const judge = await ggufJudge(resolve(written), args.whole("threads", 1, 256), signal);
  return { judge, dispose: () => judge.dispose() };
}

/** Equal questions with equal answers get one verdict. */
function caseKey({ question, answers = [], pred, error }: Prediction): string {
  return createHash("sha256").update(JSON.stringify([question, answers, error === undefined ? pred : ""])).digest("hex").slice(0, 20);
}
