/** Notebooks read for a table: one that cannot be read says why, and hinders no other. */
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import type { Asker } from "../../engine/notebook.js";
import { checkNotebook } from "../../engine/notebookCheck.js";
import { survey } from "../../engine/survey.js";
import type { SurveyedNotebook } from "../../protocol/datasets.js";
import { videoBeside } from "../worker/notebook.js";
import type { NotebookInput } from "./exporting.js";
import { readNotebookFile } from "./notebookFiles.js";

/** @param asking who tells what an answer's inputs would be now; nothing for nobody */
export async function surveyed(notebooks: readonly NotebookInput[], asking: (notebook: { readonly path: string; readonly source: string }) => { readonly asker?: Pick<Asker, "inputs"> }, signal: AbortSignal): Promise<Omit<SurveyedNotebook, "notebook">[]> {
  const all: Omit<SurveyedNotebook, "notebook">[] = [];
  for (const { name, path, text } of notebooks) {
    throwIfAborted(signal);
    try {
      const source = text ?? (await readNotebookFile(name, path)).source;
      all.push(await one(path, name, source, asking({ path, source }), signal));
    } catch (thrown) {
      const { code, message } = VqaError.from(thrown);
      if (code === "cancelled") throw thrown;
      all.push({ problem: message, questions: [] });
    }
  }
  return all;
}

async function one(path: string, name: string, source: string, asker: { readonly asker?: Pick<Asker, "inputs"> }, signal: AbortSignal): Promise<Omit<SurveyedNotebook, "notebook">> {
  const look = async (parts: typeof asker): Promise<ReturnType<typeof survey>> => survey(source, await checkNotebook(source, name, { ...parts, resolveVideo: videoBeside(path) }, signal));
  let problem: string | undefined;
  const found = await look(asker).catch((thrown: unknown) => {
    const { code, message } = VqaError.from(thrown);
    // Without its video or model nobody can tell what is fresh; the rest can be told all the same.
    if (code === "cancelled" || asker.asker === undefined) throw thrown;
    problem = message;
    return look({});
  });
  return {
    ...defined({ video: found.video, problem }),
    questions: found.questions.map(({ type, label, grade, answer, ...question }) => ({ ...question, ...defined({ type, label, grade, answer }) })),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(values: T): Defined<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
}
