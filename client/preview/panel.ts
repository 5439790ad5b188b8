/** The preview beside the editor: the page on one side, the document and the server on the other. */
import { dirname } from "node:path";
import * as vscode from "vscode";
import type { FramesResult, ProxyParams } from "../../server/src/protocol/media.js";
import { is } from "../../server/src/protocol/schema.js";
import type { MediaInfo } from "../../server/src/protocol/values.js";
import { errorOf, sentences } from "../errors.js";
import { PreviewDocument, type Source } from "./document.js";
import { nearestCut } from "./cuts.js";
import { framesAround } from "./frameTimes.js";
import type { FrameWindow } from "./frames.js";
import { itemsOn, type FilmItem } from "./film.js";
import { pageHtml } from "./html.js";
import { thumbnailTimes } from "./layout.js";
import { copyFor, type CopyKind } from "./playable.js";
import { planMark, segmentAfter, type Mark } from "./marking.js";
import { FromPageSchema, type FromPage, type PageCommand, type ToPage } from "./messages.js";
import type { Span } from "../../server/src/format/index.js";

export const VIEW_TYPE = "vqa.preview";

const THUMBNAILS = 10;
/** In pixels of the picture. */
const THUMBNAIL_WIDTH = 160;
const WAVE_BUCKETS = 600;
const SOON_MS = 60;

/** What a page remembered of the cursor, of which only moves count. */
export interface Restored {
  readonly cursor?: number | undefined;
  readonly follow?: boolean | undefined;
}

/** What the preview asks of the server. */
export interface PreviewServer {
  probe(video: string): Promise<MediaInfo>;
  playhead(video: string, timeMs?: number): void;
  frames(params: { readonly video: string; readonly timesMs: readonly number[]; readonly width: number }): Promise<FramesResult>;
  waveform(video: string, buckets: number): Promise<readonly number[]>;
  frameTimes(video: string, fromMs: number, toMs: number): Promise<readonly number[]>;
  cuts(video: string, onFraction: (fraction: number) => void, token: vscode.CancellationToken): Promise<readonly number[]>;
  proxy(params: ProxyParams, onFraction: (fraction: number) => void, token: vscode.CancellationToken): Promise<string>;
}

