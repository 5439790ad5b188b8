/** A window of an editor as its user sees it: nothing of the tests runs inside of it. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Frame, Locator, Page } from "playwright-core";
import { openBrowser, startServer, type ServerOptions } from "./editorServer.js";
import { endGroup } from "./processes.js";

export interface WindowOptions extends Omit<ServerOptions, "driver"> {
  readonly workspace: string;
  /** Folder for pictures. */
  readonly shots: string;
  /** Display language, such as `de`. The workbench's own texts stay English: they are a package of their own. */
  readonly language?: string;
}

/** Longest wait for anything on the screen. */
const PATIENCE_MS = 40_000;

export class EditorWindow {
  readonly page: Page;
  readonly workspace: string;
  /** What the workbench said went wrong. */
  readonly errors: string[] = [];

  private constructor(page: Page, private readonly url: string, private readonly home: string, private readonly options: WindowOptions, private readonly end: () => Promise<void>) {
    this.page = page;
    this.workspace = options.workspace;
    page.on("console", (message) => void (message.type() === "error" && !/bindings file|gallery service/.test(message.text()) && this.errors.push(message.text())));
  }

  static async open(options: WindowOptions): Promise<EditorWindow> {
    const home = mkdtempSync(join(tmpdir(), "vqa-ew-"));
    mkdirSync(options.shots, { recursive: true });
    const endings: (() => unknown)[] = [() => rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })];
    const end = async (): Promise<void> => {
      for (const ending of endings.reverse()) await ending();
    };
    try {
      const server = await startServer(options, home);
      endings.push(() => endGroup(server.child));
      await server.ready();
      const context = await openBrowser(options.programs.chromium, home);
      endings.push(() => context.close().catch(() => undefined));
      const page = context.pages()[0] ?? (await context.newPage());
      page.setDefaultTimeout(PATIENCE_MS);
      // The workbench takes its language from a script of its language package, and tells extensions of it.
      const { language } = options;
      if (language !== undefined) await page.addInitScript((code) => void Object.defineProperty(globalThis, "_VSCODE_NLS_LANGUAGE", { value: code, writable: false }), language);
      const url = new URL(`http://127.0.0.1:${server.port}/`);
      url.searchParams.set("folder", options.workspace);
      const window = new EditorWindow(page, url.href, home, options, end);
      await window.load();
      return window;
    } catch (error) {
      await end();
      throw error;
    }
  }

  /** Loads the window anew. */
  async load(): Promise<void> {
    await this.page.goto(this.url);
    await this.page.locator(".monaco-workbench .part.editor").waitFor();
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  }

  /** Loads the window anew by its own command, which keeps what is open: a page that is only left is not waited for. */
  async reload(): Promise<void> {
    const loaded = this.page.waitForEvent("load", { timeout: 2 * PATIENCE_MS });
    await this.command("Developer: Reload Window");
    await loaded;
    await this.page.locator(".monaco-workbench .part.editor").waitFor();
    await this.page.locator(".explorer-folders-view .monaco-list-row").first().waitFor();
  }

  /** Says that the folder is trusted, where nobody has yet, and closes what says so. */
  async trust(): Promise<void> {
    await this.command("Workspaces: Manage Workspace Trust");
    const [trusted, untrusted] = ["trusted", "untrusted"].map((state) => this.page.locator(`.workspace-trust-editor .workspace-trust-header.workspace-trust-${state}`)) as [Locator, Locator];
    await trusted.or(untrusted).waitFor();
    if (await untrusted.isVisible()) await this.page.locator(".workspace-trust-editor .workspace-trust-limitations.trusted .monaco-button").first().click();
    await trusted.waitFor();
    await this.page.keyboard.press("Control+W");
    await this.page.locator(".workspace-trust-editor").waitFor({ state: "hidden" });
  }

  async close(): Promise<void> {
    await this.end();
  }

  /** Changes the user's settings file; undefined removes one. */
  setSettings(settings: Readonly<Record<string, unknown>>): void {
    const file = join(this.home, "user", "User", "settings.json");
    const before = JSON.parse(readFileSync(file, "utf8")) as object;
    writeFileSync(file, JSON.stringify({ ...before, ...settings }));
  }

  /** What the palette offers for words. It stays open. */
  async offers(words: string): Promise<readonly string[]> {
    const rows = await this.#ask(words);
    await rows.first().waitFor();
    return rows.evaluateAll((all) => (all as unknown as { getAttribute(name: string): string | null }[]).map((row) => row.getAttribute("aria-label") ?? ""));
  }

  /** Runs the first command of that name. */
  async command(name: string): Promise<void> {
    await this.#choose(`>${name}`, name.split(": ").at(-1) ?? name);
  }

  async openFile(name: string): Promise<void> {
    await this.#choose(name, name.split("/").at(-1) ?? name);
  }

  /**
   * Opens a notebook whose cells can be run: before it has a kernel the editor takes the command to run, and runs
   * nothing. Its cursor comes last, whatever was selected before.
   */
  async openNotebook(name: string, words: string): Promise<void> {
    await this.openFile(name);
    await this.cell(name, words).waitFor();
    await this.until("a kernel for the notebook", async () => (await this.notebook(name).locator(".kernel-label").allInnerTexts()).some((label) => label !== "" && !/^(Select|Detecting)/.test(label)));
    await this.notebook(name).locator(".cell-list-container .monaco-list-row.focused").first().waitFor({ state: "attached" });
  }

  /** As the button beside the first cell with these words does. */
  async runCell(name: string, words: string): Promise<void> {
    await this.cell(name, words).click();
    await this.notebook(name).locator(".run-button-container a.action-label").filter({ visible: true }).first().click();
  }

  /** Answers the field with this prompt. */
  async type(prompt: string, text: string): Promise<void> {
    const field = this.page.locator(".quick-input-widget", { hasText: prompt }).locator("input.input");
    await field.fill(text);
    await field.press("Enter");
  }

  /** Folder of the extension's storage, for all workspaces. */
  get storage(): string {
    return join(this.home, "user", "User", "globalStorage", "vqa.vqa");
  }

  /** What shows a file's notebook, its toolbar included. */
  notebook(file: string): Locator {
    return this.page.locator(".notebookOverlay", { has: this.page.locator(`.monaco-editor[data-uri*="/${file}#"]`) });
  }

  /** The editor of the first cell with these words, in a file's notebook: those of other notebooks stay in the page, out of sight. */
  cell(file: string, words: string): Locator {
    return this.page.locator(`.cell.code .monaco-editor[data-uri*="/${file}#"]`, { hasText: words }).first();
  }

  /** The palette closes when anything else takes the focus, as a page that is being built does. */
  async #choose(words: string, label: string): Promise<void> {
    await this.until(`"${label}" in the palette`, async () => {
      const row = (await this.#ask(words)).filter({ hasText: label }).first();
      return row.click({ timeout: 5000 }).then(() => true, () => false);
    });
  }

  async #ask(words: string): Promise<Locator> {
    const input = this.page.locator(".quick-input-widget .quick-input-filter input");
    // While a page inside of the window has the focus, or is about to get it, keys may go astray.
    await this.until("the palette", async () => {
      await this.page.keyboard.press("Escape");
      await this.page.keyboard.press("F1");
      if (await input.waitFor({ timeout: 3000 }).then(() => true, () => false)) return true;
      await this.page.locator(".part.sidebar .title-label").first().click();
      return false;
    });
    await input.fill(words);
    return this.page.locator(".quick-input-list .monaco-list-row");
  }

  /** Works in the web page inside of the window that shows what is sought, with words when they are given. */
  async inFrame<T>(selector: string, work: (frame: Frame) => Promise<T>, words?: string): Promise<T> {
    let found: Frame | undefined;
    await this.until(`${selector} in a page${words === undefined ? "" : ` with "${words}"`}`, async () => {
      for (const frame of this.page.frames()) {
        const shown = frame.locator(selector, words === undefined ? {} : { hasText: words });
        if ((await shown.count().catch(() => 0)) > 0 && (await shown.first().isVisible().catch(() => false))) found = frame;
      }
      return found !== undefined;
    });
    return work(found as Frame);
  }

  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: join(this.options.shots, `${name}.png`) });
  }

  /** What the editor keeps of unsaved changes. */
  backups(): readonly string[] {
    const folder = join(this.home, "user", "User", "Backups");
    if (!existsSync(folder)) return [];
    return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [readFileSync(join(entry.parentPath, entry.name), "utf8")] : []));
  }

  /** Command lines of the installed extension's processes: its language server and its workers. */
  processes(): readonly string[] {
    return execFileSync("ps", ["-A", "-ww", "-o", "stat=,args="], { encoding: "utf8" })
      .split("\n")
      .filter((line) => !line.startsWith("Z") && line.includes(join(this.home, "extensions")) && /dist\/server\/\w+\.js/.test(line));
  }

  /** Waits until something holds. Error: it did not for a minute; `what` says what. */
  async until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
    for (const end = Date.now() + PATIENCE_MS; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 50))) if (await holds()) return;
    throw new Error(`Waited in vain: ${what}`);
  }
}
