/** What passes between the judge's process and the one that started it. */
export interface ToJudge {
  readonly id: number;
  readonly system: string;
  readonly user: string;
  readonly attempt: number;
}

export type FromJudge =
  | { readonly type: "ready"; readonly engine: string }
  | { readonly type: "reply"; readonly id: number; readonly text: string }
  | { readonly type: "failed"; readonly id?: number; readonly message: string };

/** What the judge's process is told when it starts, as its first message. */
export interface JudgeStart {
  readonly type: "start";
  readonly file: string;
  readonly threads?: number;
}
