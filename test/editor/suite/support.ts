import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";

const workspace = (): string => (vscode.workspace.workspaceFolders?.[0] as vscode.WorkspaceFolder).uri.fsPath;
export const path = (...parts: readonly string[]): string => join(workspace(), ...parts);
export const bytes = (...parts: readonly string[]): Buffer => readFileSync(path(...parts));

/** Opened in cells, with a kernel and a cursor: before it has one the editor takes a command to run cells, and runs nothing. */
export async function openNotebook(...parts: readonly string[]): Promise<vscode.NotebookEditor> {
  const editor = await openCells(...parts);
  await inBrowser(async ({ page }, cells) => {
    const end = Date.now() + 60_000;
    let seen: string[] = [];
    while (Date.now() < end) {
      seen = await page.locator(".kernel-label:visible").allInnerTexts();
      const kernel = seen.some((label) => label !== "" && !/^(Select|Detecting)/.test(label));
      // The cursor comes last, whatever was selected before.
      if (kernel && (cells === 0 || (await page.locator(".notebookOverlay:not([inert]) .monaco-list-row.focused").count()) > 0)) return;
      await page.waitForTimeout(50);
    }
    throw new Error(`The notebook got no kernel or no cursor: ${JSON.stringify(seen)}`);
  }, editor.notebook.cellCount);
  return editor;
}

/** Opened in cells, at once. */
export async function openCells(...parts: readonly string[]): Promise<vscode.NotebookEditor> {
  await vscode.commands.executeCommand("vscode.open", vscode.Uri.file(path(...parts)));
  return until(() => {
    const editor = vscode.window.activeNotebookEditor;
    return editor?.notebook.uri.fsPath === path(...parts) ? editor : undefined;
  });
}

export async function closeAll(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

/** Waits for the first value that is neither undefined nor false; shortly before a test's time is over it says what it looked at. */
export function until<T>(look: () => T | undefined | false): Promise<T> {
  return eventually(look.toString(), look, 110_000);
}

/** Waits for what has to come, for a minute; says what did not. */
export async function eventually<T>(what: string, look: () => Awaitable<T | undefined | false>, limitMs = 60_000): Promise<T> {
  const end = Date.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    if (Date.now() > end) throw new Error(`It did not come to this: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
type Awaitable<T> = T | Promise<T>;

interface Browser {
  readonly page: import("playwright-core").Page;
  /** Folder for pictures. */
  readonly shots: string;
}

/** Runs a function with the browser that shows this editor. It may use nothing from around it but `args`. */
export async function inBrowser<A, R>(work: (browser: Browser, args: A) => Promise<R>, args: A): Promise<R> {
  const url = process.env["VQA_TEST_DRIVER"];
  if (url === undefined) throw new Error("This editor is not driven by a browser.");
  const response = await fetch(url, { method: "POST", body: JSON.stringify({ code: work.toString(), args }) });
  const { value, error } = (await response.json()) as { value: R; error?: string };
  if (error !== undefined) throw new Error(error);
  return value;
}

/** Waits for a message of ours; the list of them shows those that have no toast, too. */
export async function notified(words: string): Promise<void> {
  await inBrowser(async ({ page }, wanted) => {
    const end = Date.now() + 90_000;
    let seen = "";
    while (Date.now() < end) {
      const now = (await page.locator(".notifications-toasts .notification-list-item-message, .notifications-center .notification-list-item-message").allInnerTexts()).join(" ");
      if (now !== "") seen = now;
      if (seen.includes(wanted)) return;
      await page.waitForTimeout(50);
    }
    throw new Error(`"${wanted}" was not said, but: ${seen}`);
  }, words);
}

/** Presses a button of a notification; the list of them shows those that have no toast, too. */
export async function pressNotice(label: string): Promise<void> {
  await vscode.commands.executeCommand("notifications.showList");
  await inBrowser(async ({ page }, text) => {
    await page.locator(".notifications-list-container .monaco-button").filter({ hasText: text }).first().click({ timeout: 60_000 });
  }, label);
}

/** Chooses from the list that the editor shows. */
export async function pickItem(label: string): Promise<void> {
  await inBrowser(async ({ page }, wanted) => {
    const box = page.locator(".quick-input-widget:visible input.input");
    await box.waitFor({ timeout: 60_000 });
    await box.fill(wanted);
    await page.locator(".quick-input-list .monaco-list-row", { hasText: wanted }).first().waitFor({ timeout: 60_000 });
    await box.press("Enter");
  }, label);
}

/** Types into the field that the editor shows. */
export async function typeIn(text: string): Promise<void> {
  await inBrowser(async ({ page }, typed) => {
    const box = page.locator(".quick-input-widget:visible input.input");
    await box.waitFor({ timeout: 60_000 });
    await box.fill(typed);
    await box.press("Enter");
  }, text);
}

export async function screenshot(name: string): Promise<void> {
  await inBrowser(async ({ page, shots }, file) => {
    await page.screenshot({ path: `${shots}/${file}.png` });
  }, name);
}

/** Processes of the installed extension's model worker; not those of another editor that is tested at the same time. */
export function workers(): readonly number[] {
  return processes("entry.js");
}

/** Processes of its language server. */
export function servers(): readonly number[] {
  return processes("main.js");
}

function processes(program: string): readonly number[] {
  const own = vscode.extensions.getExtension("vqa.vqa")?.extensionPath ?? "";
  return execFileSync("ps", ["-A", "-ww", "-o", "pid=,stat=,args="], { encoding: "utf8" })
    .split("\n")
    .flatMap((line) => {
      const [, pid, state, command] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      return command?.includes(join(own, "dist", "server", program)) === true && state?.startsWith("Z") === false ? [Number(pid)] : [];
    });
}

/** What is asked of a worker that is frozen is not answered for certain; what it was asked before may be. */
export async function freezeWorker(): Promise<number> {
  const [pid] = await until(() => {
    const found = workers();
    return found.length > 0 ? found : undefined;
  });
  process.kill(pid as number, "SIGSTOP");
  return pid as number;
}

export function text(output: vscode.NotebookCellOutput, mime = "text/markdown"): string | undefined {
  const item = output.items.find((candidate) => candidate.mime === mime);
  return item === undefined ? undefined : new TextDecoder().decode(item.data);
}
