/** The agreement of annotators over many notebooks, read one at a time. */
import { agreementOf, votedQuestions, type Agreement, type Voted } from "../../engine/annotators.js";
import { throwIfAborted, VqaError } from "../../engine/errors.js";
import { MAX_VOTED, type AgreementResult } from "../../protocol/datasets.js";
import type { NotebookInput } from "./exporting.js";
import { readNotebookFile } from "./notebookFiles.js";

export interface Votes {
  /** `notebook`: its place among those that were given. */
  readonly voted: readonly (Voted & { readonly notebook: number })[];
  /** Notebooks that cannot be read, and why. */
  readonly problems: readonly string[];
}

/** @param onNotebooks told how many were read */
export async function votesIn(notebooks: readonly NotebookInput[], onNotebooks: (notebooks: number) => void, signal: AbortSignal): Promise<Votes> {
  const voted: (Voted & { notebook: number })[] = [];
  const problems: string[] = [];
  for (const [notebook, { name, path, text }] of notebooks.entries()) {
    throwIfAborted(signal);
    try {
      for (const one of votedQuestions(text ?? (await readNotebookFile(name, path)).source)) voted.push({ ...one, notebook });
    } catch (thrown) {
      problems.push(VqaError.from(thrown).message);
    }
    if ((notebook + 1) % 100 === 0) onNotebooks(notebook + 1);
  }
  return { voted, problems };
}

/** Those with the least agreement first, as they stand otherwise. */
export function leastFirst<V extends Pick<Voted, "agreement">>(voted: readonly V[]): V[] {
  return [...voted].sort((a, b) => a.agreement - b.agreement);
}

type Agreed = Omit<AgreementResult, "voted"> & { readonly voted: readonly (Omit<AgreementResult["voted"][number], "notebook"> & { readonly notebook: number })[] };

export async function agreed(notebooks: readonly NotebookInput[], onNotebooks: (notebooks: number) => void, signal: AbortSignal): Promise<Agreed> {
  const { voted, problems } = await votesIn(notebooks, onNotebooks, signal);
  return {
    ...plain(agreementOf(voted)),
    problems,
    voted: leastFirst(voted)
      .slice(0, MAX_VOTED)
      .map(({ settled, votes, ...one }) => ({ ...one, votes: votes.map(({ author, text }) => ({ author, text })), ...(settled === undefined ? {} : { settled }) })),
  };
}

/** Figures that are not defined are left out. */
export function plain({ questions, disagreements, annotators, pairs, agreement, fleiss, alpha, interval }: Agreement): Omit<AgreementResult, "voted" | "problems"> {
  return {
    questions,
    disagreements,
    annotators,
    pairs: pairs.map(({ kappa, ...pair }) => ({ ...pair, ...(kappa === undefined ? {} : { kappa }) })),
    ...(agreement === undefined ? {} : { agreement }),
    ...(fleiss === undefined ? {} : { fleiss }),
    ...(alpha === undefined ? {} : { alpha }),
    ...(interval === undefined ? {} : { interval }),
  };
}
