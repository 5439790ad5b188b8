import { resolve } from "node:path";
import { cancelled, VqaError } from "../engine/errors.js";
import { runNotebook, type Asker, type NotebookResult, type NotebookRun } from "../engine/notebook.js";
import { applyEdits, type Problem } from "../format/index.js";
import { askerOf, modelOf, videoBeside } from "../runtime/worker/notebook.js";
import type { Supervisor } from "../runtime/worker/supervisor.js";
import type { Args, CommandSpec } from "./args.js";
import { DECODE_OPTIONS, decodeOf, DEFAULT_MODEL, ENGINE_OPTIONS, JSON_OPTION, LONG_OPTION, longOf, modelOption, samplingOf, SAMPLING_OPTION, withSupervisor, type Invocation } from "./common.js";
import { EXIT, exitCodeOf } from "./exit.js";
import { readNotebookFile, writeNotebookFile, type NotebookFile } from "../runtime/datasets/notebookFiles.js";
import { describeProblem, problemsIn } from "./problems.js";
import { describeTotals, failed, totals } from "./report.js";
import { json, line } from "./terminal.js";
import { transcript } from "./transcript.js";

export const RUN: CommandSpec = {
  name: "run",
  arguments: "<notes.vqa>... [options]",
  summary: "Answers the questions of notebooks and prints the notebooks with their answers.",
  options: {
    write: { help: "store the answers in the notebooks instead of printing them" },
    all: { help: "ask every question again" },
    stale: { help: "ask only questions without an up-to-date answer (the default)" },
    check: { help: "ask nothing: fail when an answer is missing or not up to date, or the text has errors" },
    composer: { value: "NAME", help: "which system of the model answers; it wins over the notebooks' own line" },
    "no-speech": { help: "do not listen where there are no subtitles; it wins over the notebooks' own line" },
    ...SAMPLING_OPTION,
    ...LONG_OPTION,
    "min-accuracy": { value: "PERCENT", help: "fail when fewer answers agree with the known ones" },
    ...ENGINE_OPTIONS,
    ...DECODE_OPTIONS,
    ...JSON_OPTION,
  },
  notes: "Answers that people wrote are never changed. Questions, answers and times are reported on standard error.",
};

interface Done {
  readonly file: NotebookFile;
  readonly model: string;
  /** Of the text as it was read. */
  readonly problems: readonly Problem[];
  readonly result: NotebookResult;
  readonly text: string;
}

export async function run({ args, terminal, signal }: Invocation): Promise<number> {
  const options = optionsOf(args);
  const files = await Promise.all(options.paths.map((name) => readNotebookFile(name, resolve(name))));
  const asJson = args.flag("json");
  const done: Done[] = [];
  const begun = performance.now();
  await withSupervisor(args, async (supervisor) => {
    for (const file of files) {
      const model = modelOption(args) ?? modelOf(file.path, file.source) ?? DEFAULT_MODEL;
      const asker = options.check ? onlyLooking(supervisor, model) : askerOf(supervisor, model);
      const shown = asJson || options.check ? undefined : transcript(terminal.err, file.source);
      if (shown !== undefined && files.length > 1) line(terminal.err, `${file.name}:`);
      try {
        const result = await runNotebook(
          { ...options.run, text: file.source, name: file.name },
          { asker, resolveVideo: videoBeside(file.path), date: () => new Date().toISOString() },
          shown,
          signal,
        );
        const text = applyEdits(file.source, result.edits);
        // What was answered before a stop is stored as well: it may have taken an hour.
        if (options.write && text !== file.source) await writeNotebookFile(file, text);
        done.push({ file, model, problems: problemsIn(file.source), result, text });
        if (result.stopped) break;
      } finally {
        shown?.pause();
      }
    }
  });
  const stopped = done.some(({ result }) => result.stopped);
  if (!asJson) for (const { file, problems } of done) for (const problem of problems) line(terminal.err, describeProblem(file.name, problem));
  const sums = totals(done.map(({ result }) => result), performance.now() - begun);
  if (asJson) {
    json(terminal.out, { notebooks: done.map((each) => report(each, options.write)), totals: sums, stopped });
  } else if (options.check) {
    for (const { file, result } of done) {
      for (const { error, id } of result.outcomes) if (error !== undefined) line(terminal.err, `${file.name}: question ${id}: ${error.message}`);
    }
  } else {
    if (!options.write) for (const { text } of done) terminal.out.write(text);
    for (const { file, text } of done) if (options.write) line(terminal.err, `${file.name}: ${text === file.source ? "nothing to change" : "answers stored"}.`);
    for (const each of describeTotals(sums)) line(terminal.err, each);
  }
  if (stopped) throw cancelled();
  return exitCode(done, sums.accuracy, options);
}

