/** How far annotators agree, and on which questions they do not: each can be opened, and settled. */
import * as vscode from "vscode";
import type { AgreementResult } from "../../server/src/protocol/datasets.js";
import { errorOf } from "../errors.js";
import type { Server } from "../languageClient.js";
import { SheetPanel, shortPath, type Section } from "../sheet/panel.js";
import type { Row } from "../sheet/table.js";
import { inputOf } from "./files.js";
import { followNotebooks } from "./following.js";
import { Latest } from "./latest.js";
import { showQuestion } from "./reveal.js";
import { settle } from "./settle.js";
import { fixed, percent } from "../numbers.js";

type Voted = AgreementResult["voted"][number];

/** Typing is over after this. */
const QUIET_MS = 500;

export class AgreementView implements vscode.Disposable {
  readonly #panel: SheetPanel;
  readonly #uris: ReadonlySet<string>;
  readonly #following: vscode.Disposable;
  readonly #reading = new Latest();
  #soon: NodeJS.Timeout | undefined;
  #found: AgreementResult | undefined;

  constructor(extension: vscode.Uri, private readonly server: Pick<Server, "agreement">, private readonly files: readonly vscode.Uri[]) {
    this.#uris = new Set(files.map((uri) => uri.toString()));
    this.#panel = new SheetPanel(extension, "vqa.agreement", vscode.l10n.t("Agreement of annotators"), {
      onPress: (button) => (button === "stop" ? this.#reading.stop() : void this.#read()),
      onRow: (_, row, action) => void this.#chosen(row, action),
    });
    this.#following = followNotebooks((uri) => this.#changed(uri));
    this.#panel.onDidDispose(() => this.dispose());
    void this.#read();
  }

  dispose(): void {
    clearTimeout(this.#soon);
    this.#reading.stop();
    vscode.Disposable.from(this.#following, this.#panel).dispose();
  }

  #changed(uri: vscode.Uri): void {
    if (!this.#uris.has(uri.toString())) return;
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.#read(), QUIET_MS);
  }

  async #read(): Promise<void> {
    const status = await this.#reading.run(async (token) => {
      this.#draw(vscode.l10n.t("Reading …"), true);
      const notebooks = this.files.map(inputOf);
      const found = await this.server.agreement({ notebooks }, ({ notebooks: done }) => this.#draw(vscode.l10n.t("Reading: {0} of {1} notebooks", done, notebooks.length), true), token);
      return () => {
        this.#found = found;
        return found.problems.join(" ");
      };
    });
    if (status !== undefined) this.#draw(status, false);
  }

  async #chosen(row: string, action: string | undefined): Promise<void> {
    const voted = this.#found?.voted[Number(row)];
    if (voted === undefined) return;
    const uri = vscode.Uri.parse(voted.notebook);
    if (action === undefined) return showQuestion(uri, voted.question);
    const answer = await this.#choose(voted);
    if (answer === undefined) return;
    try {
      if (!(await settle(uri, voted.question, voted.text, answer))) void vscode.window.showWarningMessage(vscode.l10n.t("The question has changed meanwhile: nothing was written."));
    } catch (thrown) {
      void vscode.window.showErrorMessage(errorOf(thrown).message);
    }
  }

  /** One of the answers that were given, or another. */
  async #choose({ text, votes }: Voted): Promise<string | undefined> {
    const byAnswer = new Map<string, string[]>();
    for (const vote of votes) byAnswer.set(vote.text, [...(byAnswer.get(vote.text) ?? []), vote.author]);
    const other = { label: vscode.l10n.t("Another answer…"), description: "", answer: undefined as string | undefined };
    const given = [...byAnswer].sort(([, a], [, b]) => b.length - a.length).map(([answer, authors]) => ({ label: answer, description: authors.join(", "), answer }));
    const picked = await vscode.window.showQuickPick([...given, other], { title: text });
    if (picked === undefined) return undefined;
    return picked.answer ?? vscode.window.showInputBox({ title: text, prompt: vscode.l10n.t("What is right") });
  }

  #draw(status: string, busy: boolean): void {
    const buttons = busy ? [{ id: "stop", label: vscode.l10n.t("Stop") }] : [{ id: "again", label: vscode.l10n.t("Read Again") }];
    this.#panel.show({ status, busy, buttons, sections: this.#found === undefined ? [] : sectionsOf(this.#found) });
  }
}

