/** What the server says to people - refusals, next steps, notes of answers - in their language. */
import { SERVER } from "./de/index.js";
import { phrasesOf, sayIn, type Phrases, type Say } from "./phrases.js";

/** By the first part of a language tag. */
const LANGUAGES: Readonly<Record<string, Phrases>> = { de: SERVER };

/** English for a language that nobody has translated to. @param locale a language tag such as `de` or `de-AT` */
export function wordsIn(locale: string | undefined): Say {
  const phrases = phrasesOf(LANGUAGES, locale);
  return phrases === undefined ? (english) => english : sayIn(phrases, locale);
}
