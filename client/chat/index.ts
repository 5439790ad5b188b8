/** The chat's only door: the panel, the participant and the tools, all on one service. */
import * as vscode from "vscode";
import type { Server } from "../languageClient.js";
import type { Kernels } from "../notebook/kernels.js";
import { ChatPanel } from "./panel.js";
import { registerParticipant } from "./participant.js";
import { registerTools } from "./tools.js";
import { settingOf } from "./videos.js";
import { VideoService } from "./videoService.js";

export function registerChat(context: vscode.ExtensionContext, server: Server, kernels: Pick<Kernels, "modelOf">, logger: vscode.LogOutputChannel): vscode.Disposable {
  const service = new VideoService<vscode.CancellationToken>(server, (video) => settingOf(video, (notebook) => kernels.modelOf(notebook)));
  return vscode.Disposable.from(new ChatPanel(context, server, service, logger), registerParticipant(service), registerTools(service));
}
