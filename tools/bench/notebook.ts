/** A long notebook of everyday content, for measuring the parser. */

/** About `bytes` long, by repeating a page with changing times. */
export function longNotebook(bytes: number): string {
  const pages = ["VQA 1\nvideo: clip.mp4\n"];
  let size = 0;
  for (let i = 0; size < bytes; i++) {
    const [a, b, c] = [clock(i * 30), clock(i * 30 + 12.5), clock(i * 30 + 29)];
    const page = `
# Part ${i}

NOTE What somebody wrote about it,
  on two lines.

${a} --> ${b}
<v Anna>Let's get this pan screaming hot.

@ ${a}..${c} part ${i}

Q q${2 * i}: What does the cook put in the pan?
A anna: a knob of butter

Q q${2 * i + 1} @${b}..${c}: Why is it tilted?
  - [ ] to drain the fat
  - [x] to baste the steak
M 5f3a9c21 02b7d4c6e8fa p=0.91: (B) to baste the steak
`;
    pages.push(page);
    size += page.length;
  }
  return pages.join("");
}

function clock(seconds: number): string {
  const pad = (n: number): string => String(Math.floor(n)).padStart(2, "0");
  return `${pad(seconds / 3600)}:${pad((seconds / 60) % 60)}:${pad(seconds % 60)}.${seconds % 1 === 0 ? "000" : "500"}`;
}
