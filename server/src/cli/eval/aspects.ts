/** The judge's scores of single aspects, with a journal of their own. */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { ASPECT_PROMPT, aspectCases, aspectFigures, ASPECTS, judgeAspect, type Aspect, type AspectFigures, type AspectJudgment } from "../../engine/evaluate/aspects.js";
import type { Judge } from "../../engine/evaluate/judge.js";
import type { Prediction } from "../../engine/evaluate/prediction.js";
import { Journal } from "../../runtime/batch/journal.js";
import { takeLock } from "../../runtime/batch/lock.js";
import { Meter } from "../batch/meter.js";
import type { Args } from "../args.js";
import type { Terminal } from "../terminal.js";

interface Line {
  readonly key: string;
  readonly judgment: AspectJudgment;
}

/** `--judge-aspects all`, or some of them with commas between. Error: invalid-request. */
export function aspectsOption(args: Args): readonly Aspect[] {
  const written = args.text("judge-aspects");
  if (written === undefined) return [];
  if (written.trim() === "all") return ASPECTS;
  return written.split(",").map((name) => {
    const aspect = ASPECTS.find((each) => each === name.trim());
    if (aspect === undefined) throw args.usage(`--judge-aspects are ${ASPECTS.join(", ")}, or all, and not "${name.trim()}".`);
    return aspect;
  });
}

/** What was judged before is not asked again. */
export async function judgeAspects(aspects: readonly Aspect[], judge: Judge, retries: number, { args, terminal, out }: { readonly args: Args; readonly terminal: Terminal; readonly out: string }, predictions: readonly Prediction[], signal: AbortSignal): Promise<readonly AspectFigures[]> {
  const path = join(out, ".vqa-batch", "aspects.jsonl");
  const release = await takeLock(`${path}.lock`);
  try {
    const journal = await Journal.open<Line>(path, { judge: judge.id, prompt: ASPECT_PROMPT, retries }, () => true);
    try {
      const all = aspects.map((aspect) => ({ aspect, cases: aspectCases(aspect, predictions) }));
      const meter = new Meter(terminal.err, all.reduce((sum, { cases }) => sum + cases.length, 0), args.flag("json"));
      try {
        const figures: AspectFigures[] = [];
        for (const { aspect, cases } of all) {
          const judgments: AspectJudgment[] = [];
          for (const each of cases) {
            const key = createHash("sha256").update(JSON.stringify([aspect, each])).digest("hex").slice(0, 20);
            const known = (await journal.get(key))?.judgment;
            if (known !== undefined) meter.kept();
            const judgment = known ?? (await judgeAspect(judge, aspect, each, retries, signal));
            if (known === undefined) {
              await journal.append({ key, judgment });
              meter.done(false);
            }
            judgments.push(judgment);
          }
          if (judgments.length > 0) figures.push(aspectFigures(aspect, judgments));
        }
        return figures;
      } finally {
        meter.stop();
      }
    } finally {
      await journal.close();
    }
  } finally {
    await release();
  }
}
