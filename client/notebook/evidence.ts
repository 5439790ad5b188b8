/** The renderer's line to the extension: pictures, what stored answers saw, and the way into the preview. */
import * as vscode from "vscode";
import type { EvidenceParams } from "../../server/src/protocol/asking.js";
import { is } from "../../server/src/protocol/schema.js";
import { errorOf, sentences } from "../errors.js";
import type { Server } from "../languageClient.js";
import { FromRendererSchema, type FromRenderer, type ToRenderer } from "../renderer/messages.js";
import { answerData } from "./answers.js";
import type { Kernels } from "./kernels.js";
import { answerOf, cellsOfNotebook } from "./notebookData.js";
import { questionsOfCells } from "./plan.js";
import { videoOf } from "./video.js";

/** As the renderer is called in package.json. */
const RENDERER = "vqa-answer";

/** In pixels of the picture: sharp enough on a screen of twice the density. */
const WIDTH = 192;

type Logger = Pick<vscode.LogOutputChannel, "warn">;

/** Serves the renderer. Pictures are decoded anew: nothing of them is stored. */
export function serveEvidence(server: Server, kernels: Pick<Kernels, "modelOf">, logger: Logger): vscode.Disposable {
  const messaging = vscode.notebooks.createRendererMessaging(RENDERER);
  /** By editor: each has a renderer that counts for itself. */
  const weighing = new WeakMap<vscode.NotebookEditor, Map<number, vscode.CancellationTokenSource>>();
  return messaging.onDidReceiveMessage(async ({ editor, message }) => {
    if (!is(FromRendererSchema, message)) return;
    const running = weighing.get(editor) ?? new Map<number, vscode.CancellationTokenSource>();
    weighing.set(editor, running);
    if (message.type === "weighStop") return running.get(message.id)?.cancel();
    const cancel = new vscode.CancellationTokenSource();
    if (message.type === "weighWanted") running.set(message.id, cancel);
    try {
      const reply = await answer(server, kernels, editor.notebook, message, logger, cancel.token);
      if (reply !== undefined && !cancel.token.isCancellationRequested) await messaging.postMessage(reply, editor);
    } finally {
      if (message.type === "weighWanted") running.delete(message.id);
      cancel.dispose();
    }
  });
}

async function answer(server: Server, kernels: Pick<Kernels, "modelOf">, notebook: vscode.NotebookDocument, message: FromRenderer, logger: Logger, token: vscode.CancellationToken): Promise<ToRenderer | undefined> {
  switch (message.type) {
    case "hello":
      return { type: "words", words: words(), language: vscode.env.language };
    case "framesWanted": {
      const { id, timesMs } = message;
      try {
        const video = videoOf(notebook);
        return { type: "frames", id, pictures: video === undefined ? [] : (await server.frames({ video, timesMs, width: WIDTH })).pictures };
      } catch (thrown) {
        // The times are there without them.
        logger.warn(errorOf(thrown).message);
        return { type: "frames", id, pictures: [] };
      }
    }
    case "seenWanted":
      try {
        return { type: "seen", id: message.id, ...(await seenBy(server, notebook, kernels.modelOf(notebook), message.inputs)) };
      } catch (thrown) {
        return { type: "seen", id: message.id, why: sentences(errorOf(thrown)) };
      }
    case "weighWanted":
      try {
        return { type: "weighed", id: message.id, ...(await weigh(server, notebook, kernels.modelOf(notebook), message.inputs, token)) };
      } catch (thrown) {
        return { type: "weighed", id: message.id, why: sentences(errorOf(thrown)) };
      }
    case "weighStop":
      return undefined;
    case "jump": {
      const { startMs, endMs } = message;
      const video = videoOf(notebook);
      if (video !== undefined) await vscode.commands.executeCommand("vqa.play", { video, spans: [{ startMs, endMs }], still: startMs === endMs });
      return undefined;
    }
    // The annotating commands see to these.
    case "accept":
    case "reject":
      return undefined;
  }
}

/**
 * The file holds a hash over what an answer saw. When the question would be answered from the same today,
 * what it would see is what the answer saw; otherwise nobody knows any more.
 */
async function seenBy(server: Server, notebook: vscode.NotebookDocument, model: string | undefined, inputs: string): Promise<Pick<Extract<ToRenderer, { readonly type: "seen" }>, "seen" | "why">> {
  const asked = questionOf(notebook, model, inputs);
  if (asked === undefined) return { why: gone() };
  const { inputs: now, outlook } = await server.evidence(asked);
  if (now !== inputs) return { why: vscode.l10n.t("The question, its video, subtitles, model or settings have changed since: what this answer saw is not known any more. Ask again to see it.") };
  if (outlook === undefined) return { why: vscode.l10n.t("This system chooses frames while it looks: what the answer saw is not stored. Ask again to see it.") };
  const { mode, frameTimesMs, cues, notes } = outlook;
  return { seen: { mode, frameTimesMs, cues, notes } };
}

