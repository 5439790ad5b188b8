/** Engines elsewhere: asked for once a workspace, their key in the editor's secret store. */
import * as vscode from "vscode";
import type { RemoteConfig } from "../../server/src/protocol/remote.js";
import { agreedRemote, hostOf, termsOf, type RemoteSettings } from "./agreement.js";

const AGREED = "vqa.remote.agreed";
const secretOf = (url: string): string => `vqa.remote.key ${hostOf(url)}`;

function settings(): RemoteSettings {
  const own = vscode.workspace.getConfiguration("vqa.remote");
  return { url: own.get("url", "").trim(), model: own.get("model", "").trim(), kind: own.get("kind", "openai") };
}

/** What the server may be told now; undefined where nobody agreed. */
export async function remoteOf(context: vscode.ExtensionContext): Promise<RemoteConfig | undefined> {
  const set = settings();
  const agreed = context.workspaceState.get<string>(AGREED);
  if (agreedRemote(set, agreed, vscode.workspace.isTrusted, undefined) === undefined) return undefined;
  return agreedRemote(set, agreed, vscode.workspace.isTrusted, await context.secrets.get(secretOf(set.url)));
}

/** @param renew tells the server what it may ask after a change; its settings and the user's word are one */
export function registerRemote(context: vscode.ExtensionContext, renew: (change: Promise<void>) => Promise<void>): vscode.Disposable {
  const changing = async (change: () => Promise<void>): Promise<void> => {
    // Settings announce themselves while they are written: by then the server is known to wait for all of it.
    const changed = Promise.resolve().then(change);
    await Promise.all([changed, renew(changed)]);
  };
  return vscode.Disposable.from(
    vscode.commands.registerCommand("vqa.useRemoteEngine", async () => {
      const agreed = await askForTerms();
      if (agreed === undefined) return;
      await changing(() => keep(context, agreed));
      void vscode.window.showInformationMessage(vscode.l10n.t("{0} can be asked now: choose it as the kernel of a notebook, or write “model: remote” in its first lines.", settings().model));
    }),
    vscode.commands.registerCommand("vqa.leaveRemoteEngine", async () => {
      await changing(() => leave(context));
      void vscode.window.showInformationMessage(vscode.l10n.t("Frames stay on this machine."));
    }),
  );
}

async function leave(context: vscode.ExtensionContext): Promise<void> {
  await context.workspaceState.update(AGREED, undefined);
  const { url } = settings();
  if (url !== "") await context.secrets.delete(secretOf(url));
}

interface Agreed {
  readonly url: string;
  readonly model: string;
  /** Empty where the engine wants none. */
  readonly key: string;
}

/** Undefined where the person did not agree to the end. */
async function askForTerms(): Promise<Agreed | undefined> {
  const before = settings();
  const title = vscode.l10n.t("Remote engine");
  const url = await vscode.window.showInputBox({ title, prompt: vscode.l10n.t("Address of an engine that speaks OpenAI's chat completions: vLLM, SGLang, llama-server, Ollama."), value: before.url, placeHolder: "http://127.0.0.1:8000/v1", ignoreFocusOut: true });
  if (url === undefined || url.trim() === "") return undefined;
  const model = await vscode.window.showInputBox({ title, prompt: vscode.l10n.t("What the engine calls the model"), value: before.model, ignoreFocusOut: true });
  if (model === undefined || model.trim() === "") return undefined;
  const yes = vscode.l10n.t("Send Them");
  const detail = vscode.l10n.t("Pictures of your videos, their subtitles and your questions go to {0} whenever {1} is asked in this workspace. Every answer says so. Nothing is sent anywhere else, and nothing without a question.", hostOf(url.trim()), model.trim());
  if ((await vscode.window.showWarningMessage(vscode.l10n.t("Send frames to {0}?", hostOf(url.trim())), { modal: true, detail }, yes)) !== yes) return undefined;
  const key = await vscode.window.showInputBox({ title, prompt: vscode.l10n.t("Key of the engine. It is kept in the editor's secret store. Empty sends none."), password: true, ignoreFocusOut: true });
  if (key === undefined) return undefined;
  return { url: url.trim(), model: model.trim(), key: key.trim() };
}

async function keep(context: vscode.ExtensionContext, { url, model, key }: Agreed): Promise<void> {
  const own = vscode.workspace.getConfiguration("vqa.remote");
  await own.update("url", url, vscode.ConfigurationTarget.Global);
  await own.update("model", model, vscode.ConfigurationTarget.Global);
  if (key === "") await context.secrets.delete(secretOf(url));
  else await context.secrets.store(secretOf(url), key);
  await context.workspaceState.update(AGREED, termsOf(settings()));
}
