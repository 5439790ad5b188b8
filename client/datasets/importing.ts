/** Import of datasets and subtitles: which files, and what is chosen in the preview. */
import { basename, dirname, join } from "node:path";
import * as vscode from "vscode";
import { IMPORT_FORMATS } from "../../server/src/format/index.js";
import type { Server } from "../languageClient.js";
import { shortPath } from "../sheet/panel.js";
import type { Conversion, Preview } from "./conversion.js";
import { countFacts } from "./kinds.js";

interface Chosen {
  format: string | undefined;
  videos: string | undefined;
  out: string;
}

/** @param files at least one, of this machine */
export function importOf(server: Pick<Server, "importDataset">, files: readonly vscode.Uri[]): Conversion {
  const [first = ""] = files.map(({ fsPath }) => fsPath);
  const folder = dirname(first);
  const chosen: Chosen = { format: undefined, videos: folder, out: join(folder, basename(first).replace(/\.[^.]+$/, "")) };
  const params = (preview: boolean, replace: boolean) => ({
    files: files.map((uri) => uri.toString()),
    ...(chosen.format === undefined ? {} : { format: chosen.format }),
    ...(chosen.videos === undefined ? {} : { videos: chosen.videos }),
    out: chosen.out,
    preview,
    replace,
  });
  return {
    title: vscode.l10n.t("Import {0}", basename(first)),
    working: (records) => (records === 0 ? vscode.l10n.t("Reading …") : vscode.l10n.t("Reading: {0} records", records.toLocaleString(vscode.env.language))),
    accept: ({ total, existing }) => (existing > 0 ? vscode.l10n.t("Replace {0} and Write {1} Notebooks", existing, total - existing) : total === 1 ? vscode.l10n.t("Write the Notebook") : vscode.l10n.t("Write {0} Notebooks", total)),
    choices: [
      { id: "format", label: vscode.l10n.t("Format…"), choose: () => chooseFormat(chosen) },
      { id: "videos", label: vscode.l10n.t("Videos…"), choose: () => chooseVideos(chosen) },
      { id: "out", label: vscode.l10n.t("Folder…"), choose: () => chooseOut(chosen) },
    ],
    preview: async (progress, token): Promise<Preview> => {
      const { formats, counts, notes, leftOut, notebooks, total, existing, samples } = await server.importDataset(params(true, false), ({ records }) => progress(records), token);
      return {
        facts: [
          { label: vscode.l10n.t("Format"), value: formats.map((name) => IMPORT_FORMATS.find((format) => format.name === name)?.title ?? name).join(", ") },
          { label: vscode.l10n.t("Files"), value: files.map(shortPath).join(", ") },
          { label: vscode.l10n.t("Notebooks"), value: total.toLocaleString(vscode.env.language) },
          ...countFacts(counts),
          { label: vscode.l10n.t("Folder"), value: shortPath(vscode.Uri.file(chosen.out)) },
          { label: vscode.l10n.t("Videos"), value: chosen.videos === undefined ? vscode.l10n.t("as the dataset calls them") : shortPath(vscode.Uri.file(chosen.videos)) },
        ],
        notes,
        leftOut,
        total,
        existing,
        files: notebooks.map(({ file, video }) => ({ name: basename(file.path), about: video, exists: file.exists })),
        samples: samples.map(({ name, text }) => ({ name, text })),
      };
    },
    write: async (replace, progress, token) => {
      const { total } = await server.importDataset(params(false, replace), ({ records }) => progress(records), token);
      return total === 1 ? vscode.l10n.t("1 notebook was written to {0}.", shortPath(vscode.Uri.file(chosen.out))) : vscode.l10n.t("{0} notebooks were written to {1}.", total, shortPath(vscode.Uri.file(chosen.out)));
    },
  };
}

async function chooseFormat(chosen: Chosen): Promise<boolean> {
  const recognise = { label: vscode.l10n.t("Find out from the files"), name: undefined as string | undefined };
  const picked = await vscode.window.showQuickPick([recognise, ...IMPORT_FORMATS.map(({ title, name }) => ({ label: title, name }))], { title: vscode.l10n.t("Format of the files") });
  if (picked === undefined) return false;
  chosen.format = picked.name;
  return true;
}

async function chooseVideos(chosen: Chosen): Promise<boolean> {
  const [choose, none] = [vscode.l10n.t("Choose a folder…"), vscode.l10n.t("Name the videos as the dataset does")];
  const picked = await vscode.window.showQuickPick([choose, none], { title: vscode.l10n.t("Where are the videos?") });
  if (picked === undefined) return false;
  const folder = picked === choose ? await pickFolder(vscode.l10n.t("Folder of the videos"), chosen.videos) : undefined;
  if (picked === choose && folder === undefined) return false;
  chosen.videos = folder;
  return true;
}

async function chooseOut(chosen: Chosen): Promise<boolean> {
  const folder = await pickFolder(vscode.l10n.t("Write the notebooks here"), dirname(chosen.out));
  if (folder !== undefined) chosen.out = folder;
  return folder !== undefined;
}

async function pickFolder(openLabel: string, from: string | undefined): Promise<string | undefined> {
  const [picked] = (await vscode.window.showOpenDialog({ canSelectFiles: false, canSelectFolders: true, openLabel, ...(from === undefined ? {} : { defaultUri: vscode.Uri.file(from) }) })) ?? [];
  return picked?.fsPath;
}
