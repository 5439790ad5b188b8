/** Tools for language models that work in the editor: what they may ask of a video, with the user's leave. */
import * as vscode from "vscode";
import { decode, type Schema } from "../../server/src/protocol/schema.js";
import type { Span } from "../../server/src/protocol/values.js";
import { errorOf, sentences } from "../errors.js";
import { readRange, shortTime } from "./range.js";
import { AskInput, CaptionInput, FindInput } from "./toolInput.js";
import type { Video } from "./turns.js";
import { videoInFront, videoNamed } from "./videos.js";
import type { VideoService } from "./videoService.js";
import { toolText } from "./wording.js";

type Service = VideoService<vscode.CancellationToken>;

interface Work<I> {
  readonly input: Schema<I>;
  /** Said while it works. */
  readonly doing: (video: string) => string;
  /** Asked before. */
  readonly asking: (input: I, video: string) => string;
  readonly run: (input: I, video: Video, scope: readonly Span[], token: vscode.CancellationToken) => Promise<string>;
}

export function registerTools(service: Service): vscode.Disposable {
  return vscode.Disposable.from(
    tool("ask_video", {
      input: AskInput,
      doing: (video) => vscode.l10n.t("Asking about {0}", video),
      asking: ({ question }, video) => vscode.l10n.t('Ask the local model about {0}: "{1}"? The answer goes to the assistant.', video, question),
      run: async ({ question }, video, scope, token) => toolText(video.name, await service.ask({ video: video.uri, question, scope }, {}, token)),
    }),
    tool("caption_video", {
      input: CaptionInput,
      doing: (video) => vscode.l10n.t("Describing {0}", video),
      asking: (_, video) => vscode.l10n.t("Let the local model describe {0}? The description goes to the assistant.", video),
      run: async (_, video, scope, token) => toolText(video.name, await service.caption(video.uri, scope, {}, token)),
    }),
    tool("find_in_video", {
      input: FindInput,
      doing: (video) => vscode.l10n.t("Searching {0}", video),
      asking: ({ what }, video) => vscode.l10n.t('Let the local model find when "{1}" appears in {0}? The time goes to the assistant.', video, what),
      run: async ({ what }, video, scope, token) => {
        const { timeMs, answer } = await service.find(video.uri, what, scope, token);
        const found = timeMs === undefined ? "No time was found." : `First seen at ${shortTime(timeMs)}, as the model estimates it.`;
        return `${found}\nAnswer of the model: ${toolText(video.name, answer)}`;
      },
    }),
  );
}

function tool<I extends { readonly video?: string; readonly range?: string }>(name: string, { input: schema, doing, asking, run }: Work<I>): vscode.Disposable {
  return vscode.lm.registerTool<I>(name, {
    prepareInvocation: ({ input }) => {
      const given = decode(schema, input, name);
      const shown = given.video ?? videoInFront()?.name ?? vscode.l10n.t("the open video");
      return { invocationMessage: doing(shown), confirmationMessages: { title: vscode.l10n.t("Look at a video"), message: asking(given, shown) } };
    },
    invoke: async ({ input }, token) => {
      try {
        const given = decode(schema, input, name);
        const video = await videoFor(given.video);
        const scope = readRange(given.range ?? "");
        if (scope === undefined) throw new Error(`The range "${given.range}" cannot be read. Write it like 00:05..00:10.`);
        return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(await run(given, video, scope, token))]);
      } catch (thrown) {
        // Read by a model, which then can do better: the next step goes with it.
        const error = errorOf(thrown);
        throw new Error(hasData(thrown) ? sentences(error) : error.message);
      }
    },
  });
}

async function videoFor(written: string | undefined): Promise<Video> {
  const video = written === undefined ? videoInFront() : await videoNamed(written);
  if (video !== undefined) return video;
  throw new Error(written === undefined ? "No video is open in the editor. Name one with its path." : `There is no file "${written}". Give the path of a video, relative to the workspace or absolute.`);
}

function hasData(thrown: unknown): boolean {
  return thrown instanceof Error && "data" in thrown;
}
