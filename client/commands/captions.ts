/** Commands on the subtitles of the active text: each asks for what it needs, and the server makes the edit. */
import * as vscode from "vscode";
import { formatScope, formatTime, parseScope } from "../../server/src/format/index.js";
import { DescribeScenes, RenumberCues, ScaleCues, ShiftCues } from "../../server/src/protocol/commands.js";
import type { TypeOf } from "../../server/src/protocol/schema.js";
import { showError } from "../errors.js";
import type { Server } from "../languageClient.js";
import { cueLines, parseMoment, parseOffset, type CueLine } from "./captionInput.js";

export function registerCaptionCommands(server: Server): vscode.Disposable {
  const register = (name: string, work: (editor: vscode.TextEditor) => Promise<void>): vscode.Disposable =>
    vscode.commands.registerTextEditorCommand(name, (editor) => {
      work(editor).catch((thrown: unknown) => {
        showError(thrown);
      });
    });
  return vscode.Disposable.from(
    register("vqa.shiftSubtitles", async (editor) => {
      const typed = await vscode.window.showInputBox({
        title: about(editor, vscode.l10n.t("Shift all subtitles"), vscode.l10n.t("Shift the selected subtitles")),
        prompt: vscode.l10n.t("By how much? Seconds, milliseconds or a time; with a minus they come earlier."),
        placeHolder: "+1.5   -250 ms   -0:01:02.5",
        validateInput: (text) => (parseOffset(text) === undefined ? vscode.l10n.t("Write +1.5, -250 ms or -0:01:02.5.") : undefined),
      });
      const byMs = typed === undefined ? undefined : parseOffset(typed);
      if (byMs !== undefined) await server.command(ShiftCues.command, { ...target(editor), byMs });
    }),
    register("vqa.stretchSubtitles", async (editor) => {
      const cues = selectedCues(editor);
      const [first, last] = [cues[0], cues.at(-1)];
      if (first === undefined || last === undefined || first.startMs === last.startMs) {
        void vscode.window.showInformationMessage(vscode.l10n.t("Stretching needs two subtitles that begin at different times."));
        return;
      }
      const points: { fromMs: number; toMs: number }[] = [];
      for (const [i, cue] of [first, last].entries()) {
        const toMs = await moment(cue, i + 1);
        if (toMs === undefined) return;
        points.push({ fromMs: cue.startMs, toMs });
      }
      await server.command(ScaleCues.command, { ...target(editor), first: points[0], second: points[1] });
    }),
    register("vqa.renumberSubtitles", async (editor) => {
      const { edits } = await server.command<TypeOf<typeof RenumberCues.result>>(RenumberCues.command, target(editor));
      if (edits.length === 0) void vscode.window.setStatusBarMessage(vscode.l10n.t("The subtitles are counted right."), 5000);
    }),
    register("vqa.describeVideo", (editor) => describe(server, editor, false)),
    register("vqa.captionVideo", (editor) => describe(server, editor, true)),
  );
}

/** Asks for a part of the video and has it described; with `listen` what is said is written down, too. */
async function describe(server: Server, editor: vscode.TextEditor, listen: boolean): Promise<void> {
  const cues = editor.selection.isEmpty ? [] : selectedCues(editor);
  const typed = await vscode.window.showInputBox({
    title: listen ? vscode.l10n.t("Write down what is said and seen, as subtitles") : vscode.l10n.t("Describe what is seen, as subtitles"),
    prompt: listen
      ? vscode.l10n.t("Which part of the video? Empty for all of it. What is seen goes in brackets where nothing is said; subtitles that are there stay.")
      : vscode.l10n.t("Which part of the video? Empty for all of it. Speech is not transcribed, and subtitles that are there stay."),
    placeHolder: "0:10..0:30",
    value: cues.length === 0 ? "" : formatScope([{ startMs: cues[0]?.startMs ?? 0, endMs: Math.max(...cues.map(({ endMs }) => endMs)) }]),
    validateInput: (text) => (text.trim() === "" || parseScope(text.trim()) !== undefined ? undefined : vscode.l10n.t("Write 0:10..0:30, or nothing.")),
  });
  if (typed === undefined) return;
  const spans = typed.trim() === "" ? undefined : parseScope(typed.trim());
  const { cues: made } = await server.command<TypeOf<typeof DescribeScenes.result>>(DescribeScenes.command, { textDocument: target(editor).textDocument, ...(listen ? { listen } : {}), ...(spans === undefined ? {} : { spans }) });
  if (made.length === 0) void vscode.window.showInformationMessage(vscode.l10n.t("There is no part of the video there without subtitles that is long enough for one."));
}

async function moment(cue: CueLine, number: number): Promise<number | undefined> {
  const typed = await vscode.window.showInputBox({
    title: vscode.l10n.t("Stretch subtitles ({0} of 2)", number),
    prompt: vscode.l10n.t("When does this subtitle really begin? {0}", cue.text),
    value: formatTime(cue.startMs),
    validateInput: (text) => (parseMoment(text) === undefined ? vscode.l10n.t("Write a time, such as 0:01:02.5, or seconds.") : undefined),
  });
  return typed === undefined ? undefined : parseMoment(typed);
}

/** A selection, or the whole text without one. */
function target({ document, selection }: vscode.TextEditor): { textDocument: { uri: string; version: number }; range?: { start: vscode.Position; end: vscode.Position } } {
  const textDocument = { uri: document.uri.toString(), version: document.version };
  return selection.isEmpty ? { textDocument } : { textDocument, range: { start: selection.start, end: selection.end } };
}

function selectedCues({ document, selection }: vscode.TextEditor): CueLine[] {
  const cues = cueLines(document.getText(), /\.[^./]*$/.exec(document.uri.path)?.[0] ?? "");
  return selection.isEmpty ? cues : cues.filter(({ line }) => line >= selection.start.line && line <= selection.end.line);
}

function about({ selection }: vscode.TextEditor, all: string, selected: string): string {
  return selection.isEmpty ? all : selected;
}
