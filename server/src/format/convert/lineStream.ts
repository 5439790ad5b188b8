/** Text files of any length, a line or a row at a time. */
import { FormatError } from "../errors.js";
import { MAX_ELEMENT } from "./jsonStream.js";

/** Lines without their terminators ("\n" or "\r\n"); a terminator at the end makes no further line. */
export async function* textLines(chunks: AsyncIterable<string>, name: string): AsyncGenerator<string> {
  let rest: string[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf("\n"); at !== -1; at = chunk.indexOf("\n", from)) {
      rest.push(chunk.slice(from, at));
      yield withoutCr(rest.join(""));
      rest = [];
      length = 0;
      from = at + 1;
    }
    if (from === chunk.length) continue;
    rest.push(chunk.slice(from));
    length += chunk.length - from;
    if (length > MAX_ELEMENT) throw tooLong(name, "a line");
  }
  if (rest.length > 0) yield withoutCr(rest.join(""));
}

/**
 * Rows of comma- or tab-separated values (RFC 4180: a field in quotes may hold anything, a quote in
 * it is doubled). A quote inside of an unquoted field is a character as any other. Empty lines are
 * passed over. Throws FormatError `bad-file` when the last quote is never closed.
 */
export async function* csvRows(chunks: AsyncIterable<string>, delimiter: "," | "\t", name: string): AsyncGenerator<readonly string[]> {
  let row: string[] = [];
  let field = "";
  // start: nothing of the field yet; open: inside quotes; closed: after a quote inside quotes.
  let state: "start" | "plain" | "open" | "closed" = "start";
  let cr = false;
  const endField = (): void => {
    row.push(field);
    field = "";
    state = "start";
  };
  for await (const chunk of chunks) {
    for (let i = 0; i < chunk.length; i++) {
      const c = chunk[i] as string;
      const afterCr = cr;
      cr = false;
      if (state === "open") {
        if (c === '"') state = "closed";
        else field += c;
      } else if (state === "closed" && c === '"') {
        field += c;
        state = "open";
      } else if (c === delimiter) endField();
      else if (c === "\n" || c === "\r") {
        cr = c === "\r";
        if (c === "\n" && afterCr) continue;
        const empty = row.length === 0 && field === "" && state === "start";
        endField();
        if (!empty) yield row;
        row = [];
      } else if (c === '"' && state === "start") state = "open";
      else {
        field += c;
        state = "plain";
      }
      if (field.length > MAX_ELEMENT) throw tooLong(name, "a field");
    }
  }
  if (state === "open") throw new FormatError("bad-file", `${name}: a quote is never closed.`, "Check the file, or fetch it again.");
  if (row.length > 0 || field !== "" || state !== "start") {
    endField();
    yield row;
  }
}

/** One row, terminator included; a field is put into quotes where it must be. */
export function csvRow(fields: readonly string[], delimiter: "," | "\t"): string {
  // A row of one empty field would be an empty line.
  if (fields.length === 1 && fields[0] === "") return '""\n';
  return `${fields.map((field) => (/["\r\n]|^\s|\s$/.test(field) || field.includes(delimiter) ? `"${field.replaceAll('"', '""')}"` : field)).join(delimiter)}\n`;
}

/** The first chunk without its byte-order mark. */
export async function* withoutBom(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let first = true;
  for await (const chunk of chunks) {
    yield first && chunk.startsWith("\ufeff") ? chunk.slice(1) : chunk;
    if (chunk !== "") first = false;
  }
}

function withoutCr(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}

function tooLong(name: string, what: string): FormatError {
  return new FormatError("too-large", `${name}: ${what} is longer than ${MAX_ELEMENT} characters.`, "Check that the file is of this format.");
}
