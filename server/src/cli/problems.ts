/** What is wrong with the text of a notebook, as compilers say it: file, line, what. */
import { diagnose, parse, readNotebook, type Problem } from "../format/index.js";

export function problemsIn(source: string): readonly Problem[] {
  return diagnose(readNotebook(parse(source)));
}

/** `notes.vqa:4: error: ...`; lines count from 1. */
export function describeProblem(name: string, { line, severity, message }: Problem): string {
  return `${name}:${line}: ${severity}: ${message}`;
}
