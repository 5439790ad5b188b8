/** What systems are asked, and how the answers are put into rows. */
import type { Question } from "../../../clips/questions.js";
import type { Scene } from "../../../clips/scene.js";

export interface Asked extends Question {
  /** The rows of the table that it counts in. */
  readonly rows: readonly string[];
}

export interface Exam {
  readonly scene: Scene;
  readonly questions: readonly Asked[];
  /** Mono 16-bit sound in place of the scene's tones. */
  readonly sound?: { readonly samples: Int16Array; readonly rate: number };
}

/** Two systems to compare question by question, in the rows that the comparison is about. */
export interface Duel {
  readonly better: string;
  readonly worse: string;
  /** All of them when absent. */
  readonly rows?: readonly string[];
  readonly about: string;
}

export interface ExamSet {
  readonly name: string;
  /** Clips when the caller names no number. */
  readonly clips: number;
  /** `clips` clips, drawn from `seed`: the same seed gives the same ones. */
  readonly exams: (clips: number, seed: number, signal?: AbortSignal) => readonly Exam[] | Promise<readonly Exam[]>;
  /** In the order of the table. */
  readonly rows: readonly string[];
  /** Asked when the caller names none. */
  readonly systems: readonly string[];
  readonly duels: readonly Duel[];
}