interface RunOptions {
  readonly paths: readonly string[];
  readonly write: boolean;
  readonly check: boolean;
  readonly minAccuracy: number | undefined;
  readonly run: Pick<NotebookRun, "questions" | "force" | "settings">;
}

function optionsOf(args: Args): RunOptions {
  const paths = args.positionals;
  if (paths.length === 0) throw args.usage("Which notebook? None was given.");
  const chosen = ["all", "stale", "check"].filter((name) => args.flag(name));
  if (chosen.length > 1) throw args.usage(`--${chosen[0]} and --${chosen[1]} exclude one another.`);
  if (args.flag("check") && args.flag("write")) throw args.usage("--check writes nothing: leave out --write.");
  const composer = args.text("composer");
  return {
    paths,
    write: args.flag("write"),
    check: args.flag("check"),
    minAccuracy: args.number("min-accuracy", 0, 100),
    run: { questions: "all", force: args.flag("all"), settings: { ...samplingOf(args), ...(composer === undefined ? {} : { composer }), ...(args.flag("no-speech") ? { speech: "off" as const } : {}), ...longOf(args), decode: decodeOf(args) } },
  };
}

/** Tells what is up to date, and refuses to answer what is not. */
function onlyLooking(supervisor: Supervisor, model: string): Asker {
  return {
    ...askerOf(supervisor, model),
    ask: async () => {
      throw new VqaError("invalid-request", "There is no answer that is up to date.", "Run it without --check.");
    },
  };
}

/** When nothing could be answered, the reason decides; when some could, that some failed. */
function exitCode(done: readonly Done[], accuracy: number | undefined, { check, minAccuracy }: RunOptions): number {
  const outcomes = done.flatMap(({ result }) => result.outcomes);
  const failures = outcomes.filter(failed);
  if (failures.length > 0) {
    const first = failures[0]!.error!.code;
    return check || failures.length < outcomes.length ? EXIT.failed : exitCodeOf(first);
  }
  if (check && done.some(({ problems }) => problems.some(({ severity }) => severity === "error"))) return EXIT.failed;
  // A gate that nothing can be measured against does not hold.
  if (minAccuracy !== undefined && (accuracy === undefined || accuracy * 100 < minAccuracy)) return EXIT.failed;
  return EXIT.ok;
}

function report({ file, model, problems, result, text }: Done, write: boolean): unknown {
  return {
    path: file.path,
    model,
    problems: problems.map(({ line: at, severity, code, message }) => ({ line: at, severity, code, message })),
    written: write && text !== file.source,
    score: result.score,
    questions: result.outcomes.map(({ question, id, answer, kept, error, grade }) => ({
      question,
      id,
      ...(answer === undefined ? {} : { answer }),
      ...(kept === undefined ? {} : { kept: { text: kept.text, run8: kept.run8, in12: kept.in12 } }),
      ...(error === undefined ? {} : { error: error.toJSON() }),
      ...(grade === undefined ? {} : { grade }),
    })),
    ...(write ? {} : { text }),
  };
}
