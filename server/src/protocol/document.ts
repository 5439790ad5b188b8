/** Prints PROTOCOL.md from the message tables, so that the document is what the code does. */
import { COMMANDS } from "./commands.js";
import type { Command, Message } from "./message.js";
import { MESSAGES } from "./messages.js";
import { InitializationOptionsSchema } from "./options.js";
import { RPC_CODES, rpcCode } from "./jsonrpc.js";
import { ERROR_CODES, type ErrorCode } from "../engine/errors.js";
import type { NamedSchema, Schema } from "./schema.js";
import { PROTOCOL_VERSION } from "./version.js";
import { FromWorkerSchema, ToWorkerSchema, WORKER_PROTOCOL_VERSION } from "./worker.js";

export function protocolDocument(): string {
  const messages = Object.values<Message>(MESSAGES);
  const commands = Object.values<Command>(COMMANDS);
  const used = definitions([
    InitializationOptionsSchema,
    ...messages.flatMap((m) => [m.params, ...(m.result ? [m.result] : []), ...(m.partial ? [m.partial] : [])]),
    ...commands.flatMap((c) => [c.argument, c.result]),
  ]);
  const worker = definitions([ToWorkerSchema, FromWorkerSchema]).filter((d) => !used.some((u) => u.name === d.name));
  return `${[
    "# The protocol between an editor and the VQA server",
    "This document is printed from `server/src/protocol/`; a test fails when the two differ. To print it again, run the tests once with `VQA_UPDATE=1`.",
    `Version ${PROTOCOL_VERSION}. The version grows when an older reader would misunderstand a message; a new optional field or a new message does not count, and unknown fields are ignored. The server states its version in \`initialize\` under \`capabilities.experimental.vqa.protocol\`. What LSP defines (life cycle, document synchronisation, diagnostics, \`$/cancelRequest\`, \`$/progress\`) is used as LSP defines it. Times are milliseconds from the first frame of the video.`,
    "A client lists the commands that it carries out itself in `initialize` under `capabilities.experimental.vqa.commands`; code lenses name no others. `vqa.play`, with the argument `{ video: string /* URI */; spans: Span[] }`, plays these parts of a video; `vqa.acceptAnswer` and `vqa.rejectAnswer`, with `{ uri: string; question: number; answer: number }`, both from 0, write a stored answer of a model as the user's own, or remove it: only the editor knows who the user is.",
    "## Messages",
    ...messages.map(message),
    "## Commands",
    ...commands.map(command),
    "## Initialization options",
    `\`initializationOptions\` of \`initialize\`: \`${InitializationOptionsSchema.text}\`, may be absent.`,
    "## Errors",
    "An error response carries a JSON-RPC number, and in `data` the whole typed error: a stable code, a message that names what was wrong, the next step for the user (may be empty), and facts for machines. Tell errors apart by their code: `message` and `next` are `Words`.",
    "`Words`, here and in results, are sentences for people in the language that the client names as `locale` in `initialize`, as far as the server speaks it (English and German; English for any other). Codes, `data` and everything else are the same in every language, and what a person, a model or another program wrote stays as it is. The server's log and the command line speak English.",
    errors(),
    "## Types",
    types(used),
    "## The worker",
    `The server and the command line keep decoders and models in a child process, the worker, and speak with it over Node's IPC channel (structured clone). Version ${WORKER_PROTOCOL_VERSION}; both ends state theirs in \`hello\` and \`ready\` and refuse one another when they differ. The parent sends \`ToWorker\`, the worker \`FromWorker\`. Questions are sent one at a time; \`probe\` may overtake them. The worker ends itself when the channel closes.`,
    types(worker),
  ].join("\n\n")}\n`;
}

function message(m: Message): string {
  return [
    `### ${m.method}`,
    `${capital(m.kind)}, ${m.direction}. ${m.when}`,
    [
      `- params: \`${m.params.text}\``,
      ...(m.result ? [`- result: \`${m.result.text}\``] : []),
      ...(m.partial ? [`- partial results (\`$/progress\` with \`partialResultToken\`): \`${m.partial.text}\``] : []),
      ...(m.errors.length > 0 ? [`- errors: ${list(m.errors)}`] : []),
    ].join("\n"),
  ].join("\n\n");
}

function command(c: Command): string {
  return [
    `### ${c.command}`,
    `\`workspace/executeCommand\`. ${c.when}`,
    [`- argument: \`${c.argument.text}\``, `- result: \`${c.result.text}\``, `- errors: ${list(c.errors)}`].join("\n"),
  ].join("\n\n");
}

function errors(): string {
  const names = Object.fromEntries(Object.entries(RPC_CODES).map(([name, code]) => [code, name]));
  const rows = ERROR_CODES.map((code) => `| \`${code}\` | ${rpcCode(code)} (${names[rpcCode(code)]}) |`);
  return ["| code | JSON-RPC number |", "|---|---|", ...rows].join("\n");
}

function types(schemas: readonly NamedSchema[]): string {
  return ["```ts", ...schemas.map((s) => `type ${s.name} =${separated(wrapped(s.body.text))};`), "```"].join("\n");
}

/** One alternative or one field a line, where one line for all would be long. */
function wrapped(type: string): string {
  if (type.length <= 100) return type;
  const alternatives = splitOutside(type, " | ");
  if (alternatives.length > 1) return alternatives.map((each) => `\n  | ${each}`).join("");
  return `{\n${splitOutside(type.slice(2, -2), "; ").map((field) => `  ${field};\n`).join("")}}`;
}

function separated(type: string): string {
  return type.startsWith("\n") ? type : ` ${type}`;
}

/** Splits where no bracket and no quotation mark is open. */
function splitOutside(text: string, separator: string): readonly string[] {
  const parts: string[] = [];
  let [depth, quoted, from] = [0, false, 0];
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (char === '"') quoted = !quoted;
    else if (!quoted && "{[(<".includes(char)) depth++;
    else if (!quoted && "}])>".includes(char)) depth--;
    else if (!quoted && depth === 0 && text.startsWith(separator, i)) {
      parts.push(text.slice(from, i));
      from = i + separator.length;
    }
  }
  return [...parts, text.slice(from)];
}

/** Named schemas that are mentioned, each once, those that are mentioned by others after them. */
function definitions(roots: readonly Schema<unknown>[]): readonly NamedSchema[] {
  const found = new Map<string, NamedSchema>();
  const visit = (schema: Schema<unknown>): void => {
    for (const used of schema.uses) {
      if (found.has(used.name)) continue;
      found.set(used.name, used);
      visit(used.body);
    }
  };
  roots.forEach(visit);
  return [...found.values()];
}

function list(codes: readonly ErrorCode[]): string {
  return codes.map((code) => `\`${code}\``).join(", ");
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
