/** What takes a while and can be stopped by the page's button: one at a time. */
import * as vscode from "vscode";

/** Undefined when nobody wants it any more. */
export type Outcome<T> = { readonly done: T } | { readonly thrown: unknown; readonly stopped: boolean } | undefined;

export class Job {
  #running: vscode.CancellationTokenSource | undefined;

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Stops what runs; its outcome says so. */
  stop(): void {
    this.#running?.cancel();
  }

  /** Stops what runs, and nobody wants it any more. */
  abandon(): void {
    this.stop();
    this.#running = undefined;
  }

  /** @param work is given whether it is still wanted, to be asked before it says anything */
  async run<T>(work: (token: vscode.CancellationToken, wanted: () => boolean) => Promise<T>): Promise<Outcome<T>> {
    const own = new vscode.CancellationTokenSource();
    this.#running = own;
    const wanted = (): boolean => this.#running === own;
    try {
      const done = await work(own.token, wanted);
      return wanted() ? { done } : undefined;
    } catch (thrown) {
      return wanted() ? { thrown, stopped: own.token.isCancellationRequested } : undefined;
    } finally {
      if (wanted()) this.#running = undefined;
      own.dispose();
    }
  }
}
