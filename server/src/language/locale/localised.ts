/** The language service with what people read of it in their language. */
import type { LanguageService } from "../contract.js";
import { GERMAN } from "./de/features.js";
import { REFUSALS } from "./de/refusals.js";
import { phrasesOf, sayIn, type Phrases, type Say } from "./phrases.js";

/** By the first part of a language tag. */
const LANGUAGES: Readonly<Record<string, Phrases>> = { de: { ...GERMAN, ...REFUSALS } };

/** English for a language that nobody has translated to. @param locale a language tag such as `de` or `de-AT` */
export function sayFor(locale: string | undefined): Say {
  const phrases = phrasesOf(LANGUAGES, locale);
  return phrases === undefined ? (english) => english : sayIn(phrases, locale);
}

/** @param say asked at every call: the language is known when the client has said it */
export function localised(inner: LanguageService, say: () => Say): LanguageService {
  const markdown = (text: string): string => text.split("\n\n").map(say()).join("\n\n");
  return {
    ...inner,
    diagnostics: (...args) =>
      inner.diagnostics(...args).map((one) => ({
        ...one,
        message: say()(typeof one.message === "string" ? one.message : String(one.message)),
        ...(one.relatedInformation === undefined ? {} : { relatedInformation: one.relatedInformation.map((related) => ({ ...related, message: say()(related.message) })) }),
      })),
    codeLenses: async (...args) => (await inner.codeLenses(...args)).map((lens) => (lens.command === undefined ? lens : { ...lens, command: { ...lens.command, title: say()(lens.command.title) } })),
    inlayHints: (...args) => inner.inlayHints(...args).map((hint) => (typeof hint.tooltip === "string" ? { ...hint, tooltip: say()(hint.tooltip) } : hint)),
    codeActions: async (...args) =>
      (await inner.codeActions(...args)).map((action) => ({
        ...action,
        title: say()(action.title),
        ...(action.command === undefined ? {} : { command: { ...action.command, title: say()(action.command.title) } }),
      })),
    completion: async (...args) => {
      const list = await inner.completion(...args);
      return {
        ...list,
        items: list.items.map((item) => ({
          ...item,
          ...(item.detail === undefined ? {} : { detail: say()(item.detail) }),
          ...(item.documentation === undefined ? {} : { documentation: typeof item.documentation === "string" ? say()(item.documentation) : { ...item.documentation, value: markdown(item.documentation.value) } }),
        })),
      };
    },
    hover: async (...args) => {
      const found = await inner.hover(...args);
      const contents = found?.contents;
      if (found === undefined || contents === undefined || typeof contents !== "object" || !("kind" in contents)) return found;
      return { ...found, contents: { ...contents, value: markdown(contents.value) } };
    },
  };
}
