import * as vscode from "vscode";
import type { Server } from "../languageClient.js";
import { isFramesWanted, type FramesShown } from "../renderer/messages.js";
import { videoOf } from "./video.js";

/** As the renderer is called in package.json. */
const RENDERER = "vqa-answer";

/** In pixels of the picture: sharp enough on a screen of twice the density. */
const WIDTH = 192;

/** Sends the renderer pictures of the frames that an answer saw. They are decoded anew: nothing of them is stored. */
export function serveEvidence(server: Server, logger: Pick<vscode.LogOutputChannel, "warn">): vscode.Disposable {
  const messaging = vscode.notebooks.createRendererMessaging(RENDERER);
  return messaging.onDidReceiveMessage(async ({ editor, message }) => {
    if (!isFramesWanted(message)) return;
    const { id, timesMs } = message;
    const send = (pictures: FramesShown["pictures"]): Thenable<boolean> => messaging.postMessage({ type: "frames-shown", id, pictures } satisfies FramesShown, editor);
    try {
      const video = videoOf(editor.notebook);
      await send(video === undefined ? [] : (await server.frames({ video, timesMs, width: WIDTH })).pictures);
    } catch (thrown) {
      // The times are there without them.
      logger.warn(thrown instanceof Error ? thrown.message : String(thrown));
      await send([]);
    }
  });
}
