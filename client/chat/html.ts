import { randomBytes } from "node:crypto";

export interface PageParts {
  /** The web view's own source, for the policy. */
  readonly source: string;
  readonly script: string;
  readonly style: string;
  readonly title: string;
}

/** The page of the panel. It loads its own script and style, and nothing else from anywhere. */
export function page({ source, script, style, title }: PageParts): string {
  const nonce = randomBytes(16).toString("base64url");
  const policy = `default-src 'none'; style-src ${source}; script-src 'nonce-${nonce}'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${escape(style)}">
<title>${escape(title)}</title>
</head>
<body>
<script type="module" nonce="${nonce}" src="${escape(script)}"></script>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
