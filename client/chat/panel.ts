/** The chat panel: carries out what `conversation.ts` decides, with the web view on one side and the server on the other. */
import * as vscode from "vscode";
import { is } from "../../server/src/protocol/schema.js";
import { errorOf, sentences } from "../errors.js";
import type { Server } from "../languageClient.js";
import { NOTHING_OPEN, reduceChat, turnOf, type ChatEffect, type ChatEvent, type Conversation } from "./conversation.js";
import { readHistory, recall, remember } from "./history.js";
import { insertQuestion } from "./insert.js";
import { FromPanelSchema, type FromPanel, type ToPanel } from "./messages.js";
import { page } from "../html.js";
import { pageWords } from "./pageWords.js";
import { selectedRange } from "./selectedRange.js";
import { readRange, shortRange } from "./range.js";
import type { Video } from "./turns.js";
import { notebooksOf, pickVideo, videoInFront, videoOfFile } from "./videos.js";
import type { VideoService } from "./videoService.js";

/** As in package.json. */
const VIEW = "vqa.chat";
const STORED = "vqa.chat.history";

/** Words come faster than anybody reads: the panel is told as often as a screen shows it. */
const TELL_EVERY_MS = 30;

export class ChatPanel implements vscode.WebviewViewProvider, vscode.Disposable {
  readonly #disposables: vscode.Disposable[];
  #state: Conversation = NOTHING_OPEN;
  #view: vscode.WebviewView | undefined;
  #cancel: vscode.CancellationTokenSource | undefined;
  /** By turn. */
  readonly #weighing = new Map<number, vscode.CancellationTokenSource>();
  #telling: NodeJS.Timeout | undefined;
  /** The page was built and listens. */
  #ready = false;
  #focusWhenReady = false;
  #offered = "";

