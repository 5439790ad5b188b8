/** Hover: what a time shows and says, what a question is about, how an answer was made, what a key does. */
import type { Hover } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { findRun, formatScope, formatTime, type ModelBlock, type Notebook, type Question, type Range, type RunBlock } from "../format/index.js";
import { agreementOf } from "./agreement.js";
import { freshnessOf, type Freshness } from "./freshness.js";
import { subtitlesOf, videoOf } from "./media.js";
import type { ParsedNotebooks } from "./notebooks.js";
import { blockAt, headOf, holds, rangeOf, timedPart, timesIn, type TimeWord } from "./places.js";
import { orElse, type LanguagePorts } from "./ports.js";
import { HEADER_KEYS } from "./vocabulary.js";

export interface HoverOptions {
  /** The client renders Markdown; plain text otherwise. */
  readonly markdown: boolean;
}

/** More pieces than this do not fit on a screen. */
const MAX_CUES = 5;

const STATE: Readonly<Record<Freshness, string>> = {
  fresh: "Up to date.",
  stale: "**Stale**: what it depends on has changed since. Ask again.",
  tampered: "**Altered**: the record of its run is missing or was edited, so how it was made is not known. Ask again.",
  unknown: "The record of its run is whole.",
};

export async function hover(document: TextDocument, notebooks: ParsedNotebooks, offset: number, options: HoverOptions, ports: LanguagePorts, signal?: AbortSignal): Promise<Hover | undefined> {
  const found = await describe(document, notebooks, offset, options, ports, signal);
  if (found === undefined || signal?.aborted) return undefined;
  const { parts, range } = found;
  const contents = options.markdown
    ? { kind: "markdown" as const, value: parts.join("\n\n") }
    : { kind: "plaintext" as const, value: parts.join("\n\n").replace(/\*\*|`|\\(?=[^\p{L}\p{N}\s])/gu, "") };
  return { contents, range: rangeOf(document, range) };
}

interface Described {
  readonly parts: readonly string[];
  readonly range: Range;
}

async function describe(document: TextDocument, notebooks: ParsedNotebooks, offset: number, options: HoverOptions, ports: LanguagePorts, signal?: AbortSignal): Promise<Described | undefined> {
  const notebook = notebooks.of(document);
  const block = blockAt(notebook.document, offset);
  if (block === undefined) return undefined;
  const timed = timedPart(block);
  const time = timed === undefined ? undefined : timesIn(notebook.document.source, timed).find((word) => holds(word, offset));
  if (time !== undefined) return { parts: await moment(document, notebooks, time, options, ports, signal), range: time };
  switch (block.kind) {
    case "header": {
      const entry = block.entries.find(({ key }) => holds(key, offset));
      const help = HEADER_KEYS.find(({ key }) => key === entry?.key.text)?.help;
      return entry === undefined || help === undefined ? undefined : { parts: [help], range: entry.key };
    }
    case "question": {
      const question = notebook.questions.find((candidate) => candidate.block === block);
      const head = headOf(block);
      return question === undefined || !holds(head, offset) ? undefined : { parts: aboutQuestion(question), range: head };
    }
    case "model": {
      const head = headOf(block);
      return holds(head, offset) ? { parts: await aboutAnswer(document, notebook, block, ports, signal), range: head } : undefined;
    }
    case "run":
      return holds(block.run8, offset) ? { parts: [aboutRun(block), usedBy(notebook, block)], range: block.run8 } : undefined;
    default:
      return undefined;
  }
}

/** A frame, the segment and the cues at a time. */
async function moment(document: TextDocument, notebooks: ParsedNotebooks, { ms }: TimeWord, { markdown }: HoverOptions, ports: LanguagePorts, signal?: AbortSignal): Promise<string[]> {
  const { media, logger } = ports;
  const notebook = notebooks.of(document);
  const parts = [`**${formatTime(ms)}**`];
  const video = videoOf(document, notebook);
  if (markdown && video !== undefined && media.thumbnail !== undefined) {
    const picture = await orElse(logger, undefined, async () => media.thumbnail?.(video, ms, signal));
    if (signal?.aborted) return [];
    if (picture !== undefined && /^data:image\/[\w+.-]+;base64,[A-Za-z\d+/=]*$/.test(picture)) parts.push(`![Frame at ${formatTime(ms)}](${picture})`);
  }
  const outside = video === undefined ? [] : await subtitlesOf(video, notebooks, ports, signal);
  if (signal?.aborted) return [];
  for (const { scope, lines } of notebook.segments) {
    const label = lines[0]?.text.trim() ?? "";
    if (label !== "" && scope.spans?.some((span) => span.startMs <= ms && ms <= span.endMs)) parts.push(`Segment: ${escaped(label)}`);
  }
  const cues = [...notebook.cues.map(({ startMs, endMs, text, voice }) => ({ startMs, endMs, text: voice === undefined ? text : `${voice}: ${text}` })), ...outside];
  const spoken = cues.filter((cue) => cue.startMs <= ms && ms <= cue.endMs).map(({ text }) => `“${escaped(text.replace(/\s+/g, " ").trim())}”`);
  parts.push(...[...new Set(spoken)].slice(0, MAX_CUES));
  return parts;
}

function aboutQuestion(question: Question): string[] {
  const { id, scope, choices, gold, references, obstacle, answers } = question;
  const parts = [`**Question ${escaped(id)}**`];
  if (obstacle !== undefined) parts.push(obstacle);
  switch (scope.origin) {
    case "question":
      parts.push(`About ${formatScope(scope.spans)}, as written here.`);
      break;
    case "segment": {
      const label = scope.segment.lines[0]?.text.trim() ?? "";
      parts.push(`About ${formatScope(scope.spans)}, from the segment${label === "" ? "" : ` “${escaped(label)}”`} in line ${scope.segment.line}.`);
      break;
    }
    case "video":
      parts.push("About the whole video.");
      break;
    case "invalid":
      break;
  }
  if (choices.length > 0) parts.push(`${choices.length} choices, ${gold.length === 0 ? "none" : gold.length} marked as right.`);
  const right = answers.filter((answer) => agreementOf(question, answer).kind === "right").length;
  const grade = gold.length > 0 ? `, ${right} right` : references.length > 0 ? `, ${right} in the words of a person` : "";
  if (answers.length > 0) parts.push(`${answers.length} ${answers.length === 1 ? "answer" : "answers"} of models${grade}.`);
  return parts;
}

async function aboutAnswer(document: TextDocument, notebook: Notebook, block: ModelBlock, ports: LanguagePorts, signal?: AbortSignal): Promise<string[]> {
  const question = notebook.questions.find(({ answers }) => answers.some((answer) => answer.block === block));
  const answer = question?.answers.find((candidate) => candidate.block === block);
  const run = findRun(notebook, block.run8.text);
  const parts: string[] = [];
  if (question === undefined || answer === undefined) parts.push("A machine's answer without a question.");
  else {
    const state = await freshnessOf(document, notebook, question, answer, ports, signal);
    if (signal?.aborted) return [];
    parts.push(STATE[state]);
    const agreement = agreementOf(question, answer);
    if (agreement.kind === "right") parts.push("It is the answer that people gave.");
    if (agreement.kind === "wrong") parts.push(`The right answer is ${escaped(agreement.gold)}.`);
    if (agreement.kind === "unclear") parts.push(`People answered: ${escaped(agreement.gold)}`);
  }
  const fields = block.fields.map(({ key, value }) => `\`${key}\` ${code(value)}`);
  if (fields.length > 0) parts.push(fields.join(", "));
  if (run !== undefined) parts.push(aboutRun(run));
  return parts;
}

function aboutRun({ entries }: RunBlock): string {
  return entries.map(({ key, value }) => `- \`${key.text}\` ${code(value.text)}`).join("\n");
}

function usedBy({ questions }: Notebook, { run8 }: RunBlock): string {
  const count = questions.reduce((sum, { answers }) => sum + answers.filter((answer) => answer.run8 === run8.text).length, 0);
  return `${count} ${count === 1 ? "answer refers" : "answers refer"} to this run.`;
}

/** Text of the file, so that none of it becomes markup, a link or a picture. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-.!<>|~&]/g, "\\$&");
}

function code(text: string): string {
  return text === "" ? "" : `\`${text.replace(/`/g, "'")}\``;
}
