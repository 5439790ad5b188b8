import { resolve } from "node:path";
import type { Answer, AskRequest, Evidence } from "../engine/answer.js";
import { formatPrecise } from "../engine/clock.js";
import { choiceLetter } from "../format/index.js";
import type { Args, CommandSpec } from "./args.js";
import { DECODE_OPTIONS, decodeOf, DEFAULT_MODEL, duration, ENGINE_OPTIONS, JSON_OPTION, LONG_OPTION, longOf, modelOption, samplingOf, SAMPLING_OPTION, scopeOf, withSupervisor, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { progressBar } from "./progress.js";
import { answerStream, json, line } from "./terminal.js";

export const ASK: CommandSpec = {
  name: "ask",
  arguments: "<video> <question> [options]",
  summary: "Answers one question about a video. The answer goes to standard output as it is made.",
  options: {
    choices: { value: "A,B,...", help: "multiple choice: the answer is one of these" },
    scope: { value: "FROM..TO", help: "look only at this part, such as 00:05..00:10; several with commas" },
    frames: { value: "N", help: "frames to look at; the model's default otherwise" },
    ...SAMPLING_OPTION,
    "no-subtitles": { help: "ignore the subtitles, and what is said" },
    "no-audio": { help: "ignore the sound" },
    composer: { value: "NAME", help: "which system of the model answers, such as longvlm; its default otherwise" },
    evidence: { help: "also say which frames and subtitles the answer rests on; slow (the clips of a long video are always said)" },
    "no-speech": { help: "do not listen where there are no subtitles" },
    ...LONG_OPTION,
    ...ENGINE_OPTIONS,
    ...DECODE_OPTIONS,
    ...JSON_OPTION,
  },
  notes: 'Example: vqa ask clip.mp4 "What colour is the circle?" --choices red,green,blue',
};

export async function ask({ args, terminal, signal }: Invocation): Promise<number> {
  const request = requestOf(args);
  const model = modelOption(args) ?? DEFAULT_MODEL;
  const asJson = args.flag("json");
  const bar = progressBar(terminal.err, !asJson);
  const stream = answerStream(terminal.out);
  try {
    const answer = await withSupervisor(args, (supervisor) =>
      supervisor.ask(
        request,
        model,
        {
          onProgress: (progress) => bar.show(progress),
          onText: (delta) => {
            bar.hide();
            if (!asJson) stream.write(delta);
          },
        },
        signal,
      ),
    );
    bar.hide();
    if (asJson) json(terminal.out, { video: request.video, question: request.question, model, ...answer });
    else {
      stream.end();
      for (const each of describeEvidence(answer.evidence)) line(terminal.err, each);
      for (const note of answer.provenance.notes) line(terminal.err, `vqa: ${note}`);
      if (terminal.err.isTTY) line(terminal.err, summary(request, answer));
    }
    return EXIT.ok;
  } finally {
    bar.hide();
    // An answer that was cut off still ends its line.
    stream.end();
  }
}

/** As many parts as one reads. */
const SHOWN = 5;

/** A line a clip that the answer was looked for in, and a part that it rests on, at most five of each; what others repeat rests on none alone. */
function describeEvidence(evidence: readonly Evidence[] | undefined): string[] {
  if (evidence === undefined) return [];
  const clips = evidence.filter(({ kind }) => kind === "clip");
  const parts = evidence.filter(({ kind }) => kind !== "clip");
  return [...clips.slice(0, SHOWN).map(describe), ...(clips.length > 0 && parts.length === 0 ? [] : describeParts(parts))];
}

function describeParts(evidence: readonly Evidence[]): string[] {
  const felt = evidence.filter(({ score }) => score >= 0.01).slice(0, SHOWN);
  if (felt.length === 0) return ["  No single frame or subtitle decided it: without any one of them the answer was as likely."];
  return felt.map(describe);
}

function describe({ startMs, endMs, score, why }: Evidence): string {
  return `  ${formatPrecise(startMs)}..${formatPrecise(endMs)}  ${score.toFixed(2)}  ${why}`;
}

export function requestOf(args: Args): AskRequest {
  const [video, question, ...more] = args.positionals;
  if (video === undefined || video === "") throw args.usage("Which video? None was given.");
  if (question === undefined || question.trim() === "") throw args.usage("What is the question? None was given.");
  if (more.length > 0) throw args.usage(`One question at a time: put it in quotes. There is also ${JSON.stringify(more[0])}.`);
  const choices = args.text("choices")?.split(",").map((choice) => choice.trim());
  if (choices !== undefined && (choices.length < 2 || choices.includes(""))) {
    throw args.usage("--choices takes two texts or more, with commas between.");
  }
  const composer = args.text("composer");
  return {
    video: resolve(video),
    question,
    ...(choices === undefined ? {} : { choices }),
    ...scopeOf(args),
    ...samplingOf(args),
    ...(composer === undefined ? {} : { composer }),
    subtitles: args.flag("no-subtitles") ? "off" : "auto",
    ...(args.flag("evidence") ? { evidence: true } : {}),
    ...(args.flag("no-audio") ? { audio: "off" } : {}),
    ...(args.flag("no-speech") ? { speech: "off" as const } : {}),
    ...longOf(args),
    decode: decodeOf(args),
  };
}

/** For people at a terminal: how sure, on what, and how long it took. */
function summary(request: AskRequest, answer: Answer): string {
  const { provenance, timings } = answer;
  const lines: string[] = [];
  request.choices?.forEach((choice, i) => {
    const p = answer.probabilities?.[i];
    if (p !== undefined) lines.push(`  ${choiceLetter(i)} ${(p * 100).toFixed(1).padStart(5)} %  ${choice}`);
  });
  lines.push(
    `  ${provenance.modelId}, ${provenance.frameTimesMs.length} frames, ${provenance.cuesUsed.length} subtitles, ` +
      `first word after ${duration(timings.firstTokenMs)}, ${duration(timings.totalMs)} in all`,
  );
  return lines.join("\n");
}
