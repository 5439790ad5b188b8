/** The chat's only door: the panel, the participant and the tools, all on one service. */
import * as vscode from "vscode";
import type { Server } from "../languageClient.js";
import { ChatPanel } from "./panel.js";
import { registerParticipant } from "./participant.js";
import { registerTools } from "./tools.js";
import { VideoService } from "./videoService.js";

export function registerChat(context: vscode.ExtensionContext, server: Server, logger: vscode.LogOutputChannel): vscode.Disposable {
  const service = new VideoService<vscode.CancellationToken>(server);
  return vscode.Disposable.from(new ChatPanel(context, server, service, logger), registerParticipant(service), registerTools(service));
}
