import * as vscode from "vscode";

/**
 * Calls `start` when the workspace is trusted: now, or when the user trusts it. Until then files can
 * be read and edited, and nothing of them is run.
 */
export function whenTrusted(start: () => vscode.Disposable): vscode.Disposable {
  if (vscode.workspace.isTrusted) return start();
  const started: vscode.Disposable[] = [];
  const waiting = vscode.workspace.onDidGrantWorkspaceTrust(() => {
    waiting.dispose();
    started.push(start());
  });
  return { dispose: () => vscode.Disposable.from(waiting, ...started).dispose() };
}