/** What counted in an answer. Only for the answer that would come now: another one rests on other parts. */
async function weigh(server: Server, notebook: vscode.NotebookDocument, model: string | undefined, inputs: string, token: vscode.CancellationToken): Promise<Pick<Extract<ToRenderer, { readonly type: "weighed" }>, "evidence" | "why">> {
  const asked = questionOf(notebook, model, inputs);
  if (asked === undefined) return { why: gone() };
  const { inputs: now, weighed } = await server.evidence({ ...asked, weigh: true, onlyFor: inputs }, token);
  if (now !== inputs || weighed === undefined) return { why: vscode.l10n.t("The question, its video, subtitles, model or settings have changed since: what mattered then cannot be found out any more. Ask again first.") };
  return { evidence: weighed.evidence };
}

/** The question whose answer has that id of inputs, as the server is asked about it. */
function questionOf(notebook: vscode.NotebookDocument, model: string | undefined, inputs: string): EvidenceParams | undefined {
  const index = notebook.getCells().findIndex(({ outputs }) => outputs.some((output) => inputsOf(output) === inputs));
  const { text, numbers } = questionsOfCells(cellsOfNotebook(notebook));
  const question = numbers[index];
  return question === undefined ? undefined : { textDocument: { uri: notebook.uri.toString() }, text, question, ...(model === undefined ? {} : { model }) };
}

function gone(): string {
  return vscode.l10n.t("The question of this answer is gone.");
}

function inputsOf(output: vscode.NotebookCellOutput): string | undefined {
  const stored = answerOf(output);
  return stored === undefined ? undefined : answerData(stored).inputs;
}

/** What the renderer says, in the editor's language. */
function words(): Readonly<Record<string, string>> {
  return {
    "1 frame": vscode.l10n.t("1 frame"),
    "{0} frames": vscode.l10n.t("{0} frames"),
    "1 subtitle": vscode.l10n.t("1 subtitle"),
    "{0} subtitles": vscode.l10n.t("{0} subtitles"),
    Confidence: vscode.l10n.t("Confidence"),
    "This answer: {0}": vscode.l10n.t("This answer: {0}"),
    Accept: vscode.l10n.t("Accept"),
    Reject: vscode.l10n.t("Reject"),
    "Write it as your own answer": vscode.l10n.t("Write it as your own answer"),
    "Remove it from the notebook": vscode.l10n.t("Remove it from the notebook"),
    "How it was made": vscode.l10n.t("How it was made"),
    "How this answer was made is not known: its record is missing.": vscode.l10n.t("How this answer was made is not known: its record is missing."),
    "About this answer": vscode.l10n.t("About this answer"),
    "What it saw is not stored with the answer.": vscode.l10n.t("What it saw is not stored with the answer."),
    "Looking at what it saw …": vscode.l10n.t("Looking at what it saw …"),
    "What it saw is not known.": vscode.l10n.t("What it saw is not known."),
    "Show {0} in the video preview": vscode.l10n.t("Show {0} in the video preview"),
    "Play {0} to {1} in the video preview": vscode.l10n.t("Play {0} to {1} in the video preview"),
    "Frames: the key pictures before these times": vscode.l10n.t("Frames: the key pictures before these times"),
    Frames: vscode.l10n.t("Frames"),
    "What mattered": vscode.l10n.t("What mattered"),
    "What mattered?": vscode.l10n.t("What mattered?"),
    "Leaves out each frame and subtitle once, which takes a while": vscode.l10n.t("Leaves out each frame and subtitle once, which takes a while"),
    "Leaving out one part after the other …": vscode.l10n.t("Leaving out one part after the other …"),
    "Found out what mattered.": vscode.l10n.t("Found out what mattered."),
    Stop: vscode.l10n.t("Stop"),
    "No single frame or subtitle decided it: without any one of them the answer was as likely.": vscode.l10n.t("No single frame or subtitle decided it: without any one of them the answer was as likely."),
    "a frame: without it the answer was less likely": vscode.l10n.t("a frame: without it the answer was less likely"),
    "a frame: without it the answer was more likely": vscode.l10n.t("a frame: without it the answer was more likely"),
    "the subtitle “{0}”: without it the answer was less likely": vscode.l10n.t("the subtitle “{0}”: without it the answer was less likely"),
    "the subtitle “{0}”: without it the answer was more likely": vscode.l10n.t("the subtitle “{0}”: without it the answer was more likely"),
    Subtitles: vscode.l10n.t("Subtitles"),
    Notes: vscode.l10n.t("Notes"),
    "Frame at {0}": vscode.l10n.t("Frame at {0}"),
  };
}
