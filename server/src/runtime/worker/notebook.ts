/** A notebook on disk meets the worker: where its video and model lie, and who answers. */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { VqaError } from "../../engine/errors.js";
import type { Asker } from "../../engine/notebook.js";
import { parse, readNotebook } from "../../format/index.js";
import { EMBEDDED_PACKS } from "../packs/locate.js";
import type { Supervisor } from "./supervisor.js";

/** The supervisor as the one who answers a notebook's questions with a model. */
export function askerOf(supervisor: Supervisor, model: string): Asker {
  return {
    ask: (request, events, signal) => supervisor.ask(request, model, events, signal),
    inputs: (request, signal) => supervisor.inputs(request, model, signal),
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
export function modelOf(notebookPath: string, source: string): string | undefined {
  const written = readNotebook(parse(source)).header.model;
  return written === undefined ? undefined : modelFrom(written, dirname(notebookPath));
}

/** A name of a model that comes with the program stays a name; anything else is a folder. */
export function modelFrom(nameOrFolder: string, base: string): string {
  return (EMBEDDED_PACKS as readonly string[]).includes(nameOrFolder) ? nameOrFolder : resolve(base, nameOrFolder);
}
