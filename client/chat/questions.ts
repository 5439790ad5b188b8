/** The questions behind what is not asked as a question. Worded as models are asked them elsewhere in the product. */

export function captionQuestion(): string {
  return "What happens?";
}

/** When a thing is there first: "the red star", "a red star" and "red star" are the same thing. */
export function whenQuestion(what: string): string {
  const thing = what
    .trim()
    .replace(/[\s.?!]+$/, "")
    .replace(/^(?:the|an?)\s+/i, "");
  return `When does the ${thing} appear?`;
}