  constructor(
    private readonly context: Pick<vscode.ExtensionContext, "extensionUri" | "workspaceState">,
    private readonly server: Server,
    private readonly service: VideoService<vscode.CancellationToken>,
    private readonly logger: Pick<vscode.LogOutputChannel, "warn">,
  ) {
    const follow = (): void => this.#follow();
    this.#disposables = [
      vscode.window.registerWebviewViewProvider(VIEW, this),
      vscode.window.tabGroups.onDidChangeTabs(follow),
      vscode.window.tabGroups.onDidChangeTabGroups(follow),
      vscode.window.onDidChangeActiveNotebookEditor(follow),
      vscode.window.onDidChangeNotebookEditorSelection(() => this.#offer()),
      vscode.window.onDidChangeVisibleNotebookEditors(() => this.#offer()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#offer()),
      vscode.window.onDidChangeTextEditorSelection(() => this.#offer()),
      vscode.commands.registerCommand("vqa.askVideo", (uri: unknown) => this.#show(uri)),
      vscode.commands.registerCommand("vqa.chooseChatVideo", () => this.#choose()),
      vscode.commands.registerCommand("vqa.clearChat", () => this.#step({ type: "clear" })),
    ];
    follow();
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    const { webview } = view;
    const folders = ["dist/chat", "media/chat"].map((folder) => vscode.Uri.joinPath(this.context.extensionUri, folder));
    webview.options = { enableScripts: true, localResourceRoots: folders };
    const listening = webview.onDidReceiveMessage((message: unknown) => {
      if (is(FromPanelSchema, message)) void this.#hear(message);
    });
    view.onDidDispose(() => {
      listening.dispose();
      if (this.#view === view) [this.#view, this.#ready] = [undefined, false];
    });
    [this.#view, this.#ready] = [view, false];
    const at = (path: string): string => webview.asWebviewUri(vscode.Uri.joinPath(this.context.extensionUri, path)).toString();
    webview.html = page({ source: webview.cspSource, script: at("dist/chat/chat.js"), style: at("media/chat/chat.css"), title: vscode.l10n.t("Ask about the video"), language: vscode.env.language, words: pageWords() });
  }

  dispose(): void {
    this.#cancel?.cancel();
    for (const cancel of this.#weighing.values()) cancel.cancel();
    clearTimeout(this.#telling);
    vscode.Disposable.from(...this.#disposables).dispose();
  }

  async #hear(message: FromPanel): Promise<void> {
    switch (message.type) {
      case "ready":
        this.#ready = true;
        this.#tell();
        this.#send({ type: "offer", range: this.#offered });
        if (this.#focusWhenReady) this.#send({ type: "focus" });
        this.#focusWhenReady = false;
        return;
      case "ask": {
        const scope = readRange(message.range);
        if (scope === undefined) return this.#send({ type: "badRange", message: vscode.l10n.t("Write the range like 00:05..00:10.") });
        return this.#step({ type: "ask", question: message.question, scope });
      }
      case "stop":
        return this.#step({ type: "stop" });
      case "choose":
        return this.#choose();
      case "copy": {
        await vscode.env.clipboard.writeText(turnOf(this.#state, message.turn)?.text ?? "");
        return this.#send({ type: "notice", message: vscode.l10n.t("Copied.") });
      }
      case "insert":
        return this.#insert(message.turn);
      case "frames":
        return this.#pictures(message.turn);
      case "weigh":
        return this.#weigh(message.turn);
      case "weighStop":
        return this.#weighing.get(message.turn)?.cancel();
      case "play":
        return this.#play(message.timeMs);
    }
  }

  async #show(given: unknown): Promise<void> {
    const video = given instanceof vscode.Uri ? videoOfFile(given) : videoInFront();
    if (video !== undefined) this.#open(video);
    this.#focusWhenReady = !this.#ready;
    await vscode.commands.executeCommand(`${VIEW}.focus`);
    if (this.#ready) this.#send({ type: "focus" });
  }

  async #choose(): Promise<void> {
    const video = await pickVideo();
    if (video !== undefined) this.#open(video);
  }

  /** The panel goes with the editor, but not away from a question that is being answered. */
  #follow(): void {
    const video = videoInFront();
    if (video !== undefined && this.#state.running === undefined) this.#open(video);
  }

  /** The part that is selected in the editor, to be asked about with one click. */
  #offer(): void {
    const selected = shortRange(selectedRange());
    if (selected === this.#offered) return;
    this.#offered = selected;
    this.#send({ type: "offer", range: selected });
  }

  #open(video: Video): void {
    this.#step({ type: "open", video, turns: recall(readHistory(this.context.workspaceState.get(STORED)), video.uri) });
  }

  #step(event: ChatEvent): void {
    const { state, effects } = reduceChat(this.#state, event);
    if (state === this.#state && effects.length === 0) return;
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
    this.#telling ??= setTimeout(() => this.#tell(), TELL_EVERY_MS);
  }

  #perform(effect: ChatEffect): void {
    switch (effect.type) {
      case "ask":
        return void this.#ask(effect);
      case "cancel":
        return this.#cancel?.cancel();
      case "save":
        return void this.context.workspaceState.update(STORED, remember(readHistory(this.context.workspaceState.get(STORED)), effect.video, effect.turns));
    }
  }

  async #ask({ turn, video }: ChatEffect & { type: "ask" }): Promise<void> {
    const cancel = (this.#cancel = new vscode.CancellationTokenSource());
    try {
      const answer = await this.service.ask(
        { video: video.uri, question: turn.question, scope: turn.scope },
        {
          onText: (text) => this.#step({ type: "text", turn: turn.id, text }),
          onProgress: (progress) => this.#step({ type: "progress", turn: turn.id, progress }),
        },
        cancel.token,
      );
      this.#step({ type: "answered", turn: turn.id, answer });
    } catch (thrown) {
      const { code, message, next } = errorOf(thrown);
      this.#step({ type: "failed", turn: turn.id, error: { code, message, next } });
    } finally {
      cancel.dispose();
      if (this.#cancel === cancel) this.#cancel = undefined;
      if (this.#state.running === undefined) this.#follow();
    }
  }

  async #insert(id: number): Promise<void> {
    const [turn, { video }] = [turnOf(this.#state, id), this.#state];
    if (turn === undefined || video === undefined) return;
    try {
      const progress = { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t("Inserting into the notebook"), cancellable: true };
      const answer = await vscode.window.withProgress(progress, (_, token) => insertQuestion(this.server, video.uri, turn.question, turn.scope, token));
      // The notebook's header and cues have a say in it.
      const same = answer.trim() === turn.text.trim();
      this.#send({ type: "notice", message: same ? vscode.l10n.t("Inserted into the notebook.") : vscode.l10n.t("Inserted into the notebook. Under its settings the answer is: {0}", answer) });
    } catch (thrown) {
      void vscode.window.showErrorMessage(sentences(errorOf(thrown)));
    }
  }

  async #pictures(id: number): Promise<void> {
    const [turn, { video }] = [turnOf(this.#state, id), this.#state];
    try {
      const pictures = turn?.evidence === undefined || video === undefined ? [] : await this.service.pictures(video.uri, turn.evidence.frameTimesMs);
      this.#send({ type: "pictures", turn: id, pictures });
    } catch (thrown) {
      // The times are there without them.
      this.logger.warn(errorOf(thrown).message);
      this.#send({ type: "pictures", turn: id, pictures: [] });
    }
  }

  /** Asks once more, with each part left out once. Another answer than the one on the page is not weighed for it. */
  async #weigh(id: number): Promise<void> {
    const [turn, { video }] = [turnOf(this.#state, id), this.#state];
    if (turn === undefined || video === undefined || this.#weighing.has(id)) return;
    const cancel = new vscode.CancellationTokenSource();
    this.#weighing.set(id, cancel);
    try {
      const { text, evidence = [] } = await this.service.ask({ video: video.uri, question: turn.question, scope: turn.scope, evidence: true }, {}, cancel.token);
      if (text.trim() === turn.text.trim()) this.#send({ type: "weighed", turn: id, evidence });
      else this.#send({ type: "weighed", turn: id, why: vscode.l10n.t("Asked again, the answer is another one now: {0}", text) });
    } catch (thrown) {
      const error = errorOf(thrown);
      if (error.code !== "cancelled") this.#send({ type: "weighed", turn: id, why: sentences(error) });
    } finally {
      this.#weighing.delete(id);
      cancel.dispose();
    }
  }

  /** The preview shows the video of a notebook that can be seen. */
  async #play(timeMs: number): Promise<void> {
    const { video } = this.#state;
    if (video === undefined) return;
    const [notebook] = notebooksOf(video.uri);
    if (notebook === undefined) return this.#send({ type: "notice", message: vscode.l10n.t("Open a notebook about this video: the preview plays beside it.") });
    if (notebook.type === "notebook") await vscode.window.showNotebookDocument(notebook.document, { preserveFocus: true, preview: false });
    else await vscode.window.showTextDocument(notebook.document, { preserveFocus: true, preview: false });
    await vscode.commands.executeCommand("vqa.play", { video: video.uri, spans: [{ startMs: timeMs, endMs: timeMs }] });
  }

  #tell(): void {
    clearTimeout(this.#telling);
    this.#telling = undefined;
    const { video, turns, running } = this.#state;
    this.#send({ type: "state", ...(video === undefined ? {} : { video }), turns, running: running !== undefined });
  }

  #send(message: ToPanel): void {
    if (this.#ready) void this.#view?.webview.postMessage(message);
  }
}
