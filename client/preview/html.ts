/** The preview's page. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";

export function pageHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64url");
  const at = (...parts: readonly string[]): string => webview.asWebviewUri(vscode.Uri.joinPath(extension, ...parts)).toString();
  const { t } = vscode.l10n;
  const policy = ["default-src 'none'", `script-src 'nonce-${nonce}'`, `style-src ${webview.cspSource}`, `media-src ${webview.cspSource}`].join("; ");
  const button = (id: string, icon: string, label: string, pressed?: boolean): string =>
    `<button id="${id}" type="button" title="${escape(label)}" aria-label="${escape(label)}"${pressed === undefined ? "" : ` aria-pressed="${String(pressed)}"`}>${icon}</button>`;
  return `<!DOCTYPE html>
<html lang="${escape(vscode.env.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${at("media", "preview", "preview.css")}">
<title>${escape(t("Video preview"))}</title>
</head>
<body>
<main tabindex="-1">
<div id="stage"><video id="video" playsinline preload="auto" aria-label="${escape(t("Video"))}"></video><p id="empty" hidden>${escape(t("The notebook names no video. Write a line such as \u201cvideo: clip.mp4\u201d below its first line."))}</p></div>
<div id="notice" role="status" hidden><span></span><progress max="1" hidden></progress><button type="button" hidden>${escape(t("Cancel"))}</button></div>
<div id="bar" role="toolbar" aria-label="${escape(t("Playback"))}">
${button("toggle", "\u25b6", t("Play or pause"))}
${button("previousFrame", "\u2190|", t("One frame back"))}
${button("nextFrame", "|\u2192", t("One frame forward"))}
<output id="time" aria-live="off">00:00:00.000</output><span id="speed"></span>
<span class="space"></span>
${button("in", "[", t("Set the segment's start"))}
${button("out", "]", t("Set the segment's end"))}
${button("marker", "\u25c6", t("Add a marker"))}
${button("loop", "\u21bb", t("Loop the segment"), false)}
${button("captions", "CC", t("Captions"), true)}
${button("mute", "\u266a", t("Sound"), true)}
${button("follow", "\u21c4", t("Follow the cursor"), true)}
</div>
<div id="timeline">
<div id="strip" aria-hidden="true"></div>
<div id="track" role="slider" tabindex="0" aria-label="${escape(t("Time"))}" aria-valuemin="0" aria-valuemax="0" aria-valuenow="0"><canvas id="wave" aria-hidden="true"></canvas></div>
<div id="lanes" role="group" aria-label="${escape(t("Segments"))}"></div>
<div id="head" aria-hidden="true"></div>
</div>
</main>
<script nonce="${nonce}" src="${at("dist", "preview", "page.js")}"></script>
</body>
</html>`;
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
