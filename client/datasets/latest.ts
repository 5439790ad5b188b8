/** Work of a sheet that is begun anew whenever something changes: only the last counts, and it can be stopped. */
import * as vscode from "vscode";
import { errorOf, sentences } from "../errors.js";

export class Latest {
  #now: vscode.CancellationTokenSource | undefined;

  get busy(): boolean {
    return this.#now !== undefined;
  }

  /**
   * Stops what was begun before.
   * @param work gives what comes of it: called unless newer work was begun meanwhile, it keeps the result and tells the status
   * @returns the status, also when it was stopped or failed; undefined where newer work will tell one
   */
  async run(work: (token: vscode.CancellationToken) => Promise<() => string>): Promise<string | undefined> {
    this.stop();
    const own = (this.#now = new vscode.CancellationTokenSource());
    const isLast = (): boolean => this.#now === own;
    let status: string;
    try {
      const keep = await work(own.token);
      if (!isLast()) return undefined;
      status = keep();
    } catch (thrown) {
      if (!isLast()) return undefined;
      const error = errorOf(thrown);
      status = error.code === "cancelled" ? vscode.l10n.t("Stopped.") : sentences(error);
    } finally {
      own.dispose();
    }
    this.#now = undefined;
    return status;
  }

  stop(): void {
    this.#now?.cancel();
  }
}
