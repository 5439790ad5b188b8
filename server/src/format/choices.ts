/** How an answer to a multiple choice is written: `(B) to baste the steak`. */

/** A to Z, then AA, AB, … as columns of a spreadsheet are named. */
export function choiceLetter(index: number): string {
  let letters = "";
  for (let n = index + 1; n > 0; n = Math.floor((n - 1) / 26)) {
    letters = String.fromCharCode(65 + ((n - 1) % 26)) + letters;
  }
  return letters;
}

export function formatChoice(index: number, text: string): string {
  return `(${choiceLetter(index)}) ${text}`;
}

/**
 * Which choice an answer names: by `(B) text`, `(B)`, or the text alone, ignoring case and blanks
 * around. When letter and text disagree the text counts, since choices get reordered. Undefined when
 * it names none.
 */
export function choiceOf(answer: string, choices: readonly string[]): number | undefined {
  const normal = (text: string): string => text.trim().toLowerCase();
  const texts = choices.map(normal);
  const [, letters = "", rest = ""] = /^\(([A-Z]{1,3})\)([^]*)$/.exec(answer.trim()) ?? [];
  for (const text of [answer, rest]) {
    const byText = texts.indexOf(normal(text));
    if (byText !== -1 && text !== "") return byText;
  }
  if (letters === "" || rest.trim() !== "") return undefined;
  const index = choices.findIndex((_, i) => choiceLetter(i) === letters);
  return index === -1 ? undefined : index;
}
