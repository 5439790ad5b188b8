import type { ClientCapabilities } from "vscode-languageserver/node";

/** The client shows its user an edit before it is made, and asks. */
export function confirms({ workspace }: Pick<ClientCapabilities, "workspace">): boolean {
  return workspace?.workspaceEdit?.documentChanges === true && workspace.workspaceEdit.changeAnnotationSupport !== undefined;
}
