/** What is said to the page, which may not be there yet. */
import type * as vscode from "vscode";
import { errorOf, sentences } from "../errors.js";
import type { ToPage } from "./messages.js";

export class PageLink {
  #ready = false;
  #waiting: ToPage | undefined;

  constructor(private readonly webview: vscode.Webview) {}

  /** Another page is being loaded. */
  loading(): void {
    this.#ready = false;
  }

  /** The page is there. @param show tells it what it shows, which comes before what it is to do */
  ready(show: () => void): void {
    this.#ready = true;
    show();
    if (this.#waiting !== undefined) this.post(this.#waiting);
    this.#waiting = undefined;
  }

  /** A page that is not there yet gets what it is to do when it is; what it shows it is told then anyway. */
  post(message: ToPage): void {
    if (this.#ready) void this.webview.postMessage(message);
    else if (message.type === "seek") this.#waiting = message;
  }

  /** Below the picture; an empty text takes away what is there. */
  notice(text: string): void {
    this.post({ type: "notice", text, cancellable: false });
  }

  error(thrown: unknown): void {
    this.notice(sentences(errorOf(thrown)));
  }

  /** Something takes a while, and the page's button stops it. @param fraction more than 1 is 1 */
  progress(text: string, fraction: number): void {
    this.post({ type: "notice", text, fraction: Math.min(1, fraction), cancellable: true });
  }
}
