/** `@video` in the editor's own chat, where there is one: the same answers, written into that chat. */
import * as vscode from "vscode";
import { errorOf, sentences } from "../errors.js";
import { escapeMarkdown } from "../notebook/answers.js";
import { stageText } from "../stages.js";
import { translator } from "../words.js";
import { pageWords } from "./pageWords.js";
import { rangeInQuestion, shortRange } from "./range.js";
import { evidenceText } from "./wording.js";
import type { Video } from "./turns.js";
import { videoInFront, videoOfFile } from "./videos.js";
import { selectedRange } from "./selectedRange.js";
import type { VideoService } from "./videoService.js";

/** As in package.json. */
const PARTICIPANT = "vqa.video";

export function registerParticipant(service: VideoService<vscode.CancellationToken>): vscode.Disposable {
  const participant = vscode.chat.createChatParticipant(PARTICIPANT, async (request, _, stream, token) => {
    const video = attached(request) ?? videoInFront();
    if (video === undefined) return refused(stream, vscode.l10n.t("No video is open. Open a notebook or a video, or attach one to the question."));
    const { question, scope } = rangeInQuestion(request.prompt, selectedRange());
    const caption = request.command === "caption";
    if (!caption && question === "") return refused(stream, vscode.l10n.t("Write a question about {0}.", video.name));
    const listener = {
      // Pieces of markup that arrive one by one would be markup again: every piece is escaped.
      onText: (text: string) => stream.markdown(escapeMarkdown(text)),
      onProgress: (progress: Parameters<typeof stageText>[0]) => stream.progress(stageText(progress)),
    };
    try {
      const answer = caption ? await service.caption(video.uri, scope, listener, token) : await service.ask({ video: video.uri, question, scope }, listener, token);
      stream.markdown(`\n\n*${escapeMarkdown([evidenceText(video.name, answer, translator(pageWords(), vscode.env.language)), ...(scope.length === 0 ? [] : [shortRange(scope)])].join(" \u00b7 "))}*`);
      return {};
    } catch (thrown) {
      const error = errorOf(thrown);
      if (error.code === "cancelled" || token.isCancellationRequested) return {};
      return { errorDetails: { message: sentences(error) } };
    }
  });
  participant.iconPath = new vscode.ThemeIcon("device-camera-video");
  return participant;
}

function refused(stream: vscode.ChatResponseStream, message: string): vscode.ChatResult {
  stream.markdown(escapeMarkdown(message));
  return {};
}

/** The first video among what the user attached. */
function attached({ references }: vscode.ChatRequest): Video | undefined {
  for (const { value } of references) {
    const uri = value instanceof vscode.Uri ? value : value instanceof vscode.Location ? value.uri : undefined;
    const video = uri === undefined ? undefined : videoOfFile(uri);
    if (video !== undefined) return video;
  }
  return undefined;
}
