/** One question of a notebook as the request that it stands for, apart from a run. */
import { parse, readNotebook } from "../format/index.js";
import type { AskRequest } from "./answer.js";
import { VqaError } from "./errors.js";
import { cuesOf, requestFor, settingsOf, videoOf } from "./notebookRequest.js";

/**
 * @param question its number in the notebook, from 0
 * Errors: `notebook-unreadable`, `invalid-request` for a question that cannot be asked as it stands, and
 * what `resolveVideo` refuses with.
 */
export async function requestOfQuestion(text: string, name: string, question: number, resolveVideo: (written: string) => string | Promise<string>): Promise<AskRequest> {
  const notebook = readNotebook(parse(text));
  const asked = notebook.questions[question];
  if (asked === undefined) {
    throw new VqaError("notebook-unreadable", `"${name}" has ${notebook.questions.length} questions; there is no question ${question + 1}.`, "Choose one of its questions.");
  }
  const settings = settingsOf(notebook, name);
  return requestFor(notebook, asked, await resolveVideo(videoOf(notebook, name)), settings);
}

/**
 * A question that is not in the notebook under its header and its cues; what the request says itself wins.
 * Error: `notebook-unreadable`.
 */
export function requestUnder(text: string, name: string, request: AskRequest): AskRequest {
  const notebook = readNotebook(parse(text));
  return { ...settingsOf(notebook, name), ...cuesOf(notebook), ...request };
}
