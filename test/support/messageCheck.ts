/** Holds every message that a server sends against what defines it: LSP's meta model, or the table of our own messages. */
import type { Message as OwnMessage } from "../../server/src/protocol/message.js";
import { MESSAGES } from "../../server/src/protocol/messages.js";
import { decode } from "../../server/src/protocol/schema.js";
import { faults, metaModel, type MessageType } from "./metaModel.js";

/** A message as it is on the wire. */
export interface Wire {
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

const BAR: Readonly<Record<string, string>> = { begin: "WorkDoneProgressBegin", report: "WorkDoneProgressReport", end: "WorkDoneProgressEnd" };

export class MessageCheck {
  /** Methods whose results, or whose messages of the server, were looked at, and how many that were not empty. */
  readonly seen = new Map<string, number>();
  readonly #asked = new Map<number | string, string>();

  /** Call for what the client sends: a response does not say what it answers. */
  sent({ id, method }: Wire): void {
    if (id !== undefined && id !== null && method !== undefined) this.#asked.set(id, method);
  }

  /** What is wrong with a message of the server. */
  received(message: Wire): readonly string[] {
    if (message.method !== undefined) return this.#of(message.method, message.params, "params", message.id === undefined ? metaModel.notifications : metaModel.requests);
    const method = this.#asked.get(message.id ?? "");
    if (method === undefined) return [`an answer to nothing: ${JSON.stringify(message.id)}`];
    this.#asked.delete(message.id ?? "");
    const { error } = message;
    if (error === undefined) return this.#of(method, message.result, "result", metaModel.requests);
    return Number.isInteger(error.code) && typeof error.message === "string" && error.message !== "" ? [] : [`${method}: ${JSON.stringify(error)} is no error`];
  }

  #of(method: string, value: unknown, what: "params" | "result", known: readonly MessageType[]): readonly string[] {
    const empty = value === undefined || value === null || (Array.isArray(value) && value.length === 0);
    this.seen.set(method, (this.seen.get(method) ?? 0) + (empty ? 0 : 1));
    const own = Object.values<OwnMessage>(MESSAGES).find((one) => one.method === method)?.[what];
    if (own !== undefined) return said(method, () => void decode(own, value, what));
    const entry = known.find((one) => one.method === method);
    if (entry === undefined) return [`${method} is in no protocol`];
    const type = entry[what];
    if (type === undefined) return value === undefined || value === null ? [] : [`${method} has no ${what}`];
    return [...faults(type, value), ...bar(method, value)].map((fault) => `${method} ${fault}`);
  }
}

/** The value of `$/progress` is open in the model; a bar's is not. */
function bar(method: string, params: unknown): readonly string[] {
  const value = (params as { value?: { kind?: string } } | undefined)?.value;
  const name = method === "$/progress" ? BAR[value?.kind ?? ""] : undefined;
  return name === undefined ? [] : faults({ kind: "reference", name }, value);
}

function said(method: string, check: () => void): readonly string[] {
  try {
    check();
    return [];
  } catch (thrown) {
    return [`${method} ${(thrown as Error).message}`];
  }
}
