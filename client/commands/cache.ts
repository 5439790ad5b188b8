/** Removes what is kept of videos, after saying how much that is. */
import * as vscode from "vscode";
import type { CacheRoom } from "../../server/src/protocol/cache.js";
import { errorOf, sentences } from "../errors.js";
import type { Server } from "../languageClient.js";
import { binarySize } from "../sizes.js";

const size = (bytes: number): string => binarySize(bytes, vscode.env.language);

export function registerCacheCommands(server: Server): vscode.Disposable {
  return vscode.commands.registerCommand("vqa.clearCache", async () => {
    try {
      await clear(server);
    } catch (thrown) {
      void vscode.window.showErrorMessage(`VQA: ${sentences(errorOf(thrown))}`);
    }
  });
}

async function clear(server: Server): Promise<void> {
  const { rooms, folder } = await server.cache();
  const bytes = total(rooms);
  if (rooms.every(({ entries }) => entries === 0)) return void vscode.window.showInformationMessage(vscode.l10n.t("Nothing is kept of videos."));
  const remove = vscode.l10n.t("Remove");
  const detail = [...rooms.filter(({ entries }) => entries > 0).map((room) => `${nameOf(room.name)}: ${size(room.bytes)}`), "", folder, vscode.l10n.t("All of it can be made again. Models, notebooks and answers stay.")].join("\n");
  const chosen = await vscode.window.showWarningMessage(vscode.l10n.t("Remove {0} that VQA keeps of videos?", size(bytes)), { modal: true, detail }, remove);
  if (chosen !== remove) return;
  const removed = await server.clearCache();
  void vscode.window.showInformationMessage(vscode.l10n.t("{0} were removed.", size(total(removed.rooms))));
}

const total = (rooms: readonly CacheRoom[]): number => rooms.reduce((sum, { bytes }) => sum + bytes, 0);

/** A room that this version does not know keeps its own name. */
function nameOf(room: string): string {
  const names: Readonly<Record<string, string>> = {
    features: vscode.l10n.t("Encoded frames"),
    transcripts: vscode.l10n.t("Transcripts"),
    summaries: vscode.l10n.t("Summaries of clips"),
    proxies: vscode.l10n.t("Copies that can be played"),
    sprites: vscode.l10n.t("Thumbnails"),
    digests: vscode.l10n.t("Checksums"),
  };
  return Object.hasOwn(names, room) ? (names[room] as string) : room;
}
