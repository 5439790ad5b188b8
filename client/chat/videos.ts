/** Which video is meant: that of the editor in front, one that the user picks, or one that somebody names. */
import * as vscode from "vscode";
import { parse, printCells, readNotebook } from "../../server/src/format/index.js";
import { cellsOfNotebook, NOTEBOOK_TYPE } from "../notebook/notebookData.js";
import { videoOf } from "../notebook/video.js";
import type { Video } from "./turns.js";
import type { Setting } from "./videoService.js";

export type OpenNotebook = { readonly type: "notebook"; readonly document: vscode.NotebookDocument } | { readonly type: "text"; readonly document: vscode.TextDocument };

const EXTENSIONS = ["mp4", "m4v", "mov", "mkv", "webm", "avi", "mpg", "mpeg", "m2ts", "ogv", "wmv", "flv", "3gp"];
const IS_VIDEO = new RegExp(`\\.(${EXTENSIONS.join("|")})$`, "i");

/** The video of the editor in front: of a notebook, of its text, or a video that is shown itself. */
export function videoInFront(): Video | undefined {
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  const input = activeTab?.input;
  if (!(input instanceof vscode.TabInputCustom || input instanceof vscode.TabInputNotebook || input instanceof vscode.TabInputText)) return undefined;
  return videoOfFile(input.uri);
}

/** Of a video file itself, or of a notebook that is open. */
export function videoOfFile(uri: vscode.Uri): Video | undefined {
  if (uri.scheme === "file" && IS_VIDEO.test(uri.path)) return videoOfUri(uri);
  const notebook = openNotebooks().find(({ document }) => document.uri.toString() === uri.toString());
  return notebook === undefined ? undefined : videoOfNotebook(notebook);
}

/** Notebooks about a video, the one in front first. */
export function notebooksOf(video: string): readonly OpenNotebook[] {
  const inFront = (vscode.window.activeNotebookEditor?.notebook ?? vscode.window.activeTextEditor?.document)?.uri.toString();
  return openNotebooks()
    .filter((notebook) => ["file", "untitled"].includes(notebook.document.uri.scheme) && videoOfNotebook(notebook)?.uri === video)
    .sort((a, b) => Number(b.document.uri.toString() === inFront) - Number(a.document.uri.toString() === inFront));
}

/** How questions about a video are asked: as the notebook about it says, the one in front if there are several. */
export function settingOf(video: string, modelOf: (notebook: vscode.NotebookDocument) => string | undefined): Setting {
  const [notebook] = notebooksOf(video);
  if (notebook === undefined) return {};
  const text = notebook.type === "notebook" ? printCells(cellsOfNotebook(notebook.document)).text : notebook.document.getText();
  const model = notebook.type === "notebook" ? modelOf(notebook.document) : undefined;
  return { under: { textDocument: { uri: fileUriOf(notebook.document, video).toString() }, text }, ...(model === undefined ? {} : { model }) };
}

/** Where a document lies or would lie: one without a file counts as beside its video. */
export function fileUriOf({ uri }: { readonly uri: vscode.Uri }, video: string): vscode.Uri {
  return uri.scheme === "file" ? uri : vscode.Uri.joinPath(vscode.Uri.parse(video), "..", "untitled.vqa");
}

export async function pickVideo(): Promise<Video | undefined> {
  const [uri] = (await vscode.window.showOpenDialog({ canSelectMany: false, openLabel: vscode.l10n.t("Ask About This Video"), filters: { [vscode.l10n.t("Videos")]: EXTENSIONS, [vscode.l10n.t("All files")]: ["*"] } })) ?? [];
  return uri === undefined ? undefined : videoOfUri(uri);
}

/** A path as somebody writes it, relative to a folder of the workspace or absolute; undefined when there is no such file. */
export async function videoNamed(written: string): Promise<Video | undefined> {
  const absolute = /^([\\/]|[A-Za-z]:[\\/])/.test(written);
  const candidates = absolute ? [vscode.Uri.file(written)] : (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => vscode.Uri.joinPath(uri, written));
  for (const uri of candidates) {
    const stat = await vscode.workspace.fs.stat(uri).then((found) => found, () => undefined);
    if (uri.scheme === "file" && stat?.type === vscode.FileType.File) return videoOfUri(uri);
  }
  return undefined;
}

function videoOfUri(uri: vscode.Uri): Video {
  return { uri: uri.toString(), name: uri.path.split("/").at(-1) ?? uri.path };
}

/** Those with a tab: the editor keeps closed documents for a while, and nobody sees what is written into them. */
function openNotebooks(): readonly OpenNotebook[] {
  const shown = new Set(vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).map(({ input }) => (input instanceof vscode.TabInputNotebook || input instanceof vscode.TabInputText ? input.uri.toString() : undefined)));
  const open: readonly OpenNotebook[] = [
    ...vscode.workspace.notebookDocuments.filter(({ notebookType }) => notebookType === NOTEBOOK_TYPE).map((document): OpenNotebook => ({ type: "notebook", document })),
    ...vscode.workspace.textDocuments.filter(({ languageId, uri }) => languageId === "vqa" && (uri.scheme === "file" || uri.scheme === "untitled")).map((document): OpenNotebook => ({ type: "text", document })),
  ];
  return open.filter(({ document }) => shown.has(document.uri.toString()));
}

function videoOfNotebook(notebook: OpenNotebook): Video | undefined {
  const written = notebook.type === "notebook" ? videoOf(notebook.document) : videoOfText(notebook.document);
  if (written === undefined || (/^[a-z][a-z0-9+.-]+:\/\//i.test(written) && !/^file:/i.test(written))) return undefined;
  return videoOfUri(/^file:/i.test(written) ? vscode.Uri.parse(written) : vscode.Uri.file(written));
}

function videoOfText(document: vscode.TextDocument): string | undefined {
  const [written] = readNotebook(parse(document.getText())).header.videos;
  if (written === undefined || /^([\\/]|[A-Za-z]:[\\/]|[a-z][a-z0-9+.-]+:\/\/)/i.test(written)) return written;
  return vscode.Uri.joinPath(document.uri, "..", written).toString();
}
