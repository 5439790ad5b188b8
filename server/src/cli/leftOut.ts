/** What a conversion could not carry over, for people. */
import type { Losses } from "../format/index.js";
import { line } from "./terminal.js";

export function reportLosses(stream: NodeJS.WritableStream, losses: Losses): void {
  for (const { what, count, examples } of losses.list()) {
    line(stream, `vqa: not carried over: ${count} x ${what}`);
    for (const example of examples) line(stream, `       ${example.replace(/\s+/g, " ")}`);
  }
}