export class PreviewPanel implements vscode.Disposable {
  readonly #disposables: vscode.Disposable[] = [];
  readonly #disposed = new vscode.EventEmitter<void>();
  readonly #lead = vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor("editor.rangeHighlightBackground"),
    overviewRulerColor: new vscode.ThemeColor("editorOverviewRuler.rangeHighlightForeground"),
    overviewRulerLane: vscode.OverviewRulerLane.Full,
  });
  #document: PreviewDocument;
  /** What the page shows, to be told once. */
  #shown: string | undefined;
  #media: MediaInfo | undefined;
  #tried: "none" | "original" | "sound" | "all" = "none";
  /** What plays instead of the video. */
  #copy: vscode.Uri | undefined;
  /** Where its first frame is on its own clock. */
  #copyZeroMs = 0;
  /** A copy that is being made, or a search for cuts. */
  #copying: vscode.CancellationTokenSource | undefined;
  #cuts: readonly number[] | undefined;
  #strip: ToPage | undefined;
  #wave: ToPage | undefined;
  #ready = false;
  #follow = true;
  /** Where the cursor was when it last moved the picture, or before the window was loaded anew. */
  #followed: number | undefined;
  /** The item that the page shows as the cursor's. */
  #lit: number | undefined;
  #timeMs = 0;
  #marked: readonly FilmItem[] = [];
  #waiting: ToPage | undefined;
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
    this.#document = new PreviewDocument(source);
    this.#followed = restored?.cursor;
    this.#follow = restored?.follow ?? true;
    this.#open();
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
      vscode.window.onDidChangeVisibleTextEditors(() => this.#highlight(this.#marked)),
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
    this.#highlight([]);
    this.#document = new PreviewDocument(source);
    this.#followed = undefined;
    this.#open();
  }

  /** Plays the parts one after the other; without `play` it shows where the first begins. */
  play(spans: readonly Span[], play = true): void {
    this.#post({ type: "seek", spans, play });
  }

  command(name: PageCommand, label?: string): void {
    this.#post({ type: "command", name, ...(label === undefined ? {} : { label }) });
  }

  dispose(): void {
    const [first] = this.#disposables;
    if (first === undefined) return;
    clearTimeout(this.#timer);
    this.#copying?.cancel();
    this.#highlight([]);
    this.#focus(false);
    const { video } = this.#document;
    if (video?.scheme === "file") this.server.playhead(video.toString());
    this.#disposed.fire();
    vscode.Disposable.from(...this.#disposables.splice(0)).dispose();
    this.panel.dispose();
  }

  /** Gives the page what the document names. */
  #open(): void {
    const { video } = this.#document;
    this.#shown = video?.toString();
    this.#media = undefined;
    this.#tried = "none";
    this.#copy = undefined;
    this.#cuts = undefined;
    this.#strip = undefined;
    this.#wave = undefined;
    this.#copying?.cancel();
    this.#copying = undefined;
    const name = video?.path.split("/").at(-1) ?? "VQA";
    this.panel.title = vscode.l10n.t("Video: {0}", name);
    const { webview } = this.panel;
    this.#ready = false;
    webview.options = {
      enableScripts: true,
      localResourceRoots: [
        vscode.Uri.joinPath(this.extension, "dist", "preview"),
        vscode.Uri.joinPath(this.extension, "media", "preview"),
        this.copies,
        ...(video === undefined ? [] : [video.with({ path: dirname(video.path) })]),
      ],
    };
    webview.html = pageHtml(webview, this.extension);
    if (video?.scheme === "file") {
      this.server.probe(video.toString()).then(
        (media) => {
          if (this.#shown !== video.toString()) return;
          this.#media = media;
          this.#tellVideo();
          void this.#makeStrip(video, media);
          if (media.audio.length > 0) void this.#makeWave(video);
          const kind = copyFor(media, vscode.env.uiKind === vscode.UIKind.Desktop, "none");
          if (kind !== undefined) void this.#makeCopy(video, kind);
        },
        // The player says itself what it cannot play; without the facts only the steps are less exact.
        () => undefined,
      );
    }
  }

  async #hear(message: FromPage): Promise<void> {
    switch (message.type) {
      case "ready":
        this.#ready = true;
        this.#tellVideo();
        this.#tellFilm();
        if (this.#strip !== undefined) this.#post(this.#strip);
        if (this.#wave !== undefined) this.#post(this.#wave);
        if (this.#waiting !== undefined) void this.panel.webview.postMessage(this.#waiting);
        this.#waiting = undefined;
        return;
      case "focus":
        return this.#focus(message.focused);
      case "playhead": {
        this.#timeMs = message.timeMs;
        const { video } = this.#document;
        if (video?.scheme === "file") this.server.playhead(video.toString(), message.timeMs);
        return this.#highlight(itemsOn(this.#document.film, message.timeMs));
      }
      case "mark":
        return message.atCut === true ? this.#markAtCut(message.mark, message.timeMs) : this.#mark(message.mark, message.timeMs, message.label);
      case "frames":
        return this.#tellFrames(message.aroundMs);
      case "choose": {
        const item = this.#document.film.items.find(({ place }) => place.start === message.id);
        if (item === undefined) return;
        this.#followed = item.place.start;
        this.#document.select(item);
        return this.#tellFilm();
      }
      case "follow":
        this.#follow = message.on;
        return;
      case "unplayable":
        return this.#unplayable(message.why);
      case "cancel":
        return this.#copying?.cancel();
    }
  }

  /** The player gave up: a copy may do, first one that costs little. */
  async #unplayable(why: string): Promise<void> {
    const { video } = this.#document;
    if (video === undefined || this.#copying !== undefined) return;
    if (video.scheme !== "file" || this.#tried === "all") return this.#notice(vscode.l10n.t("This editor cannot play the video ({0}).", why));
    try {
      const media = this.#media ?? (await this.server.probe(video.toString()));
      if (this.#shown !== video.toString() || this.#copying !== undefined) return;
      const kind = copyFor(media, true, this.#tried === "sound" ? "sound" : "original");
      if (kind !== undefined) await this.#makeCopy(video, kind);
    } catch (thrown) {
      this.#sayError(thrown);
    }
  }

  async #makeCopy(video: vscode.Uri, kind: CopyKind): Promise<void> {
    const cancel = new vscode.CancellationTokenSource();
    this.#copying = cancel;
    this.#tried = kind;
    const tell = (fraction: number): void => this.#post({ type: "notice", text: vscode.l10n.t("This editor cannot play the video itself. A copy that it can is being made."), fraction, cancellable: true });
    try {
      tell(0);
      const path = await this.server.proxy({ video: video.toString(), kind }, (fraction) => this.#copying === cancel && tell(Math.min(1, fraction)), cancel.token);
      if (this.#copying !== cancel) return;
      const copy = vscode.Uri.file(path);
      // Containers that a copy is written in count from its first sound or picture, whichever is earlier.
      const { startMs } = await this.server.probe(copy.toString());
      if (this.#copying !== cancel) return;
      [this.#copy, this.#copyZeroMs] = [copy, Math.max(0, startMs)];
      this.#copying = undefined;
      this.#notice("");
      this.#tellVideo();
    } catch (thrown) {
      if (this.#copying !== cancel) return;
      this.#copying = undefined;
      this.#tried = "all";
      if (cancel.token.isCancellationRequested) this.#notice(vscode.l10n.t("This editor cannot play the video, and no copy was made."));
      else this.#sayError(thrown);
    } finally {
      cancel.dispose();
    }
  }

  async #makeStrip(video: vscode.Uri, { video: picture, durationMs }: MediaInfo): Promise<void> {
    if (picture === undefined || durationMs <= 0) return;
    try {
      const { pictures } = await this.server.frames({ video: video.toString(), timesMs: thumbnailTimes(durationMs, THUMBNAILS), width: THUMBNAIL_WIDTH });
      if (this.#shown !== video.toString()) return;
      this.#strip = { type: "strip", pictures: pictures.map(({ width, height, rgb }) => ({ width, height, rgb })) };
      this.#post(this.#strip);
    } catch {
      // A timeline without pictures is one, too.
    }
  }

  async #makeWave(video: vscode.Uri): Promise<void> {
    try {
      const peaks = await this.server.waveform(video.toString(), WAVE_BUCKETS);
      if (this.#shown !== video.toString()) return;
      this.#wave = { type: "wave", peaks };
      this.#post(this.#wave);
    } catch {
      // As above.
    }
  }

  /** Copies keep the frames of their film, and all times count from its first one. */
  async #tellFrames(aroundMs: number): Promise<void> {
    const { video } = this.#document;
    const shown = this.#shown;
    let window: FrameWindow = { timesMs: [] };
    try {
      if (video?.scheme === "file") {
        const { durationMs } = (this.#media ??= await this.server.probe(video.toString()));
        window = await framesAround((from, to) => this.server.frameTimes(video.toString(), from, to), aroundMs, durationMs);
      }
    } catch {
      // The page then counts by the rate.
    }
    if (this.#shown === shown) this.#post({ type: "frames", timesMs: [...window.timesMs], ...(window.endMs === undefined ? {} : { endMs: window.endMs }) });
  }

  /** Sets a start or an end where the film cuts, as near as there is one. */
  async #markAtCut(mark: Mark, timeMs: number): Promise<void> {
    const { video } = this.#document;
    if (video?.scheme !== "file" || this.#copying !== undefined) return;
    const search = new vscode.CancellationTokenSource();
    this.#copying = search;
    try {
      const { durationMs } = (this.#media ??= await this.server.probe(video.toString()));
      const tell = (fraction: number): void => this.#post({ type: "notice", text: vscode.l10n.t("Looking for the cuts of this video."), fraction: Math.min(1, fraction), cancellable: true });
      if (this.#cuts === undefined) tell(0);
      const cuts = this.#cuts ?? (await this.server.cuts(video.toString(), (fraction) => this.#copying === search && tell(fraction), search.token));
      if (this.#copying !== search) return;
      this.#cuts = cuts;
      this.#copying = undefined;
      this.#notice("");
      await this.#mark(mark, nearestCut(cuts, durationMs, timeMs), undefined);
    } catch (thrown) {
      if (this.#copying !== search) return;
      this.#copying = undefined;
      if (search.token.isCancellationRequested) this.#notice("");
      else this.#sayError(thrown);
    } finally {
      search.dispose();
    }
  }

  #notice(text: string): void {
    this.#post({ type: "notice", text, cancellable: false });
  }

  #sayError(thrown: unknown): void {
    this.#notice(sentences(errorOf(thrown)));
  }

  #tellVideo(): void {
    const { video } = this.#document;
    const rate = this.#media?.video?.frameRate;
    const zeroMs = this.#copy === undefined ? this.#media && Math.max(0, this.#media.startMs) : this.#copyZeroMs;
    this.#post({
      type: "show",
      key: video?.toString() ?? "",
      title: this.panel.title,
      document: this.#document.uri.toString(),
      cells: "notebookType" in this.#document.source,
      ...(video === undefined ? {} : { source: this.panel.webview.asWebviewUri(this.#copy ?? video).toString() }),
      ...(zeroMs === undefined ? {} : { zeroMs }),
      ...(rate === undefined || rate.num <= 0 || rate.den <= 0 ? {} : { rate: rate.num / rate.den }),
    });
  }

  #tellFilm(): void {
    const { film, selected } = this.#document;
    this.#lit = selected?.place.start;
    const cues = film.items.flatMap(({ kind, spans, label }) => (kind === "cue" ? spans.map((span) => ({ ...span, text: label })) : []));
    const items = film.items.flatMap(({ kind, spans, label, place }) => (kind === "cue" ? [] : spans.map((span) => ({ id: place.start, kind, ...span, label, selected: place.start === selected?.place.start }))));
    // Of an editor that is not there yet, or any more, the cursor is where it was; where it never was, the editor will put it first.
    const cursor = this.#document.hasCursor ? selected?.place.start : (this.#followed ?? selected?.place.start);
    this.#post({ type: "film", cues, items, ...(cursor === undefined ? {} : { cursor }) });
  }

  /** Not at every key: the whole document is read for it. */
  #soon(changed: boolean): void {
    this.#edited ||= changed;
    this.#timer ??= setTimeout(() => {
      const edited = this.#edited;
      this.#timer = undefined;
      this.#edited = false;
      if (edited) this.#changed();
      else this.#cursor();
    }, SOON_MS);
  }

  #changed(): void {
    const { video, selected } = this.#document;
    if (video?.toString() !== this.#shown) return this.#open();
    // An edit moves places; the cursor has not moved for it.
    if (this.#document.hasCursor) this.#followed = selected?.place.start;
    this.#tellFilm();
    this.#highlight(itemsOn(this.#document.film, this.#timeMs));
  }

  /** The cursor moved: to another item's time, if it is in one. */
  #cursor(): void {
    const { selected, hasCursor } = this.#document;
    if (!hasCursor) return;
    const before = this.#followed;
    this.#followed = selected?.place.start;
    if (this.#followed !== before || this.#followed !== this.#lit) this.#tellFilm();
    if (this.#followed === before) return;
    const [span] = selected?.spans ?? [];
    if (this.#follow && span !== undefined) this.#post({ type: "seek", spans: [span], play: false });
  }

  async #mark(mark: Mark, timeMs: number, label: string | undefined): Promise<void> {
    const plan = planMark(this.#document.film, this.#document.selected, mark, timeMs, label);
    if (plan.type === "refuse") {
      const texts = {
        "nothing-begun": vscode.l10n.t("Set a start first, or put the cursor into a segment."),
        "out-before-in": vscode.l10n.t("The end of a segment must come after its start."),
        "several-ranges": vscode.l10n.t("This segment has several ranges. Change them in the text."),
      };
      return this.#notice(texts[plan.why]);
    }
    if (this.#copying === undefined) this.#notice("");
    const done = await this.#document.apply(plan);
    const next = done && plan.type === "label" ? segmentAfter(this.#document.film, plan.segment) : undefined;
    if (next !== undefined) {
      this.#document.select(next);
      this.#post({ type: "seek", spans: next.spans.slice(0, 1), play: false });
    }
    this.#followed = (next ?? this.#document.selected)?.place.start;
    this.#tellFilm();
    if (!done) this.#notice(vscode.l10n.t("The document cannot be changed."));
  }

  #highlight(items: readonly FilmItem[]): void {
    this.#marked = items;
    this.#document.mark(items, this.#lead);
  }

  #focus(focused: boolean): void {
    void vscode.commands.executeCommand("setContext", "vqa.previewFocus", focused);
  }

  /** A page that is not there yet gets what it is to do when it is; what it shows it is told then anyway. */
  #post(message: ToPage): void {
    if (this.#ready) void this.panel.webview.postMessage(message);
    else if (message.type === "seek") this.#waiting = message;
  }
}
