/** What a person sees while a notebook is answered: questions, answers as they grow, right or wrong. */
import type { NotebookEvents, QuestionOutcome } from "../engine/notebook.js";
import { parse, readNotebook, type Question } from "../format/index.js";
import { duration } from "./common.js";
import { progressBar } from "./progress.js";
import { answerStream, line } from "./terminal.js";

export interface Transcript extends NotebookEvents {
  /** Before anything else is written to the terminal. */
  pause(): void;
}

export function transcript(stream: NodeJS.WriteStream, source: string): Transcript {
  const { questions } = readNotebook(parse(source));
  const out = answerStream(stream);
  let count = 0;
  let spoke = false;
  const bar = progressBar(stream, true, "      ");
  return {
    onStarted(number, of) {
      count++;
      spoke = false;
      line(stream, `[${count}/${of}] ${questions[number]?.text ?? ""}`);
    },
    onProgress: (_number, progress) => {
      // A bar would overwrite the words that came already.
      if (!spoke) bar.show(progress);
    },
    onText(_number, delta) {
      bar.hide();
      if (!spoke) stream.write("      ");
      spoke = true;
      out.write(delta);
    },
    onFinished(outcome) {
      bar.hide();
      out.end();
      for (const text of verdict(outcome, questions[outcome.question], spoke)) line(stream, `      ${text}`);
    },
    pause: () => bar.hide(),
  };
}

/** The lines below a question. The answer is said again only when it was not streamed. */
export function verdict(outcome: QuestionOutcome, question: Question | undefined, streamed: boolean): readonly string[] {
  const { answer, kept, error, grade } = outcome;
  if (error !== undefined) return error.code === "cancelled" ? ["stopped"] : [`failed: ${error.message}`, ...(error.next === "" ? [] : [error.next])];
  const lines: string[] = [];
  if (kept !== undefined) lines.push(kept.text);
  else if (!streamed && answer !== undefined) lines.push(answer.text);
  const facts: string[] = [];
  if (grade === "exact" || grade === "soft") facts.push("right");
  if (grade === "wrong") facts.push(`wrong: ${gold(question)} was wanted`);
  if (kept !== undefined) facts.push("kept, up to date");
  if (answer !== undefined) facts.push(duration(answer.timings.totalMs));
  lines.push(`(${facts.join(", ")})`);
  return [...lines, ...(answer?.provenance.notes ?? [])];
}

function gold(question: Question | undefined): string {
  const marked = question?.choices.filter((choice) => choice.gold).map((choice) => choice.text) ?? [];
  const texts = marked.length > 0 ? marked : (question?.references.map((reference) => reference.text) ?? []);
  return texts.map((text) => `"${text}"`).join(" or ");
}
