/** Code lenses: Play, Ask, Ask again, and above the header those for the whole notebook. */
import type { CodeLens } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { isUnanswered, type Notebook, type Question, type Range, type Span } from "../format/index.js";
import { freshnessOf, type Freshness } from "./freshness.js";
import { headOf, rangeOf } from "./places.js";
import type { LanguagePorts } from "./ports.js";
import { resolveUri } from "./uris.js";

/** Commands that a lens or an action may name. Only those that somebody will carry out are offered. */
export const ASK = "vqa.ask";
export const PLAY = "vqa.play";
/** A person's decision about a model's answer; carried out by the editor, which knows who the person is. */
export const ACCEPT = "vqa.acceptAnswer";
export const REJECT = "vqa.rejectAnswer";
export type Commands = ReadonlySet<string>;

export async function codeLenses(document: TextDocument, notebook: Notebook, commands: Commands, ports: LanguagePorts, signal?: AbortSignal): Promise<CodeLens[]> {
  const lenses: CodeLens[] = [];
  const { header } = notebook.document;
  if (header !== undefined && notebook.questions.length > 0 && commands.has(ASK)) {
    lenses.push(ask(document, headOf(header), "Ask new and stale", "stale"), ask(document, headOf(header), "Ask all", "all"));
  }
  const video = notebook.header.videos.length === 1 ? resolveUri(document.uri, notebook.header.videos[0] ?? "") : undefined;
  if (video !== undefined && commands.has(PLAY)) {
    for (const { start, raw, scope } of notebook.segments) if (scope.spans !== undefined) lenses.push(play(document, headOf({ start, raw }), video, scope.spans));
  }
  for (const question of notebook.questions) {
    const head = headOf(question.block);
    if (video !== undefined && commands.has(PLAY) && question.scope.origin === "question") lenses.push(play(document, head, video, question.scope.spans));
    if (!commands.has(ASK) || question.obstacle !== undefined) continue;
    const states = await statesOf(document, notebook, question, ports, signal);
    if (signal?.aborted) return [];
    lenses.push(ask(document, head, titleOf(states), [question.ordinal - 1]));
  }
  for (const question of notebook.questions) if (isUnanswered(question)) lenses.push(...decisions(document, question, commands));
  return lenses.sort((a, b) => a.range.start.line - b.range.start.line);
}

async function statesOf(document: TextDocument, notebook: Notebook, question: Question, ports: LanguagePorts, signal?: AbortSignal): Promise<readonly Freshness[]> {
  const states: Freshness[] = [];
  for (const answer of question.answers) {
    states.push(await freshnessOf(document, notebook, question, answer, ports, signal));
    if (signal?.aborted) break;
  }
  return states;
}

/** One answer that may be up to date is enough: the others may be of other models. */
function titleOf(states: readonly Freshness[]): string {
  if (states.length === 0) return "Ask";
  if (states.includes("fresh") || states.includes("unknown")) return "Ask again";
  return states.includes("stale") ? "Ask again (stale)" : "Ask again (record altered)";
}

function ask(document: TextDocument, head: Range, title: string, questions: "all" | "stale" | readonly number[]): CodeLens {
  const { uri, version } = document;
  return { range: rangeOf(document, head), command: { title, command: ASK, arguments: [{ textDocument: { uri, version }, questions }] } };
}

/** As long as no person has answered: afterwards the answers stand side by side. */
function decisions(document: TextDocument, { answers, ordinal }: Question, commands: Commands): CodeLens[] {
  const offered = ([["Accept", ACCEPT], ["Reject", REJECT]] as const).filter(([, command]) => commands.has(command));
  return answers.flatMap(({ block }, answer) =>
    offered.map(([title, command]) => ({ range: rangeOf(document, headOf(block)), command: { title, command, arguments: [{ uri: document.uri, question: ordinal - 1, answer }] } })),
  );
}

function play(document: TextDocument, head: Range, video: string, spans: readonly Span[]): CodeLens {
  return { range: rangeOf(document, head), command: { title: "Play", command: PLAY, arguments: [{ video, spans }] } };
}
