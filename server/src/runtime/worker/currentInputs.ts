/**
 * What stored answers depend on now, while somebody looks at them: known only as long as the model is
 * in memory anyway. Looking at a notebook loads no model and starts no process.
 */
import { inputIdOf } from "../../engine/inputs.js";
import { decodeLine } from "../../engine/notebookRecord.js";
import { requestFor, settingsOf, videoOf } from "../../engine/notebookRequest.js";
import { decodeOptions } from "../../engine/request.js";
import { findRun, parse, readNotebook, runFields, type Notebook } from "../../format/index.js";
import { modelFrom, videoBeside } from "./notebook.js";
import type { Supervisor } from "./supervisor.js";
import { dirname } from "node:path";

/** Each question is a message to the worker and back; an editor does not wait for thousands. */
const MAX_ANSWERED = 300;

interface Looked {
  readonly path: string;
  readonly source: string;
  readonly starts: number;
  readonly notebook: Notebook;
  readonly known: Map<string, Promise<string | undefined>>;
}

export class CurrentInputs {
  readonly #supervisor: Pick<Supervisor, "status" | "inputs">;
  readonly #modelsFolder: string;
  readonly #defaultModel: string;
  /** Models that this life of the worker has used. */
  #used: { readonly starts: number; readonly models: Set<string> } = { starts: 0, models: new Set() };
  #looked: Looked | undefined;

  constructor(supervisor: Pick<Supervisor, "status" | "inputs">, defaultModel: string, modelsFolder: string) {
    this.#supervisor = supervisor;
    this.#defaultModel = defaultModel;
    this.#modelsFolder = modelsFolder;
  }

  /** The model has just answered, so it is in memory. */
  used(model: string): void {
    const { starts } = this.#supervisor.status();
    if (this.#used.starts !== starts) this.#used = { starts, models: new Set() };
    this.#used.models.add(model);
  }

  /**
   * `in12` that an answer to a question would have now; undefined when the model is not in memory. Of
   * an answer that was decoded in another way than the notebook says now, something that no answer has.
   */
  async of({ path, source }: { readonly path: string; readonly source: string }, question: number, run8: string, signal?: AbortSignal): Promise<string | undefined> {
    const { phase, starts } = this.#supervisor.status();
    if (phase !== "ready" || this.#used.starts !== starts) return undefined;
    const looked = this.#look(path, source, starts);
    const { notebook, known } = looked;
    const written = notebook.header.model;
    const model = written === undefined ? this.#defaultModel : modelFrom(written, dirname(path), this.#modelsFolder);
    if (!this.#used.models.has(model) || notebook.questions.filter(({ answers }) => answers.length > 0).length > MAX_ANSWERED) return undefined;
    const settings = settingsOf(notebook, path);
    const run = findRun(notebook, run8);
    const decoded = run && runFields(run).find(([key]) => key === "decode")?.[1];
    if (decoded !== undefined && decoded !== decodeLine(decodeOptions(settings.decode))) return "";
    const asked = notebook.questions[question];
    if (asked === undefined || asked.obstacle !== undefined) return undefined;
    const key = String(question);
    const before = known.get(key);
    if (before !== undefined) return before;
    const video = videoBeside(path)(videoOf(notebook, path));
    const made = this.#supervisor.inputs(requestFor(notebook, asked, video, settings), model, signal).then(({ dependsOn }) => inputIdOf(dependsOn));
    known.set(key, made);
    // A request that was cancelled or failed says nothing about the next.
    made.catch(() => known.delete(key));
    return made;
  }

  /** The video may have changed under its name: what was looked up is forgotten with the next change of the text or start of the worker. */
  #look(path: string, source: string, starts: number): Looked {
    const looked = this.#looked;
    if (looked?.path === path && looked.starts === starts && looked.source === source) return looked;
    this.#looked = { path, source, starts, notebook: readNotebook(parse(source)), known: new Map() };
    return this.#looked;
  }
}
