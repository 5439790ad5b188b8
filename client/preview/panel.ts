/** The preview beside the editor: the page on one side, the document and the server on the other. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { Span } from "../../server/src/format/index.js";
import { is } from "../../server/src/protocol/schema.js";
import { PlayableCopy } from "./copy.js";
import { PreviewDocument, type Source } from "./document.js";
import { itemsOn } from "./film.js";
import { Follower, type Restored } from "./follower.js";
import { pageHtml } from "./html.js";
import { Job } from "./job.js";
import { Lead } from "./lead.js";
import { PageLink } from "./link.js";
import { Marker } from "./marker.js";
import { FromPageSchema, type FromPage, type PageCommand } from "./messages.js";
import type { PreviewServer } from "./server.js";
import { ShownVideo } from "./video.js";

export const VIEW_TYPE = "vqa.preview";

const SOON_MS = 60;

export class PreviewPanel implements vscode.Disposable {
  readonly #disposables: vscode.Disposable[] = [];
  readonly #disposed = new vscode.EventEmitter<void>();
  readonly #lead = new Lead();
  readonly #link: PageLink;
  /** A copy that is being made, or a search for cuts. */
  readonly #job = new Job();
  #document: PreviewDocument;
  #follower: Follower;
  #video: ShownVideo;
  #copy: PlayableCopy;
  #timeMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #edited = false;

  readonly onDidDispose = this.#disposed.event;

  constructor(
    private readonly panel: vscode.WebviewPanel,
    private readonly extension: vscode.Uri,
    /** Where the server keeps copies that can be played. */
    private readonly copies: vscode.Uri,
    private readonly server: PreviewServer,
    source: Source,
    restored?: Restored,
  ) {
    this.#link = new PageLink(panel.webview);
    this.#document = new PreviewDocument(source);
    this.#follower = new Follower(this.#document, this.#link, restored);
    [this.#video, this.#copy] = this.#open();
    this.#disposables.push(
      this.#lead,
      this.#disposed,
      panel.webview.onDidReceiveMessage((message: unknown) => {
        if (is(FromPageSchema, message)) void this.#hear(message);
      }),
      panel.onDidDispose(() => this.dispose()),
      panel.onDidChangeViewState(() => {
        if (!panel.active) this.#focus(false);
      }),
      vscode.workspace.onDidChangeTextDocument(({ document }) => {
        if (this.#document.has(document)) this.#soon(true);
      }),
      vscode.workspace.onDidChangeNotebookDocument(({ notebook }) => {
        if (this.#document.source === notebook) this.#soon(true);
      }),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#lead.again(this.#document)),
      vscode.window.onDidChangeTextEditorSelection(({ textEditor }) => {
        if (this.#document.has(textEditor.document)) this.#soon(false);
      }),
      vscode.window.onDidChangeNotebookEditorSelection(({ notebookEditor }) => {
        if (this.#document.source === notebookEditor.notebook) this.#soon(false);
      }),
    );
  }

  get source(): Source {
    return this.#document.source;
  }

  reveal(preserveFocus: boolean): void {
    this.panel.reveal(undefined, preserveFocus);
  }

  /** Previews another document from now on. */
  show(source: Source): void {
    if (source === this.source) return;
    this.#lead.show(this.#document, []);
    this.#document = new PreviewDocument(source);
    this.#follower = new Follower(this.#document, this.#link, { follow: this.#follower.follow });
    this.#reopen();
  }

  /** Plays the parts one after the other; without `play` it shows where the first begins. */
  play(spans: readonly Span[], play = true): void {
    this.#link.post({ type: "seek", spans, play });
  }

  command(name: PageCommand, label?: string): void {
    this.#link.post({ type: "command", name, ...(label === undefined ? {} : { label }) });
  }

  dispose(): void {
    const [first] = this.#disposables;
    if (first === undefined) return;
    clearTimeout(this.#timer);
    this.#job.abandon();
    this.#video.close();
    this.#lead.show(this.#document, []);
    this.#focus(false);
    const { video } = this.#document;
    if (video?.scheme === "file") this.server.playhead(video.toString());
    this.#disposed.fire();
    vscode.Disposable.from(...this.#disposables.splice(0)).dispose();
    this.panel.dispose();
  }

  #reopen(): void {
    this.#job.abandon();
    this.#video.close();
    [this.#video, this.#copy] = this.#open();
  }

  /** Gives the page what the document names. */
  #open(): [ShownVideo, PlayableCopy] {
    const { video: uri } = this.#document;
    const video = new ShownVideo(uri, this.server, this.#link);
    const copy = new PlayableCopy(video, this.server, this.#link, this.#job, () => this.#tellVideo());
    this.panel.title = vscode.l10n.t("Video: {0}", uri?.path.split("/").at(-1) ?? "VQA");
    const { webview } = this.panel;
    this.#link.loading();
    webview.options = {
      enableScripts: true,
      localResourceRoots: [
        vscode.Uri.joinPath(this.extension, "dist", "preview"),
        vscode.Uri.joinPath(this.extension, "media", "preview"),
        this.copies,
        ...(uri === undefined ? [] : [uri.with({ path: dirname(uri.path) })]),
      ],
    };
    webview.html = pageHtml(webview, this.extension);
    void video.look().then((media) => {
      if (media === undefined) return;
      this.#tellVideo();
      void copy.beforehand(media);
    });
    return [video, copy];
  }

  async #hear(message: FromPage): Promise<void> {
    switch (message.type) {
      case "ready":
        return this.#link.ready(() => {
          this.#tellVideo();
          this.#follower.tell();
          for (const picture of this.#video.pictures) this.#link.post(picture);
        });
      case "focus":
        return this.#focus(message.focused);
      case "playhead": {
        this.#timeMs = message.timeMs;
        const { video } = this.#document;
        if (video?.scheme === "file") this.server.playhead(video.toString(), message.timeMs);
        return this.#lead.show(this.#document, itemsOn(this.#document.film, message.timeMs));
      }
      case "mark": {
        const marker = new Marker(this.#document, this.#follower, this.#link, this.#job);
        return message.atCut === true ? marker.markAtCut(message.mark, message.timeMs, this.#video) : marker.mark(message.mark, message.timeMs, message.label);
      }
      case "frames":
        return this.#video.tellFrames(message.aroundMs);
      case "choose":
        return this.#follower.choose(message.id);
      case "follow":
        this.#follower.follow = message.on;
        return;
      case "unplayable":
        return this.#copy.unplayable(message.why);
      case "cancel":
        return this.#job.stop();
    }
  }

  #tellVideo(): void {
    const { media, uri } = this.#video;
    const { made } = this.#copy;
    const rate = media?.video?.frameRate;
    const zeroMs = made === undefined ? media && Math.max(0, media.startMs) : made.zeroMs;
    this.#link.post({
      type: "show",
      key: uri?.toString() ?? "",
      title: this.panel.title,
      document: this.#document.uri.toString(),
      cells: "notebookType" in this.#document.source,
      ...(uri === undefined ? {} : { source: this.panel.webview.asWebviewUri(made?.uri ?? uri).toString() }),
      ...(zeroMs === undefined ? {} : { zeroMs }),
      ...(rate === undefined || rate.num <= 0 || rate.den <= 0 ? {} : { rate: rate.num / rate.den }),
    });
  }

  /** Not at every key: the whole document is read for it. */
  #soon(changed: boolean): void {
    this.#edited ||= changed;
    this.#timer ??= setTimeout(() => {
      const edited = this.#edited;
      this.#timer = undefined;
      this.#edited = false;
      if (edited) this.#changed();
      else this.#follower.moved();
    }, SOON_MS);
  }

  #changed(): void {
    if (this.#document.video?.toString() !== this.#video.uri?.toString()) return this.#reopen();
    this.#follower.edited();
    this.#lead.show(this.#document, itemsOn(this.#document.film, this.#timeMs));
  }

  #focus(focused: boolean): void {
    void vscode.commands.executeCommand("setContext", "vqa.previewFocus", focused);
  }
}
