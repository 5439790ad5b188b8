import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { VqaError } from "../engine/errors.js";

/** An absolute path from a path or a file: URI. Error invalid-request: neither, since only files of this machine can be decoded. */
export function filePath(pathOrUri: string): string {
  if (isAbsolute(pathOrUri)) return pathOrUri;
  try {
    if (pathOrUri.startsWith("file:")) return fileURLToPath(pathOrUri);
  } catch {
    // Falls through to the refusal: a URI of another host, or a broken one.
  }
  throw new VqaError("invalid-request", `${pathOrUri} is not a file of this machine.`, "Give an absolute path or a file: URI.", { data: { uri: pathOrUri } });
}
