import { VqaError } from "../../../engine/errors.js";
import type { Hub, RemoteFile } from "./hub.js";

/** What a status of 400 or above means to the user. */
export function refusal(status: number, url: URL, { repo, path, revision }: RemoteFile, hub: Pick<Hub, "hasToken">): VqaError {
  const data = { status, repo, file: path };
  const page = `${url.origin}/${repo}`;
  if (status === 401 || status === 403) {
    return hub.hasToken
      ? new VqaError("download-refused", `${url.host} does not give ${repo} to this token (${status}).`, `Accept the model's terms at ${page} with the account that the token belongs to.`, { data })
      : new VqaError("download-refused", `${url.host} gives ${repo} to people who signed in only (${status}).`, `Accept the model's terms at ${page}, make a read token there, and set it: HF_TOKEN, or "VQA: Set Token for Models…" in the editor.`, { data });
  }
  if (status === 404) return new VqaError("download-failed", `${url.host} has no ${path} in ${repo} at ${revision}.`, "Update this program, or use another mirror.", { data });
  if (status === 429) return new VqaError("download-failed", `${url.host} asks for a pause (429).`, "Try again in a few minutes: what is there already is kept.", { data });
  return new VqaError("download-failed", `${url.host} answers ${status} for ${repo}/${path}.`, "Try again later: what is there already is kept.", { data });
}
