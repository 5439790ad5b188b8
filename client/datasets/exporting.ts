/** Export of notebooks: as what, and where to. */
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { FORMATS, stemOf, type DatasetFormat } from "../../server/src/format/index.js";
import type { Server } from "../languageClient.js";
import { shortPath } from "../sheet/panel.js";
import type { Conversion, Preview } from "./conversion.js";
import { inputOf } from "./files.js";
import { countFacts } from "./kinds.js";

/** @param notebooks at least one, of this machine */
export function exportOf(server: Pick<Server, "exportNotebooks">, notebooks: readonly vscode.Uri[], format: DatasetFormat): Conversion {
  const [first = ""] = notebooks.map(({ fsPath }) => fsPath);
  const name = notebooks.length === 1 ? stemOf(basename(first)) : basename(dirname(first));
  const chosen = { format, out: outFor(format, join(dirname(first), name)) };
  const params = (preview: boolean, replace: boolean) => ({ notebooks: notebooks.map(inputOf), format: chosen.format.name, out: chosen.out, preview, replace });
  return {
    title: notebooks.length === 1 ? vscode.l10n.t("Export {0}", basename(first)) : vscode.l10n.t("Export {0} notebooks", notebooks.length),
    working: (done) => (done === 0 ? vscode.l10n.t("Reading …") : vscode.l10n.t("Reading: {0} of {1} notebooks", done, notebooks.length)),
    accept: ({ total, existing }) => (existing > 0 ? vscode.l10n.t("Replace {0} and Write {1} Files", existing, total - existing) : total === 1 ? vscode.l10n.t("Write the File") : vscode.l10n.t("Write {0} Files", total)),
    choices: [
      {
        id: "format",
        label: vscode.l10n.t("Format…"),
        choose: async () => {
          const picked = await pickFormat();
          if (picked === undefined) return false;
          [chosen.format, chosen.out] = [picked, outFor(picked, join(dirname(first), name))];
          return true;
        },
      },
      { id: "out", label: vscode.l10n.t("Place…"), choose: () => chooseOut(chosen) },
    ],
    preview: async (progress, token): Promise<Preview> => {
      const { counts, leftOut, files, total, existing, samples } = await server.exportNotebooks(params(true, false), (partial) => progress(partial.notebooks), token);
      return {
        facts: [
          { label: vscode.l10n.t("Format"), value: chosen.format.title },
          { label: vscode.l10n.t("Notebooks"), value: notebooks.length.toLocaleString(vscode.env.language) },
          ...countFacts(counts),
          { label: chosen.format.oneVideo ? vscode.l10n.t("Folder") : vscode.l10n.t("File"), value: shortPath(vscode.Uri.file(chosen.out)) },
        ],
        notes: [],
        leftOut,
        total,
        existing,
        files: files.map(({ path, exists }) => ({ name: basename(path), about: chosen.format.oneVideo ? stemOf(basename(path)) : "", exists })),
        samples,
      };
    },
    write: async (replace, progress, token) => {
      const { files, total } = await server.exportNotebooks(params(false, replace), (partial) => progress(partial.notebooks), token);
      return total === 1 ? vscode.l10n.t("{0} was written.", shortPath(vscode.Uri.file(files[0]?.path ?? chosen.out))) : vscode.l10n.t("{0} files were written to {1}.", total, shortPath(vscode.Uri.file(dirname(files[0]?.path ?? chosen.out))));
    },
  };
}

export async function pickFormat(): Promise<DatasetFormat | undefined> {
  const picked = await vscode.window.showQuickPick(FORMATS.map((format) => ({ label: format.title, description: format.extension, format })), { title: vscode.l10n.t("Export as"), matchOnDescription: true });
  return picked?.format;
}

/** Formats about one video give a file for each notebook, beside them. */
function outFor({ oneVideo, extension }: DatasetFormat, base: string): string {
  return oneVideo ? dirname(base) : `${base}${extension}`;
}

async function chooseOut(chosen: { readonly format: DatasetFormat; out: string }): Promise<boolean> {
  const { oneVideo, rows } = chosen.format;
  if (oneVideo) {
    const [folder] = (await vscode.window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, defaultUri: vscode.Uri.file(chosen.out), openLabel: vscode.l10n.t("Write the files here") })) ?? [];
    if (folder !== undefined) chosen.out = folder.fsPath;
    return folder !== undefined;
  }
  const extension = /\.([^./\\]+)$/.exec(chosen.format.extension)?.[1] ?? "json";
  const filters = { [chosen.format.title]: [extension], ...(rows === true ? { Parquet: ["parquet"] } : {}) };
  const file = await vscode.window.showSaveDialog({ defaultUri: vscode.Uri.file(chosen.out), filters });
  if (file !== undefined) chosen.out = file.fsPath;
  return file !== undefined;
}
