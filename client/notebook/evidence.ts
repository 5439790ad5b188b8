/** The renderer's line to the extension: pictures, what stored answers saw, and the way into the preview. */
import * as vscode from "vscode";
import { is } from "../../server/src/protocol/schema.js";
import { errorOf, type Server } from "../languageClient.js";
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
  return messaging.onDidReceiveMessage(async ({ editor, message }) => {
    if (!is(FromRendererSchema, message)) return;
    const reply = await answer(server, kernels, editor.notebook, message, logger);
    if (reply !== undefined) await messaging.postMessage(reply, editor);
  });
}

async function answer(server: Server, kernels: Pick<Kernels, "modelOf">, notebook: vscode.NotebookDocument, message: FromRenderer, logger: Logger): Promise<ToRenderer | undefined> {
  switch (message.type) {
    case "hello":
      return { type: "words", words: words() };
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
        const { message: what, next } = errorOf(thrown);
        return { type: "seen", id: message.id, why: `${what} ${next}`.trim() };
      }
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
  const index = notebook.getCells().findIndex(({ outputs }) => outputs.some((output) => inputsOf(output) === inputs));
  const { text, numbers } = questionsOfCells(cellsOfNotebook(notebook));
  const question = numbers[index];
  if (question === undefined) return { why: vscode.l10n.t("The question of this answer is gone.") };
  const { inputs: now, outlook } = await server.evidence({ textDocument: { uri: notebook.uri.toString() }, text, question, ...(model === undefined ? {} : { model }) });
  if (now !== inputs) return { why: vscode.l10n.t("The question, its video, subtitles, model or settings have changed since: what this answer saw is not known any more. Ask again to see it.") };
  if (outlook === undefined) return { why: vscode.l10n.t("This system chooses frames while it looks: what the answer saw is not stored. Ask again to see it.") };
  const { mode, frameTimesMs, cues, notes } = outlook;
  return { seen: { mode, frameTimesMs, cues, notes } };
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
    Evidence: vscode.l10n.t("Evidence"),
    Subtitles: vscode.l10n.t("Subtitles"),
    Notes: vscode.l10n.t("Notes"),
    "Frame at {0}": vscode.l10n.t("Frame at {0}"),
  };
}
