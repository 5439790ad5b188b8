/**
 * Server-sent events as the HTML standard reads them (section 9.2): lines end with LF, CR or CRLF, `data`
 * lines of one event are joined, comments and other fields are passed over. Characters may be cut between
 * two chunks, and so may the two bytes of a CRLF.
 */

/** A line that goes on for longer is no event of a chat. */
const MAX_LINE = 4 * 1024 * 1024;

export class SseError extends Error {}

/** The data of each event that was ended by an empty line. Error: SseError. */
export async function* eventsOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder("utf-8");
  let rest = "";
  let data: string[] = [];
  const take = function* (line: string): Generator<string> {
    if (line === "") {
      if (data.length > 0) yield data.join("\n");
      data = [];
    } else if (line.startsWith("data:")) data.push(line.slice(line[5] === " " ? 6 : 5));
  };
  for await (const chunk of chunks) {
    rest += decoder.decode(chunk, { stream: true });
    for (;;) {
      const end = rest.search(/[\r\n]/);
      // A CR at the very end may be half of a CRLF.
      if (end === -1 || (rest[end] === "\r" && end === rest.length - 1)) break;
      const line = rest.slice(0, end);
      rest = rest.slice(end + (rest.startsWith("\r\n", end) ? 2 : 1));
      yield* take(line);
    }
    if (rest.length > MAX_LINE) throw new SseError("it sends a line without end");
  }
  // Some servers leave out the last empty line.
  yield* take(rest.replace(/\r$/, ""));
  yield* take("");
}
