/** Where the sources say something to people: refusals with their next steps, and the words inside of results. */
import { API } from "typescript/unstable/sync";
import type { Expression, Node, SourceFile } from "typescript/unstable/ast";
import * as is from "typescript/unstable/ast/is";
import { each, nameOf, saysWords, textOf, Wording, written, type Template } from "./templates.js";

export interface Said {
  /** With numbered places. */
  readonly text: string;
  readonly template: Template;
  /** Relative to server/src. */
  readonly file: string;
  /** `VqaError.message`, `FormatError.next`, `notes` … */
  readonly as: string;
}

/** Errors by their class: which argument is the message, the next step stands behind it. */
const ERRORS: Readonly<Record<string, number>> = { VqaError: 1, FormatError: 1, LanguageError: 0, EndpointFault: 0 };

/** Names under which words for people travel in results, and the rooms whose results leave the program. */
const WORDS = ["notes", "warnings", "problems", "why", "what", "how", "next", "while", "label", "obstacle"];
const ROOMS = ["engine", "runtime", "lsp", "format"];

/** Tables whose every value is said. */
const TABLES = ["LOSSES", "STAGES", "OTHER_INPUTS"];

export interface Sources {
  /** Relative to server/src, with what each says. */
  readonly said: readonly Said[];
  /** Files of the server that its entry leads to, in its own process or in those that it starts. */
  readonly reached: ReadonlySet<string>;
}

/** Reads the sources with the compiler that the project is built with. @param folder of the repository */
export function readSources(folder: string, entries: readonly string[]): Sources {
  // The compiler names files with slashes everywhere.
  const root = folder.replaceAll("\\", "/").replace(/\/$/, "");
  const api = new API({ cwd: root });
  try {
    const project = api.updateSnapshot({ openProject: `${root}/tsconfig.json` }).getProjects()[0];
    if (project === undefined) throw new Error(`${root} has no project`);
    const base = `${root}/server/src/`;
    const files = new Map<string, SourceFile>();
    for (const name of project.program.getSourceFileNames()) {
      const file = name.startsWith(base) ? project.program.getSourceFile(name) : undefined;
      if (file !== undefined) files.set(name.slice(base.length), file);
    }
    const reached = reachedFrom(entries, files);
    const wording = new Wording(project.checker, [...files.entries()].filter(([name]) => reached.has(name)).map(([, file]) => file));
    const said = [...files].filter(([name]) => reached.has(name)).flatMap(([name, file]) => sayings(wording, file, name));
    return { said, reached };
  } finally {
    api.close();
  }
}

function sayings(wording: Wording, file: SourceFile, name: string): Said[] {
  const found: Said[] = [];
  const say = (expression: Expression | undefined, as: string, sentence = false): void => {
    for (const template of wording.of(expression)) {
      const text = written(template);
      // A single word in a field is a name for programs; an error's message has none such.
      if (saysWords(template) && (sentence || /\s/.test(text.trim()))) found.push({ text, template, file: name, as });
    }
  };
  if (name.startsWith("language/locale/")) return [];
  const room = ROOMS.includes(name.split("/")[0] ?? "");
  each(file, (node) => {
    if (is.isNewExpression(node) && is.isIdentifier(node.expression)) {
      const at = ERRORS[node.expression.text];
      if (at === undefined) return;
      say(node.arguments?.[at], `${node.expression.text}.message`, true);
      say(node.arguments?.[at + 1], `${node.expression.text}.next`);
    }
    const table = is.isVariableDeclaration(node) && is.isIdentifier(node.name) && TABLES.includes(node.name.text) ? node.name.text : undefined;
    if (table !== undefined) {
      each(node, (one) => {
        if (is.isPropertyAssignment(one)) say(one.initializer, table, true);
        if (is.isStringLiteral(one)) say(one, table);
      });
    }
    if (!room) return;
    if (is.isCallExpression(node) && is.isPropertyAccessExpression(node.expression) && node.expression.name.text === "push") {
      const into = nameOf(node.expression.expression)?.text;
      if (into !== undefined && WORDS.includes(into)) node.arguments.forEach((argument) => say(is.isSpreadElement(argument) ? argument.expression : argument, into));
    }
    if (is.isPropertyAssignment(node) || is.isVariableDeclaration(node)) {
      const key = textOf(node.name);
      if (WORDS.includes(key) || (key === "name" && name.startsWith("runtime/remote/"))) say(node.initializer, key);
    }
    // A helper that is handed the words: `say("…")` and the messages of a bar.
    if (is.isCallExpression(node) && ["say", "report", "begin"].includes(nameOf(node.expression)?.text ?? "") && name.startsWith("lsp/")) node.arguments.forEach((argument) => say(argument as Expression, "shown"));
  });
  return found;
}

/** Through imports that stay when it runs, and the programs that are started by their URL. */
function reachedFrom(entries: readonly string[], files: ReadonlyMap<string, SourceFile>): Set<string> {
  const reached = new Set<string>();
  const todo = [...entries];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    const file = files.get(name);
    if (file === undefined || reached.has(name)) continue;
    reached.add(name);
    const from = name;
    each(file, (node) => {
      const specifier = specifierOf(node);
      if (specifier !== undefined && /^[./\w-]+\.js$/.test(specifier)) todo.push(new URL(specifier.replace(/\.js$/, ".ts"), `file:///${from}`).pathname.slice(1));
    });
  }
  return reached;
}

function specifierOf(node: Node): string | undefined {
  if (is.isImportDeclaration(node) && !textOf(node).startsWith("import type")) return literal(node.moduleSpecifier);
  if (is.isExportDeclaration(node) && !textOf(node).startsWith("export type")) return literal(node.moduleSpecifier);
  if (is.isCallExpression(node) && textOf(node.expression) === "import") return literal(node.arguments[0]);
  if (is.isNewExpression(node) && textOf(node.expression) === "URL" && node.arguments !== undefined && node.arguments.length === 2) return literal(node.arguments[0]);
  return undefined;
}

const literal = (node: Node | undefined): string | undefined => (node !== undefined && is.isStringLiteral(node) ? node.text : undefined);
