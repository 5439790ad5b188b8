/** Commands on subtitles, and words for a cue that has none while somebody types. */
import { InlineCompletionTriggerKind, type CancellationToken, type ClientCapabilities, type Connection, type InlineCompletionItem, type ServerCapabilities, type TextDocumentEdit, type TextEdit, type WorkspaceEdit } from "vscode-languageserver/node";
import type { TextDocument } from "vscode-languageserver-textdocument";
import type { Answer, NotebookCue, Provenance, Span } from "../engine/answer.js";
import { VqaError } from "../engine/errors.js";
import type { Progress } from "../engine/ports.js";
import { LanguageError, type CaptionService } from "../language/service.js";
import { DescribeScenes, RenumberCues, ScaleCues, ShiftCues } from "../protocol/commands.js";
import { decode, type Say, type TypeOf } from "../protocol/schema.js";
import { confirms } from "./confirms.js";
import { refuseCancelled, signalOf, stillWanted } from "./errors.js";
import type { Backend } from "./ports.js";
import { stageText } from "./progress.js";
import { filePath } from "./uris.js";

/** What the model is asked about each part. Its answer is a description of what is seen: no sound is heard. */
const QUESTION = "What happens?";
const WINDOW_MS = 5000;
/** Answers for cues that were typed lately. */
const MAX_KEPT = 64;

interface Documents {
  get(uri: string): TextDocument | undefined;
}

export interface CaptionParts {
  readonly connection: Pick<Connection, "workspace" | "window">;
  readonly capabilities: ClientCapabilities;
  readonly backend: Backend;
  readonly documents: Documents;
  readonly language: CaptionService;
  readonly say: Say;
}

export function captionCapabilities({ textDocument }: ClientCapabilities): Pick<ServerCapabilities, "inlineCompletionProvider"> {
  return textDocument?.inlineCompletion === undefined ? {} : { inlineCompletionProvider: true };
}

/** Undefined for a command of others. */
export function captionCommand(parts: CaptionParts, command: string, argument: unknown, signal: AbortSignal): Promise<object> | undefined {
  const { language } = parts;
  switch (command) {
    case ShiftCues.command:
      return edit(parts, decode(ShiftCues.argument, argument, command), "Shift subtitles", (document, { range, byMs }) => language.shift(document, range, byMs));
    case ScaleCues.command:
      return edit(parts, decode(ScaleCues.argument, argument, command), "Stretch subtitles", (document, { range, first, second }) => language.scale(document, range, [first, second]));
    case RenumberCues.command:
      return edit(parts, decode(RenumberCues.argument, argument, command), "Renumber subtitles", (document, { range }) => language.renumber(document, range));
    case DescribeScenes.command:
      return describe(parts, decode(DescribeScenes.argument, argument, command), signal);
    default:
      return undefined;
  }
}

type Named = { readonly textDocument: { readonly uri: string; readonly version?: number } };

async function edit<A extends Named>(parts: CaptionParts, argument: A, label: string, make: (document: TextDocument, argument: A) => TextEdit[]): Promise<{ edits: TextEdit[]; applied: boolean }> {
  const document = opened(parts.documents, argument);
  const edits = said(() => make(document, argument));
  if (edits.length === 0) return { edits, applied: false };
  const { uri, version } = document;
  const changes: WorkspaceEdit =
    parts.capabilities.workspace?.workspaceEdit?.documentChanges === true ? { documentChanges: [{ textDocument: { uri, version }, edits }] } : { changes: { [uri]: edits } };
  const { applied } = await parts.connection.workspace.applyEdit({ label: parts.say(label), edit: changes });
  return { edits, applied };
}

