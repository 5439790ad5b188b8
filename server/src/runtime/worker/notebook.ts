/** A notebook on disk meets the worker: where its video and model lie, and who answers. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { VqaError } from "../../engine/errors.js";
import type { Asker } from "../../engine/notebook.js";
import { parse, readNotebook } from "../../format/index.js";
import { defaultModelsFolder, isPackId } from "../packs/home.js";
import { EMBEDDED_PACKS } from "../packs/locate.js";
import { MANIFEST_FILE } from "../packs/manifest.js";
import { REMOTE_MODEL } from "../../protocol/remote.js";
import type { Supervisor } from "./supervisor.js";

/** The supervisor as the one who answers a notebook's questions with a model. */
export function askerOf(supervisor: Supervisor, model: string): Asker {
  return {
    ask: (request, events, signal) => supervisor.ask(request, model, events, signal),
    inputs: async (request, signal) => (await supervisor.inputs(request, model, signal)).dependsOn,
  };
}

/** Videos are named relative to the notebook. Error video-refused: something that is not a file of this machine. */
export function videoBeside(notebookPath: string): (written: string) => string {
  return (written) => {
    if (!/^[a-z][a-z0-9+.-]+:\/\//i.test(written)) return resolve(dirname(notebookPath), written);
    try {
      if (/^file:/i.test(written)) return fileURLToPath(written);
    } catch {
      // A file of another machine, or a broken URI: refused below.
    }
    throw new VqaError("video-refused", `${notebookPath} names the video ${written}, which is not a file of this machine.`, "Download it, and name the file.", {
      data: { video: written },
    });
  };
}

/** The model that a notebook's header asks for: a name, or a folder relative to the notebook. Undefined when it names none. */
export function modelOf(notebookPath: string, source: string, models?: string): string | undefined {
  const written = readNotebook(parse(source)).header.model;
  return written === undefined ? undefined : modelFrom(written, dirname(notebookPath), models);
}

/**
 * What the worker calls a model: an embedded pack by its name, an installed one by its folder under
 * `models`, anything else by its folder beside `base`. A name that is neither installed nor a folder
 * stays a name, so that the error says how to get that model.
 */
export function modelFrom(nameOrFolder: string, base: string, models: string = defaultModelsFolder()): string {
  if (nameOrFolder === REMOTE_MODEL || (EMBEDDED_PACKS as readonly string[]).includes(nameOrFolder)) return nameOrFolder;
  const folder = resolve(base, nameOrFolder);
  if (!isPackId(nameOrFolder)) return folder;
  const installed = join(models, nameOrFolder);
  if (existsSync(join(installed, MANIFEST_FILE))) return installed;
  return existsSync(folder) ? folder : nameOrFolder;
}
