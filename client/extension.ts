/** The extension's composition root. */
import * as vscode from "vscode";
import { registerAnnotating } from "./annotate/index.js";
import { registerChat } from "./chat/index.js";
import { registerCacheCommands } from "./commands/cache.js";
import { registerCaptionCommands } from "./commands/captions.js";
import { registerNotebookCommands } from "./commands/notebook.js";
import { registerViewCommands } from "./commands/view.js";
import { registerDatasets } from "./datasets/index.js";
import { errorOf, sentences } from "./errors.js";
import { Server } from "./languageClient.js";
import { registerLongVideo } from "./commands/longVideo.js";
import { registerHardware } from "./hardware/index.js";
import { InlineAnswers } from "./inline/index.js";
import { registerModels } from "./models/index.js";
import { serveEvidence } from "./notebook/evidence.js";
import { Kernels } from "./notebook/kernels.js";
import { Kernel } from "./notebook/kernel.js";
import { Marks } from "./notebook/marks.js";
import { NOTEBOOK_TYPE } from "./notebook/notebookData.js";
import { NotebookSerializer } from "./notebook/serializer.js";
import { registerPreview } from "./preview/index.js";
import { concernsServer } from "./serverOptions.js";
import { StatusItem } from "./status.js";
import { registerRemote } from "./remote/index.js";
import { whenTrusted } from "./trust.js";

export function activate(context: vscode.ExtensionContext): void {
  context.subscriptions.push(
    vscode.workspace.registerNotebookSerializer(NOTEBOOK_TYPE, new NotebookSerializer(), { transientOutputs: false }),
    registerViewCommands(),
    registerAnnotating(),
    whenTrusted(() => startServices(context)),
  );
}

/** All that runs programs. */
function startServices(context: vscode.ExtensionContext): vscode.Disposable {
  const output = vscode.window.createOutputChannel("VQA", { log: true });
  const server = new Server(context, output);
  const kernel = new Kernel(server, (notebook) => kernels.modelOf(notebook));
  const kernels: Kernels = new Kernels(server, (cells, controller) => kernel.run(cells, controller), output);
  const marks = new Marks(server, kernels, () => !kernel.busy, output);
  const inline = new InlineAnswers(server);
  server.onAsk = (argument) => inline.ask(argument);
  const tell = (thrown: unknown): void => {
    void vscode.window.showErrorMessage(`VQA: ${sentences(errorOf(thrown))}`);
  };
  const renew = (change?: Promise<unknown>): Promise<void> => server.renew(change).then(() => kernels.refresh()).catch(tell);
  // Language features begin with the server, not with the first question.
  server.start().catch(tell);
  return vscode.Disposable.from(
    output,
    server,
    inline,
    kernel,
    kernels,
    marks,
    new StatusItem(server, marks),
    registerHardware(server),
    serveEvidence(server, kernels, output),
    registerChat(context, server, kernels, output),
    registerNotebookCommands(marks),
    registerCaptionCommands(server),
    registerLongVideo(server),
    registerDatasets(context, server, { controllerOf: (notebook) => kernels.controllerOf(notebook), runAll: (cells, controller) => kernel.runAll(cells, controller), stop: (cells) => kernel.stop(cells) }, output),
    registerCacheCommands(server),
    registerModels(context, server, () => void kernels.refresh()),
    registerRemote(context, renew),
    registerPreview(context, server),
    kernel.onDidRun((notebook) => marks.soon(notebook)),
    vscode.commands.registerCommand("vqa.restartModel", () => server.restartModel().catch(tell)),
    vscode.commands.registerCommand("vqa.showLog", () => output.show()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (concernsServer(event)) void renew();
    }),
  );
}
