/** How far the people agree who answered the questions of notebooks. */
import { agreementOf, type Agreement } from "../engine/annotators.js";
import { VqaError } from "../engine/errors.js";
import { leastFirst, plain, votesIn } from "../runtime/datasets/agreed.js";
import type { CommandSpec } from "./args.js";
import { filesOf, NOTEBOOK } from "./batch/videos.js";
import { JSON_OPTION, type Invocation } from "./common.js";
import { EXIT } from "./exit.js";
import { json, line } from "./terminal.js";

export const AGREEMENT: CommandSpec = {
  name: "agreement",
  arguments: "<notes.vqa|folder>... [options]",
  summary: "Tells how far people agree who answered the same questions, each under a name: `A ann: …`.",
  options: {
    questions: { value: "N", help: "questions on which they differ that are listed (default 20)" },
    ...JSON_OPTION,
  },
  notes: "Cohen's kappa for each two people, Fleiss' kappa where every question has equally many answers, and\nKrippendorff's alpha with a 95 % interval in any case. Two answers are the same when they name the same\nchoice, or have the same words but for case, punctuation and articles. Answers without a name are what was\nsettled on, and nobody's vote.",
};

export async function agreement({ args, terminal, signal }: Invocation): Promise<number> {
  const names = args.positionals;
  if (names.length === 0) throw args.usage("Which notebooks? None were given.");
  const most = args.whole("questions", 0, 1_000_000) ?? 20;
  const files = await filesOf(names, NOTEBOOK, signal);
  const { voted, problems } = await votesIn(files, () => undefined, signal);
  if (voted.length === 0) throw new VqaError("invalid-request", `${names.join(", ")}: no question has answers of two people.`, "Answers under a name are lines such as `A ann: a star`.");
  const found = agreementOf(voted);
  const differ = leastFirst(voted.filter((one) => one.agreement < 1)).slice(0, most);
  if (args.flag("json")) {
    json(terminal.out, { ...plain(found), notebooks: files.length, problems, differ: differ.map(({ notebook, votes, ...one }) => ({ file: files[notebook]?.name, ...one, votes: votes.map(({ author, text }) => ({ author, text })) })) });
  } else {
    for (const each of describe(found)) line(terminal.out, each);
    for (const { notebook, id, text, votes, settled } of differ) {
      line(terminal.out, "");
      line(terminal.out, `${files[notebook]?.name ?? ""}, ${id}: ${text}`);
      for (const vote of votes) line(terminal.out, `  ${vote.author}: ${vote.text.replaceAll("\n", " ")}`);
      if (settled !== undefined) line(terminal.out, `  settled: ${settled.replaceAll("\n", " ")}`);
    }
    if (found.disagreements > differ.length) line(terminal.out, `\nThey differ on ${found.disagreements - differ.length} more.`);
    for (const problem of problems) line(terminal.err, `vqa: ${problem}`);
  }
  return problems.length > 0 ? EXIT.failed : EXIT.ok;
}

function describe({ questions, disagreements, annotators, pairs, agreement: share, fleiss, alpha, interval }: Agreement): readonly string[] {
  const figure = (value: number | undefined): string => (value === undefined ? "not defined" : value.toFixed(3));
  return [
    `Questions with answers of two people or more: ${questions}; they differ on ${disagreements}.`,
    `People: ${annotators.map(({ author, questions: n }) => `${author} (${n})`).join(", ")}.`,
    `Agreement ${((share ?? 0) * 100).toFixed(1)} %; Krippendorff's alpha ${figure(alpha)}${interval === undefined ? "" : ` (${interval[0].toFixed(3)} to ${interval[1].toFixed(3)})`}${fleiss === undefined ? "" : `; Fleiss' kappa ${figure(fleiss)}`}.`,
    ...pairs.map(({ authors, questions: n, agreement: both, kappa }) => `${authors.join(" and ")}, ${n}: agreement ${(both * 100).toFixed(1)} %, Cohen's kappa ${figure(kappa)}.`),
  ];
}
