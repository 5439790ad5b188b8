/** JSON files of any length, one element of the outermost array or object at a time. */
import { FormatError } from "../errors.js";
import type { JsonValue } from "../provenance.js";

/** The longest single element, line or cell, in characters: what is longer is no record of a dataset. */
export const MAX_ELEMENT = 16 * 1024 * 1024;

export interface JsonElement {
  /** Of an object's member; undefined in an array. */
  readonly key: string | undefined;
  readonly value: JsonValue;
}

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;

/**
 * Divides JSON text at the commas of its outermost array or object. Each element is checked by
 * JSON.parse, so that what is accepted is JSON. Throws FormatError `bad-file` and `too-large`.
 */
export class JsonSplitter {
  #root: "[" | "{" | undefined;
  #closed = false;
  #parts: string[] = [];
  #length = 0;
  #count = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** A comma came: the element after it must be there. */
  #owed = false;

  constructor(readonly name: string) {}

  *push(chunk: string): Generator<JsonElement> {
    let from = 0;
    if (this.#root === undefined) {
      const at = chunk.search(/[^\s\ufeff]/);
      if (at === -1) return;
      const open = chunk[at];
      if (open !== "[" && open !== "{") throw this.#bad("it does not start with a bracket");
      this.#root = open;
      from = at + 1;
    }
    let i = from;
    for (; i < chunk.length && !this.#closed; i++) {
      const c = chunk.charCodeAt(i);
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (c === BACKSLASH) this.#escaped = true;
        else if (c === QUOTE) this.#inString = false;
      } else if (c === QUOTE) this.#inString = true;
      else if (c === 91 || c === 123) this.#depth++;
      else if (c === 93 || c === 125) {
        if (this.#depth > 0) this.#depth--;
        else {
          if ((c === 93) !== (this.#root === "[")) throw this.#bad("its brackets do not match");
          this.#keep(chunk.slice(from, i));
          from = i + 1;
          this.#closed = true;
          yield* this.#element(true);
        }
      } else if (c === COMMA && this.#depth === 0) {
        this.#keep(chunk.slice(from, i));
        from = i + 1;
        yield* this.#element(false);
      }
    }
    if (!this.#closed) this.#keep(chunk.slice(from));
    else if (/\S/.test(chunk.slice(from))) throw this.#bad("something follows its last bracket");
  }

  end(): void {
    if (!this.#closed) throw this.#bad(this.#root === undefined ? "it is empty" : "it ends too early");
  }

  #keep(text: string): void {
    this.#length += text.length;
    if (this.#length > MAX_ELEMENT) {
      throw new FormatError("too-large", `${this.name}: element ${this.#count + 1} is longer than ${MAX_ELEMENT} characters.`, "Check that the file is of this format.");
    }
    this.#parts.push(text);
  }

  *#element(last: boolean): Generator<JsonElement> {
    const text = this.#parts.join("").trim();
    this.#parts = [];
    this.#length = 0;
    const owed = this.#owed || !last;
    this.#owed = !last;
    if (text === "" && !owed) return;
    this.#count++;
    try {
      if (this.#root === "[") {
        yield { key: undefined, value: JSON.parse(text) as JsonValue };
        return;
      }
      const member = Object.entries(JSON.parse(`{${text}}`) as Record<string, JsonValue>)[0];
      if (member === undefined) throw new SyntaxError("a member is missing");
      yield { key: member[0], value: member[1] };
    } catch (thrown) {
      if (thrown instanceof SyntaxError) throw this.#bad(`element ${this.#count} cannot be read`);
      throw thrown;
    }
  }

  #bad(why: string): FormatError {
    return new FormatError("bad-file", `${this.name} is not whole JSON: ${why}.`, "Check the file, or fetch it again.");
  }
}

export async function* jsonElements(chunks: AsyncIterable<string>, name: string): AsyncGenerator<JsonElement> {
  const splitter = new JsonSplitter(name);
  for await (const chunk of chunks) yield* splitter.push(chunk);
  splitter.end();
}
