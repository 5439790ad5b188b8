/**
 * What a page of Markdown says that there is: files behind its links, paths, scripts, and what is typed at a
 * prompt or chosen in the editor. Looked at is what a page shows as code, and its links.
 */
import { dirname, posix } from "node:path";

/** What there is. */
export interface House {
  /** @param path from the root, with slashes */
  has(path: string): boolean;
  /** Names of programs, wherever they are. */
  readonly programs: ReadonlySet<string>;
  /** A page's text, for what stands behind a `#`. */
  read(path: string): string;
  readonly scripts: ReadonlySet<string>;
  readonly commands: readonly { readonly name: string; readonly arguments: string; readonly options: Readonly<Record<string, unknown>> }[];
  /** Of the editor, as its list of commands shows them, without "VQA: ". */
  readonly titles: ReadonlySet<string>;
  /** Settings and the like: `vqa.device`. */
  readonly names: ReadonlySet<string>;
  readonly messages: ReadonlySet<string>;
  /** Of the environment: `VQA_GPU`. */
  readonly variables: ReadonlySet<string>;
}

const ROOMS = "client|l10n|media|server|syntaxes|test|tools";
/** Folders that are no part of a clone: what lies there is made. */
const MADE = /^out\/(?!.*\.js$)/;

/** What the page names and the house does not have. */
export function missing(page: string, text: string, house: House): readonly string[] {
  const found: string[] = [];
  for (const target of linksOf(text)) if (!linked(page, target, house)) found.push(`the link ${target}`);
  for (const code of codesOf(text)) found.push(...pathsIn(code).filter((path) => !there(page, path, house)), ...programsIn(code).filter((name) => !house.programs.has(name)), ...typedIn(code, house), ...editorIn(code, house), ...variablesIn(code).filter((name) => !house.variables.has(name)));
  return [...new Set(found)];
}

function linksOf(text: string): readonly string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = ""]) => target).filter((target) => !/^[a-z]+:/.test(target));
}

function linked(page: string, target: string, house: House): boolean {
  const [path = "", heading] = target.split("#");
  const file = path === "" ? page : posix.join(dirname(page), decodeURI(path));
  if (!house.has(file)) return false;
  return heading === undefined || headingsOf(house.read(file)).includes(heading);
}

/** As GitHub names them. */
function headingsOf(text: string): readonly string[] {
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, words = ""]) => words.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
}

const FENCE = /^```[^\n]*\n([^]*?)^```/gm;
const withoutFences = (text: string): string => text.replace(FENCE, "");
const withoutCode = (text: string): string => withoutFences(text).replace(/`[^`]+`/g, "");

/** Lines of what is fenced or indented, and each piece of code in running text, on one line. */
function codesOf(text: string): readonly string[] {
  const fenced = [...text.matchAll(FENCE)].flatMap(([, lines = ""]) => lines.split("\n"));
  const running = withoutFences(text);
  const indented = [...running.matchAll(/^ {4}(\S.*)$/gm)].map(([, line = ""]) => line);
  return [...fenced, ...indented, ...[...running.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code.replace(/\s+/g, " "))];
}

function pathsIn(code: string): readonly string[] {
  const inRooms = [...code.matchAll(new RegExp(`(?<![\\w/.@:-])(?:(?:${ROOMS}|out)/[\\w./*{},-]*[\\w*}])`, "g"))].map(([path]) => path);
  const run = [...code.matchAll(/(?:^|[ /])(?:python3|node|mocha) ([\w./-]+\.(?:py|m?js))/g)].map(([, path = ""]) => path).filter((path) => !path.includes("/"));
  return [...inRooms, ...run].filter((path) => !MADE.test(path));
}

/** Alone, as in a sentence about the files of a room. */
function programsIn(code: string): readonly string[] {
  return /^[\w-]+\.(?:py|m?ts|mjs)$/.test(code) ? [code] : [];
}

/** From the root, or from where the page lies; what is compiled is there as what it is compiled from. */
function there(page: string, path: string, house: House): boolean {
  const source = path.startsWith("out/") ? path.slice("out/".length).replace(/\.js$/, ".ts") : path;
  // A pattern means a folder.
  const plain = /[*{]/.test(source) ? dirname(source.slice(0, source.search(/[*{]/) + 1)) : source;
  return [plain, posix.join(dirname(page), plain)].some((each) => house.has(each));
}

function typedIn(code: string, { scripts, commands }: House): readonly string[] {
  const found = [...code.matchAll(/\bnpm run (?:-\S+ )*([\w:.-]*\w)/g)].map(([, name = ""]) => name).filter((name) => !scripts.has(name)).map((name) => `npm run ${name}`);
  // What is said about a command stands behind two blanks.
  for (const [, names = "", rest = ""] of code.matchAll(/(?:^|[\s;&|(])vqa ([a-z][a-z|]*)((?: \S+)*)/g)) {
    for (const name of names.split("|")) {
      const command = commands.find((each) => each.name === name);
      if (command === undefined) {
        found.push(`vqa ${name}`);
        continue;
      }
      for (const [, option = ""] of rest.matchAll(/ --([a-z][\w-]*)/g)) if (option !== "help" && !Object.hasOwn(command.options, option)) found.push(`vqa ${name} --${option}`);
      const [, actions] = /^[<[]?([a-z]+(?:\|[a-z]+)*)[>\]]?(?: |$)/.exec(command.arguments) ?? [];
      const said = /^ ([a-z][a-z|]*)(?= |$)/.exec(rest)?.[1]?.split("|") ?? [];
      if (actions !== undefined) found.push(...said.filter((action) => !actions.split("|").includes(action)).map((action) => `vqa ${name} ${action}`));
    }
  }
  return found;
}

function editorIn(code: string, { titles, names, messages }: House): readonly string[] {
  const title = /^VQA: (.+)$/.exec(code)?.[1];
  return [
    ...(title === undefined || titles.has(title) ? [] : [`VQA: ${title}`]),
    ...(/^vqa\.[a-z]\w*(?:\.\w+)*$/i.test(code) && !names.has(code) ? [code] : []),
    ...(/^vqa\/\w+$/.test(code) && !messages.has(code) ? [code] : []),
  ];
}

/** Names of ours in the environment, in a page or a program. */
export function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(/\bVQA_[A-Z_]*[A-Z]\b/g)].map(([name]) => name);
}
