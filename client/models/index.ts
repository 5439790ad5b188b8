/** Commands that bring models onto the machine and take them away. Nothing is downloaded but on a choice of the user. */
import * as vscode from "vscode";
import { errorOf, sentences } from "../errors.js";
import type { Server } from "../languageClient.js";
import { translator, type Words } from "../words.js";
import type { OfferedModel, PullResult } from "../../server/src/protocol/models.js";
import { HubToken } from "./token.js";
import { offers, percentage, progressText, removable } from "./words.js";

/** @param onChanged there are other packs than before */
export function registerModels(context: vscode.ExtensionContext, server: Server, onChanged: () => void): vscode.Disposable {
  const token = new HubToken(context.secrets);
  const told = (work: () => Promise<void>) => async (): Promise<void> => {
    try {
      await work();
    } catch (thrown) {
      const error = errorOf(thrown);
      if (error.code !== "cancelled") void vscode.window.showErrorMessage(`VQA: ${sentences(error)}`);
    }
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand("vqa.getModel", told(() => getModel(server, token).finally(onChanged))),
    vscode.commands.registerCommand("vqa.removeModel", told(() => removeModel(server).finally(onChanged))),
    vscode.commands.registerCommand("vqa.setModelToken", told(async () => void (await token.ask((await server.catalogue()).hub)))),
  );
}

async function getModel(server: Server, token: HubToken): Promise<void> {
  const { hub, models } = await server.catalogue();
  const picked = await vscode.window.showQuickPick(offers(models, translator(pickerWords(), vscode.env.language)), { title: vscode.l10n.t("Get a model from {0}", hub), placeHolder: vscode.l10n.t("Nothing is downloaded before you choose."), matchOnDetail: true });
  if (picked === undefined) return;
  const offered = models.find(({ id }) => id === picked.id)!;
  let known = offered.gated ? ((await token.get()) ?? (await token.ask(hub))) : await token.get();
  let fresh: boolean;
  for (;;) {
    try {
      ({ fresh } = await pull(server, offered, known));
      break;
    } catch (thrown) {
      const error = errorOf(thrown);
      if (error.code !== "download-refused") throw thrown;
      const enter = vscode.l10n.t("Enter Access Token…");
      if ((await vscode.window.showErrorMessage(`VQA: ${sentences(error)}`, enter)) !== enter) return;
      known = await token.ask(hub);
      if (known === undefined) return;
    }
  }
  const use = vscode.l10n.t("Use It for Notebooks");
  const message = fresh ? vscode.l10n.t("{0} is installed.", offered.name) : vscode.l10n.t("{0} is there already.", offered.name);
  if ((await vscode.window.showInformationMessage(message, use)) === use) {
    await vscode.workspace.getConfiguration("vqa").update("model", offered.id, vscode.ConfigurationTarget.Global);
  }
}

/** With progress, and a button that stops it. */
function pull(server: Server, { id, name }: OfferedModel, token: string | undefined): Thenable<PullResult> {
  return vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title: `VQA: ${name}`, cancellable: true }, (progress, stop) => {
    let shown = 0;
    return server.pullModel(
      { id, ...(token === undefined ? {} : { token }) },
      (part) => {
        const now = percentage(part);
        progress.report({ message: progressText(part, translator(pickerWords(), vscode.env.language)), increment: Math.max(0, now - shown) });
        shown = Math.max(shown, now);
      },
      stop,
    );
  });
}

async function removeModel(server: Server): Promise<void> {
  const { models, folder } = await server.models();
  const choices = removable(models, vscode.env.language);
  if (choices.length === 0) return void vscode.window.showInformationMessage(vscode.l10n.t("No models are installed in {0}.", folder));
  const picked = await vscode.window.showQuickPick(choices, { title: vscode.l10n.t("Remove a model from this machine") });
  if (picked === undefined) return;
  await server.removeModel(picked.id);
  void vscode.window.showInformationMessage(vscode.l10n.t("{0} is removed.", picked.label));
}

/** What `words.ts` says, in the editor's language. */
function pickerWords(): Words {
  return {
    installed: vscode.l10n.t("installed"),
    "needs a sign-in": vscode.l10n.t("needs a sign-in"),
    "Another window downloads it …": vscode.l10n.t("Another window downloads it …"),
    "Asking the hub …": vscode.l10n.t("Asking the hub …"),
    "Preparing …": vscode.l10n.t("Preparing …"),
    "Downloading …": vscode.l10n.t("Downloading …"),
    "{0} of {1}": vscode.l10n.t("{0} of {1}"),
  };
}
