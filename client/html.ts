import { randomBytes } from "node:crypto";
import type { Words } from "./words.js";

export interface PageParts {
  /** The web view's own source, for the policy. */
  readonly source: string;
  readonly script: string;
  readonly style: string;
  readonly title: string;
  /** Of the editor, such as "de". */
  readonly language?: string;
  /** What the page says, from English. */
  readonly words?: Words;
}

/** The page of a web view. It loads its own script and style, and nothing else from anywhere. */
export function page({ source, script, style, title, language = "en", words = {} }: PageParts): string {
  const nonce = randomBytes(16).toString("base64url");
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="${escape(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escape(style)}">
<title>${escape(title)}</title>
</head>
<body data-words="${escape(JSON.stringify(words))}">
<script type="module" nonce="${nonce}" src="${escape(script)}"></script>
</body>
</html>
`;
}

/** For text, and values between double quotes. */
export function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
