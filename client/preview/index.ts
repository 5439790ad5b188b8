/** The video preview's commands. One preview at a time: it goes with the document that it was opened for. */
import * as vscode from "vscode";
import type { Span } from "../../server/src/format/index.js";
import { array, boolean, is, number, object, optional, string, text, type TypeOf } from "../../server/src/protocol/schema.js";
import { PreviewDocument, type Source } from "./document.js";
import type { PageCommand } from "./messages.js";
import type { Restored } from "./follower.js";
import { PreviewPanel, VIEW_TYPE } from "./panel.js";
import type { PreviewServer } from "./server.js";

/** The argument of `vqa.play`, as code lenses of the server have it. `still`: shows the first moment and does not play. */
const PlaySchema = object({ video: string, spans: array(object({ startMs: number, endMs: number })), still: optional(boolean) });

/** What a page remembers of its document. */
const StateSchema = object({ document: text, cells: boolean, cursor: optional(number), follow: optional(boolean) });

const COMMANDS: Readonly<Record<string, PageCommand>> = {
  playPause: "toggle",
  back: "back",
  pause: "pause",
  forward: "forward",
  previousFrame: "previousFrame",
  nextFrame: "nextFrame",
  setIn: "in",
  setOut: "out",
  setInAtCut: "inAtCut",
  setOutAtCut: "outAtCut",
  addMarker: "marker",
  loop: "loop",
};

export function registerPreview(context: vscode.ExtensionContext, server: PreviewServer): vscode.Disposable {
  let panel: PreviewPanel | undefined;

  const open = (source: Source, focus: boolean): PreviewPanel => {
    if (panel !== undefined) {
      panel.show(source);
      panel.reveal(!focus);
      return panel;
    }
    return fill(vscode.window.createWebviewPanel(VIEW_TYPE, "VQA", { viewColumn: vscode.ViewColumn.Beside, preserveFocus: !focus }, { enableScripts: true }), source);
  };

  const fill = (view: vscode.WebviewPanel, source: Source, restored?: Restored): PreviewPanel => {
    const opened = new PreviewPanel(view, context.extensionUri, vscode.Uri.joinPath(context.globalStorageUri, "proxies"), server, source, restored);
    panel = opened;
    void vscode.commands.executeCommand("setContext", "vqa.previewOpen", true);
    opened.onDidDispose(() => {
      panel = undefined;
      void vscode.commands.executeCommand("setContext", "vqa.previewOpen", false);
    });
    return opened;
  };

  /** Times in a document are about its video; without a document there is nothing to play. */
  const play = (given: unknown): void => {
    if (!is(PlaySchema, given)) return;
    const candidates = [active(), panel?.source, ...vscode.window.visibleNotebookEditors.map(PreviewDocument.of), ...vscode.window.visibleTextEditors.map(PreviewDocument.of)];
    const source = candidates.find((candidate) => candidate !== undefined && isSame(new PreviewDocument(candidate).video, given.video));
    if (source !== undefined) open(source, false).play(given.spans as readonly Span[], given.still !== true);
  };

  return vscode.Disposable.from(
    { dispose: () => panel?.dispose() },
    // After a reload of the window: the page itself remembers the time.
    vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
      deserializeWebviewPanel: async (view, state) => {
        const known = panel === undefined && is(StateSchema, state) ? state : undefined;
        const source = known && (await sourceOf(known));
        // Another one may have been opened meanwhile.
        if (source === undefined || panel !== undefined) view.dispose();
        else fill(view, source, known);
      },
    }),
    vscode.commands.registerCommand("vqa.openPreview", () => {
      const source = active() ?? panel?.source;
      if (source === undefined) void vscode.window.showInformationMessage(vscode.l10n.t("Open a notebook first: the preview shows its video."));
      else open(source, true);
    }),
    vscode.commands.registerCommand("vqa.play", play),
    vscode.commands.registerCommand("vqa.preview.label", async (number: unknown) => {
      const labels = vscode.workspace.getConfiguration("vqa").get<readonly string[]>("preview.labels", []).map((label) => label.trim().replace(/\s+/g, " ")).filter((label) => label !== "");
      if (labels.length === 0) {
        const open = vscode.l10n.t("Open the Settings");
        const chosen = await vscode.window.showInformationMessage(vscode.l10n.t("Name your labels first: the keys 1 to 9 give them to segments."), open);
        if (chosen === open) await vscode.commands.executeCommand("workbench.action.openSettings", "vqa.preview.labels");
        return;
      }
      const label = typeof number === "number" ? labels[number - 1] : await vscode.window.showQuickPick(labels);
      if (label !== undefined) panel?.command("label", label);
    }),
    ...Object.entries(COMMANDS).map(([name, command]) => vscode.commands.registerCommand(`vqa.preview.${name}`, () => panel?.command(command))),
  );
}

function active(): Source | undefined {
  return PreviewDocument.of(vscode.window.activeNotebookEditor) ?? PreviewDocument.of(vscode.window.activeTextEditor);
}

function isSame(video: vscode.Uri | undefined, given: string): boolean {
  return video !== undefined && (video.toString() === given || vscode.Uri.parse(given).toString() === video.toString() || video.fsPath === given);
}

/** The document again, as it was shown; undefined when it is gone. */
async function sourceOf({ document, cells }: TypeOf<typeof StateSchema>): Promise<Source | undefined> {
  try {
    const uri = vscode.Uri.parse(document, true);
    return cells ? await vscode.workspace.openNotebookDocument(uri) : await vscode.workspace.openTextDocument(uri);
  } catch {
    return undefined;
  }
}