function sectionsOf({ questions, disagreements, annotators, pairs, agreement, fleiss, alpha, interval, voted }: AgreementResult): Section[] {
  if (questions === 0) return [{ kind: "text", heading: "", lines: [vscode.l10n.t("No question has answers of two people. Answers under a name are lines such as “A ann: a star”; your own name is a setting.")] }];
  const figure = (value: number | undefined): string => (value === undefined ? vscode.l10n.t("not defined") : fixed(value, 3, vscode.env.language));
  const share = (value: number | undefined): string => (value === undefined ? "" : percent(value, vscode.env.language));
  return [
    {
      kind: "facts",
      heading: "",
      facts: [
        { label: vscode.l10n.t("Questions with several answers"), value: String(questions) },
        { label: vscode.l10n.t("They differ on"), value: String(disagreements) },
        { label: vscode.l10n.t("Agreeing pairs"), value: share(agreement) },
        { label: vscode.l10n.t("Krippendorff’s alpha"), value: interval === undefined ? figure(alpha) : vscode.l10n.t("{0} (95 %: {1} to {2})", figure(alpha), figure(interval[0]), figure(interval[1])) },
        ...(fleiss === undefined ? [] : [{ label: vscode.l10n.t("Fleiss’ kappa"), value: figure(fleiss) }]),
        { label: vscode.l10n.t("Annotators"), value: annotators.map(({ author, questions: n }) => `${author} (${n})`).join(", ") },
      ],
    },
    {
      kind: "table",
      id: "pairs",
      heading: vscode.l10n.t("Each two"),
      columns: [{ id: "who", label: vscode.l10n.t("Annotators") }, { id: "n", label: vscode.l10n.t("Questions"), numeric: true }, { id: "agreement", label: vscode.l10n.t("Agreement"), numeric: true }, { id: "kappa", label: vscode.l10n.t("Cohen’s kappa"), numeric: true }],
      rows: pairs.map(({ authors, questions: n, agreement: agreeing, kappa }, i) => ({ id: `p${i}`, cells: [authors.join(" – "), String(n), share(agreeing), figure(kappa)] })),
      opens: false,
    },
    {
      kind: "table",
      id: "voted",
      heading: vscode.l10n.t("Answers side by side"),
      columns: [
        { id: "question", label: vscode.l10n.t("Question") },
        { id: "file", label: vscode.l10n.t("File"), filter: true },
        { id: "agreement", label: vscode.l10n.t("Agreement"), numeric: true },
        { id: "votes", label: vscode.l10n.t("Answers") },
        { id: "who", label: vscode.l10n.t("Annotators"), filter: true, many: true },
        { id: "settled", label: vscode.l10n.t("Settled") },
        { id: "state", label: vscode.l10n.t("Status"), filter: true },
      ],
      rows: voted.map(rowOf),
      opens: true,
      actions: [{ id: "settle", label: vscode.l10n.t("Settle…") }],
    },
  ];
}

function rowOf({ notebook, text, agreement, votes, settled }: Voted, i: number): Row {
  const state = agreement === 1 ? vscode.l10n.t("They agree") : settled === undefined ? vscode.l10n.t("They differ") : vscode.l10n.t("Settled");
  return {
    id: String(i),
    cells: [text, shortPath(vscode.Uri.parse(notebook)), `${Math.round(agreement * 100)} %`, votes.map((vote) => `${vote.author}: ${vote.text}`).join("\n"), votes.map(({ author }) => author).join(", "), settled ?? "", state],
  };
}
