/**
 * Import and export with a preview: a sheet that shows what will come out, how much of it, and what the
 * other side cannot hold. Every change of a choice previews anew; nothing is written before somebody says so.
 */
import * as vscode from "vscode";
import type { TypeOf } from "../../server/src/protocol/schema.js";
import type { LossSchema, SampleSchema } from "../../server/src/protocol/datasets.js";
import { errorOf } from "../errors.js";
import { SheetPanel, type Section } from "../sheet/panel.js";

type Loss = TypeOf<typeof LossSchema>;
type Sample = TypeOf<typeof SampleSchema>;

/** What was found out without writing. */
export interface Preview {
  readonly facts: readonly { readonly label: string; readonly value: string }[];
  readonly notes: readonly string[];
  readonly leftOut: readonly Loss[];
  readonly files: readonly { readonly name: string; readonly about: string; readonly exists: boolean }[];
  /** Of files; the list may be cut. */
  readonly total: number;
  readonly existing: number;
  readonly samples: readonly Sample[];
}

export interface Conversion {
  readonly title: string;
  /** On the button that writes. */
  accept(preview: Preview): string;
  /** What can be chosen otherwise, by the id of its button. */
  readonly choices: readonly { readonly id: string; readonly label: string; choose(): Promise<boolean> }[];
  preview(progress: (done: number) => void, token: vscode.CancellationToken): Promise<Preview>;
  /** Says what was written. Only after {@link accept}; `replace` as the preview said that files are there. */
  write(replace: boolean, progress: (done: number) => void, token: vscode.CancellationToken): Promise<string>;
  /** Said while it works. */
  working(done: number): string;
}

export class ConversionSheet {
  readonly #panel: SheetPanel;
  #cancel: vscode.CancellationTokenSource | undefined;
  #preview: Preview | undefined;

  constructor(extension: vscode.Uri, private readonly conversion: Conversion) {
    this.#panel = new SheetPanel(extension, "vqa.conversion", conversion.title, { onPress: (button) => void this.#press(button), onRow: () => undefined });
    this.#panel.onDidDispose(() => this.#cancel?.cancel());
  }

  /** Ends when the preview shows, or why there is none. */
  async show(): Promise<void> {
    this.#cancel?.cancel();
    const cancel = (this.#cancel = new vscode.CancellationTokenSource());
    this.#preview = undefined;
    this.#draw(this.conversion.working(0), true);
    try {
      const preview = await this.conversion.preview((done) => this.#cancel === cancel && this.#draw(this.conversion.working(done), true), cancel.token);
      if (this.#cancel !== cancel) return;
      this.#preview = preview;
      this.#draw(vscode.l10n.t("Nothing has been written yet."), false);
    } catch (thrown) {
      if (this.#cancel !== cancel) return;
      const { code, message } = errorOf(thrown);
      this.#draw(code === "cancelled" ? vscode.l10n.t("Stopped.") : message, false);
    }
  }

  async #press(button: string): Promise<void> {
    if (button === "cancel") return this.#panel.dispose();
    if (button === "stop") return this.#cancel?.cancel();
    if (button === "write") return this.#write();
    const choice = this.conversion.choices.find(({ id }) => id === button);
    if (choice !== undefined && (await choice.choose())) await this.show();
  }

  async #write(): Promise<void> {
    const preview = this.#preview;
    if (preview === undefined) return;
    const cancel = (this.#cancel = new vscode.CancellationTokenSource());
    this.#preview = undefined;
    this.#draw(this.conversion.working(0), true);
    try {
      const said = await this.conversion.write(preview.existing > 0, (done) => this.#draw(this.conversion.working(done), true), cancel.token);
      this.#panel.dispose();
      void vscode.window.showInformationMessage(said);
    } catch (thrown) {
      const { code, message } = errorOf(thrown);
      this.#preview = preview;
      this.#draw(code === "cancelled" ? vscode.l10n.t("Stopped; nothing was written.") : message, false, preview);
    }
  }

  #draw(status: string, busy: boolean, preview = this.#preview): void {
    const { conversion } = this;
    const buttons = busy
      ? [{ id: "stop", label: vscode.l10n.t("Stop") }]
      : [
          ...(preview === undefined ? [] : [{ id: "write", label: conversion.accept(preview), primary: true }]),
          ...conversion.choices.map(({ id, label }) => ({ id, label })),
          { id: "cancel", label: vscode.l10n.t("Cancel") },
        ];
    this.#panel.show({ status, busy, buttons, sections: preview === undefined ? [] : sectionsOf(preview) });
  }
}

function sectionsOf({ facts, notes, leftOut, files, total, samples }: Preview): Section[] {
  return [
    { kind: "facts", heading: "", facts },
    ...(notes.length === 0 ? [] : [{ kind: "text" as const, heading: vscode.l10n.t("Notes"), lines: notes }]),
    leftOut.length === 0
      ? { kind: "text", heading: vscode.l10n.t("What cannot be carried over"), lines: [vscode.l10n.t("Nothing: all of it can be.")] }
      : {
          kind: "table",
          id: "losses",
          heading: vscode.l10n.t("What cannot be carried over"),
          columns: [{ id: "what", label: vscode.l10n.t("What") }, { id: "count", label: vscode.l10n.t("How often"), numeric: true }, { id: "examples", label: vscode.l10n.t("Such as") }],
          rows: leftOut.map(({ what, count, examples }, i) => ({ id: String(i + 1), cells: [what, String(count), examples.join("\n")] })),
          opens: false,
        },
    {
      kind: "table",
      id: "files",
      heading: total > files.length ? vscode.l10n.t("Files: the first {0} of {1}", files.length, total) : vscode.l10n.t("Files"),
      columns: [{ id: "name", label: vscode.l10n.t("File") }, { id: "about", label: vscode.l10n.t("Video") }, { id: "exists", label: vscode.l10n.t("There already") }],
      rows: files.map(({ name, about, exists }, i) => ({ id: String(i + 1), cells: [name, about, exists ? vscode.l10n.t("Yes") : ""] })),
      opens: false,
    },
    ...samples.map(({ name, text }): Section => ({ kind: "sample", heading: vscode.l10n.t("Beginning of {0}", name), text })),
  ];
}
