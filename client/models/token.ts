/** The hub's access token, in the editor's secret store and nowhere else. */
import * as vscode from "vscode";

const KEY = "vqa.hubToken";

export class HubToken {
  constructor(private readonly secrets: vscode.SecretStorage) {}

  get(): Thenable<string | undefined> {
    return this.secrets.get(KEY);
  }

  /** Asks for it; an empty answer forgets it. Returns what holds now. */
  async ask(hub: string): Promise<string | undefined> {
    const entered = await vscode.window.showInputBox({
      title: vscode.l10n.t("Access token of {0}", hub),
      prompt: vscode.l10n.t("A read token of an account that accepted the model's terms. It is kept in the editor's secret store. Empty forgets it."),
      password: true,
      ignoreFocusOut: true,
    });
    if (entered === undefined) return this.get();
    if (entered.trim() === "") await this.secrets.delete(KEY);
    else await this.secrets.store(KEY, entered.trim());
    return this.get();
  }
}