async function describe(parts: CaptionParts, argument: TypeOf<typeof DescribeScenes.argument>, signal: AbortSignal): Promise<TypeOf<typeof DescribeScenes.result>> {
  const { connection, capabilities, backend, documents, language, say } = parts;
  const document = opened(documents, argument);
  const { uri, version } = document;
  const path = await videoPath(language, document, signal);
  const { durationMs } = await backend.answerer.probe(path, signal);
  const spans = (argument.spans ?? [{ startMs: 0, endMs: durationMs }]).map(({ startMs, endMs }) => ({ startMs: Math.max(0, Math.round(startMs)), endMs: Math.min(Math.floor(durationMs), Math.round(endMs)) }));
  if (document.version !== version) throw changed(uri);
  const model = argument.model ?? backend.defaultModel;
  const { cues, note, by, stopped } = await withBar(parts, async (bar) => {
    const speech = argument.listen === true ? await heard(backend, { path, model, spans, languages: [] }, bar, signal) : undefined;
    if (document.version !== version) throw changed(uri);
    const said = speech === undefined ? [] : language.apart(document, speech.cues);
    const cuts = bar.stop.aborted ? [] : await cutsOf(backend, path, durationMs, bar, signal);
    if (document.version !== version) throw changed(uri);
    const windows = bar.stop.aborted ? [] : language.windows(document, spans, argument.windowMs ?? WINDOW_MS, { taken: speech?.cues, cuts });
    const seen = await answers(backend, path, model, windows, bar, signal);
    // Viewers know what stands in brackets for what nobody says.
    const described = speech === undefined ? seen.cues : seen.cues.map((cue) => ({ ...cue, text: `[${cue.text}]` }));
    const all = [...said, ...described].sort((a, b) => a.startMs - b.startMs);
    return { cues: all, by: [seen.provenance?.modelId, speech?.source].filter((name) => name !== undefined).join(", "), note: (count: number): string => noteOf(count, seen.provenance, said.length > 0 ? speech?.source : undefined), stopped: bar.stop.aborted };
  });
  if (document.version !== version) throw changed(uri);
  if (cues.length === 0) return { cues, edits: [], stopped, applied: false };
  const edits = language.insert(document, cues, note);
  if (!confirms(capabilities)) return { cues, edits, stopped, applied: false };
  const annotated: TextDocumentEdit = { textDocument: { uri, version }, edits: edits.map((one) => ({ ...one, annotationId: "proposal" })) };
  const changeAnnotations = { proposal: { label: say("Subtitles by a model"), description: say(`${by}, not checked by a person`), needsConfirmation: true } };
  const { applied } = await connection.workspace.applyEdit({ label: say(argument.listen === true ? "Write down what is said and seen" : "Describe what is seen"), edit: { documentChanges: [annotated], changeAnnotations } });
  return { cues, edits, stopped, applied };
}

/** Progress that its user can stop: what is there by then is kept. A cancelled request throws. */
interface Bar {
  readonly stop: AbortSignal;
  report(fraction: number, text: string): void;
}

async function withBar<T>({ connection, capabilities, say }: CaptionParts, work: (bar: Bar) => Promise<T>): Promise<T> {
  const shown = capabilities.window?.workDoneProgress === true ? await connection.window.createWorkDoneProgress() : undefined;
  const stop = shown === undefined ? new AbortController().signal : signalOf(shown.token);
  shown?.begin(say("Describing the video"), 0, undefined, true);
  try {
    return await work({ stop, report: (fraction, text) => shown?.report(Math.round(100 * fraction), say(text)) });
  } finally {
    shown?.done();
  }
}

/** What is said, as far as it was listened to before a stop. */
async function heard(
  { answerer }: Backend,
  request: Parameters<Backend["answerer"]["transcribe"]>[0],
  bar: Bar,
  signal: AbortSignal,
): Promise<{ cues: readonly NotebookCue[]; source: string }> {
  const cues: NotebookCue[] = [];
  const keep = ({ startMs, endMs, text }: NotebookCue): void => void cues.push({ startMs: Math.round(startMs), endMs: Math.round(endMs), text });
  try {
    const events = { onCues: (more: readonly NotebookCue[]) => more.forEach(keep), onProgress: (progress: Progress) => bar.report(progress.fraction ?? 0, stageText(progress)) };
    const { source, cues: all } = await answerer.transcribe(request, events, AbortSignal.any([signal, bar.stop]));
    cues.length = 0;
    all.forEach(keep);
    return { cues, source };
  } catch (thrown) {
    if (signal.aborted || !bar.stop.aborted) throw thrown;
    return { cues, source: "speech" };
  }
}

/** Films longer than this are looked at by their key frames alone: a cut has one near it, and all frames would take minutes. */
const LONG_FILM_MS = 10 * 60_000;

/** Where the film cuts: a description that goes across a cut tells of two things at once. */
async function cutsOf({ answerer }: Backend, path: string, durationMs: number, bar: Bar, signal: AbortSignal): Promise<number[]> {
  try {
    const mode = durationMs > LONG_FILM_MS ? "keyframe" : "exact";
    const { cuts } = await answerer.scenes({ path, mode }, (fraction) => bar.report(fraction, "Looking for cuts"), AbortSignal.any([signal, bar.stop]));
    return cuts.map(({ timeMs }) => Math.round(timeMs));
  } catch (thrown) {
    if (signal.aborted || !bar.stop.aborted) throw thrown;
    return [];
  }
}

