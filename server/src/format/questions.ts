/**
 * The view that consumers work with: what a document asks, what was answered and by whom. Made once
 * from a tree and never changed; edits make a new text, which is parsed again.
 */
import { cueVoice, plainCueText } from "./cuetext.js";
import { Header } from "./header.js";
import { runId, type RunLookup } from "./provenance.js";
import { ScopeTracker, type EffectiveScope } from "./scope.js";
import type { Span } from "./time.js";
import type { Choice, CueBlock, Document, Field, ModelBlock, QuestionBlock, ReferenceBlock, RunBlock, SegmentBlock, Word } from "./tree.js";

/** A person's answer. */
export interface Reference {
  readonly author: string | undefined;
  readonly text: string;
  readonly block: ReferenceBlock;
}

/** A machine's answer. */
export interface MachineAnswer {
  readonly run8: string;
  readonly in12: string;
  /** `t=812ms` and the like, in order. */
  readonly fields: readonly Field[];
  /** Exactly as it was given, lines joined by "\n". */
  readonly text: string;
  readonly block: ModelBlock;
}

export interface Question {
  /** As written; `#3` for the third question of the file when it has none. Not always unique. */
  readonly id: string;
  /** From 1, over all questions of the file. */
  readonly ordinal: number;
  readonly text: string;
  readonly choices: readonly Choice[];
  /** Indices of the choices marked `[x]`; any of them is right. */
  readonly gold: readonly number[];
  readonly references: readonly Reference[];
  readonly answers: readonly MachineAnswer[];
  readonly scope: EffectiveScope;
  /** Why it cannot be asked as it stands; undefined when it can. */
  readonly obstacle: string | undefined;
  readonly block: QuestionBlock;
}

export interface NotebookCue extends Span {
  /** Without markup; lines joined by "\n". */
  readonly text: string;
  readonly voice: string | undefined;
  readonly block: CueBlock;
}

export interface Notebook {
  readonly document: Document;
  readonly header: Header;
  readonly questions: readonly Question[];
  /** In order of the file, those without an end before their start. */
  readonly cues: readonly NotebookCue[];
  readonly segments: readonly SegmentBlock[];
  readonly runs: readonly RunBlock[];
  /** By id; of several the first whose content matches the id, else the first. */
  readonly runsById: ReadonlyMap<string, RunBlock>;
  /** Answers that belong to no question. */
  readonly orphans: readonly (ReferenceBlock | ModelBlock)[];
}

interface Draft {
  block: QuestionBlock;
  scope: EffectiveScope;
  references: Reference[];
  answers: MachineAnswer[];
}

/** Reads a document. Linear in its blocks. */
export function readNotebook(document: Document): Notebook {
  const scopes = new ScopeTracker();
  const drafts: Draft[] = [];
  const cues: NotebookCue[] = [];
  const segments: SegmentBlock[] = [];
  const runs: RunBlock[] = [];
  const orphans: (ReferenceBlock | ModelBlock)[] = [];
  // Answers belong to the question above; a section, a segment or what was meant as a question ends that.
  let current: Draft | undefined;
  for (const block of document.blocks) {
    scopes.see(block);
    switch (block.kind) {
      case "heading":
        current = undefined;
        break;
      case "segment":
        current = undefined;
        segments.push(block);
        break;
      case "opaque":
        if (block.resembles === "question") current = undefined;
        break;
      case "question":
        current = { block, scope: scopes.of(block), references: [], answers: [] };
        drafts.push(current);
        break;
      case "reference":
        if (current === undefined) orphans.push(block);
        else current.references.push({ author: block.author?.text, text: joined(block.lines).trim(), block });
        break;
      case "model":
        if (current === undefined) orphans.push(block);
        else current.answers.push(machineAnswer(block));
        break;
      case "run":
        runs.push(block);
        break;
      case "cue":
        if (block.endMs >= block.startMs) {
          const { startMs, endMs, lines } = block;
          cues.push({ startMs, endMs, text: plainCueText(lines), voice: cueVoice(lines), block });
        }
        break;
      default:
        break;
    }
  }
  return { document, header: Header.of(document), questions: drafts.map(question), cues, segments, runs, runsById: byId(runs), orphans };
}

/** The RUN that an answer refers to. */
export function findRun(notebook: Pick<Notebook, "runsById">, run8: string): RunBlock | undefined {
  return notebook.runsById.get(run8);
}

/** What `staleness` asks for, over the runs of a notebook. */
export function runLookup(notebook: Pick<Notebook, "runsById">): RunLookup {
  return (run8) => {
    const run = findRun(notebook, run8);
    return run === undefined ? undefined : runFields(run);
  };
}

/** The RUN still has the content that its id was made from. */
export function isIntact(run: RunBlock): boolean {
  return runId(runFields(run)) === run.run8.text;
}

export function runFields(run: RunBlock): readonly (readonly [key: string, value: string])[] {
  return run.entries.map((entry) => [entry.key.text, entry.value.text]);
}

function byId(runs: readonly RunBlock[]): ReadonlyMap<string, RunBlock> {
  const map = new Map<string, RunBlock>();
  for (const run of runs) {
    const known = map.get(run.run8.text);
    if (known === undefined || (!isIntact(known) && isIntact(run))) map.set(run.run8.text, run);
  }
  return map;
}

function question(draft: Draft, index: number): Question {
  const { block, scope, references, answers } = draft;
  const text = joined(block.lines).trim();
  const { choices } = block;
  return {
    id: block.id?.text ?? `#${index + 1}`,
    ordinal: index + 1,
    text,
    choices,
    gold: choices.flatMap((choice, i) => (choice.gold ? [i] : [])),
    references,
    answers,
    scope,
    obstacle: text === "" ? "The question has no text." : scope.origin === "invalid" ? "Its scope cannot be read." : undefined,
    block,
  };
}

function machineAnswer(block: ModelBlock): MachineAnswer {
  return { run8: block.run8.text, in12: block.in12.text, fields: block.fields, text: joined(block.lines), block };
}

function joined(lines: readonly Word[]): string {
  return lines.length === 1 ? (lines[0]?.text ?? "") : lines.map((line) => line.text).join("\n");
}
