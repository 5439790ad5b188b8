/** Inlay hints: the scope that a question has from its segment, and whether an answer is the gold one. */
import type { InlayHint } from "vscode-languageserver-types";
import type { TextDocument } from "vscode-languageserver-textdocument";
import { formatScope, type Notebook, type Question, type Range } from "../format/index.js";
import { agreementOf } from "./agreement.js";
import { headOf, touches } from "./places.js";
import { questionEnd } from "./outline.js";

const MARK = { right: "✓", wrong: "✗" } as const;

export function inlayHints(document: TextDocument, notebook: Notebook, part: Range): InlayHint[] {
  const inside = ({ block, ...rest }: Question): boolean => touches({ start: block.start, end: questionEnd({ block, ...rest }) }, part);
  return notebook.questions.filter(inside).flatMap((question) => [...scopeHint(document, notebook, question), ...agreementHints(document, question)]);
}

function scopeHint(document: TextDocument, notebook: Notebook, { block, scope }: Question): InlayHint[] {
  if (scope.origin !== "segment") return [];
  const { source } = notebook.document;
  const colon = source.indexOf(":", block.id?.end ?? block.start);
  const label = scope.segment.lines[0]?.text.trim() ?? "";
  return [
    {
      position: document.positionAt(colon),
      label: `@${formatScope(scope.spans)}`,
      tooltip: label === "" ? "The scope of the segment above." : `The scope of the segment above: ${label}`,
      paddingLeft: true,
      textEdits: [{ range: { start: document.positionAt(colon), end: document.positionAt(colon) }, newText: ` @${formatScope(scope.spans)}` }],
    },
  ];
}

function agreementHints(document: TextDocument, question: Question): InlayHint[] {
  return question.answers.flatMap((answer) => {
    const agreement = agreementOf(question, answer);
    if (agreement.kind !== "right" && agreement.kind !== "wrong") return [];
    const label = agreement.kind === "right" ? MARK.right : `${MARK.wrong} gold: ${agreement.gold}`;
    return [{ position: document.positionAt(headOf(answer.block).end), label, paddingLeft: true }];
  });
}