/** One question a window, in order. */
async function answers(
  { answerer }: Backend,
  video: string,
  model: string,
  windows: readonly Span[],
  bar: Bar,
  signal: AbortSignal,
): Promise<{ cues: NotebookCue[]; provenance: Provenance | undefined }> {
  const cues: NotebookCue[] = [];
  let provenance: Provenance | undefined;
  try {
    for (const [i, scope] of windows.entries()) {
      const onProgress = (progress: Progress): void => bar.report(i / windows.length, `${i + 1} of ${windows.length}: ${stageText(progress)}`);
      const answer = await answerer.ask(request(video, scope), model, { onProgress }, AbortSignal.any([signal, bar.stop]));
      if (bar.stop.aborted || answer.stop === "stopped") break;
      ({ provenance } = answer);
      if (answer.text.trim() !== "") cues.push({ ...scope, text: answer.text });
    }
  } catch (thrown) {
    if (signal.aborted || !bar.stop.aborted) throw thrown;
  }
  return { cues, provenance };
}

function request(video: string, scope: Span): Parameters<Backend["answerer"]["ask"]>[0] {
  return { video, question: QUESTION, scope: [scope], subtitles: "off" };
}

function noteOf(count: number, seen: Provenance | undefined, source: string | undefined): string {
  const one = count === 1;
  const cues = one ? "The next cue was" : `The next ${count} cues were`;
  if (seen === undefined) return `${cues} written by a model that listened: ${source}`;
  const { modelId, modelDigest, composer, promptId, decode: { temperature, seed, maxTokens } } = seen;
  const by = `${modelId} ${modelDigest.slice(0, 12)}, ${composer}, ${promptId}, temperature=${temperature} seed=${seed} max-tokens=${maxTokens}, asked "${QUESTION}"`;
  if (source === undefined) return `${cues} written by a model that saw the video and heard nothing: ${by}`;
  return `${cues} written by models, in brackets what is seen: ${by}; the rest is what is said: ${source}`;
}

/** Call before the connection listens. An editor asks at every rest; nobody waits for a failure there. */
export function registerInlineCaptions(connection: Connection, documents: Documents, language: CaptionService, backend: () => Backend | undefined): void {
  const kept = new Map<string, string>();
  connection.languages.inlineCompletion.on(async ({ textDocument, position, context }, token: CancellationToken): Promise<InlineCompletionItem[]> => {
    await stillWanted(token);
    const [document, current] = [documents.get(textDocument.uri), backend()];
    const span = document && language.emptyCue(document, position);
    if (document === undefined || span === undefined || current === undefined) return [];
    // Typing alone must not start a process: only one that runs already is asked.
    if (context.triggerKind === InlineCompletionTriggerKind.Automatic && current.answerer.status().worker.phase !== "ready") return [];
    const { version } = document;
    const signal = signalOf(token);
    try {
      const video = await videoPath(language, document, signal);
      const key = JSON.stringify([video, current.defaultModel, span]);
      const text = kept.get(key) ?? (await asked(current, video, span, signal)).text;
      refuseCancelled(token);
      if (document.version !== version || text.trim() === "") return [];
      if (kept.size >= MAX_KEPT) kept.clear();
      kept.set(key, text);
      return [{ insertText: language.cueText(document, text), range: { start: position, end: position } }];
    } catch (thrown) {
      refuseCancelled(token);
      connection.console.warn(VqaError.from(thrown).message);
      return [];
    }
  });
}

async function asked({ answerer, defaultModel }: Backend, video: string, span: Span, signal: AbortSignal): Promise<Answer> {
  return answerer.ask(request(video, span), defaultModel, {}, signal);
}

async function videoPath(language: CaptionService, document: TextDocument, signal: AbortSignal): Promise<string> {
  const video = await language.video(document, signal);
  if (video === undefined) {
    throw new VqaError("video-not-found", `${document.uri} names no video, and none beside it has its name.`, "Name the video in the notebook's header, or put it beside the subtitles under the same name.", { data: { uri: document.uri } });
  }
  return filePath(video);
}

function opened(documents: Documents, { textDocument: { uri, version } }: Named): TextDocument {
  const document = documents.get(uri);
  if (document === undefined) throw new VqaError("invalid-request", `${uri} is not open in the editor.`, "Open it, then try again.", { data: { uri } });
  if (version !== undefined && version !== document.version) throw changed(uri);
  return document;
}

function changed(uri: string): VqaError {
  return new VqaError("notebook-changed", `${uri} was changed meanwhile: nothing was written.`, "Try again.", { data: { uri } });
}

/** A refusal of the language features in the protocol's form. */
function said<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof LanguageError) throw new VqaError("invalid-request", thrown.message, thrown.next);
    throw thrown;
  }
}
