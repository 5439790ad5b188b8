/** The preview's page. */
import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import { escape } from "../html.js";

export function pageHtml(webview: vscode.Webview, extension: vscode.Uri): string {
  const nonce = randomBytes(16).toString("base64url");
  const at = (...parts: readonly string[]): string => webview.asWebviewUri(vscode.Uri.joinPath(extension, ...parts)).toString();
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
<title>${escape(vscode.l10n.t("Video preview"))}</title>
</head>
<body>
<main tabindex="-1">
<div id="stage"><video id="video" playsinline preload="auto" aria-label="${escape(vscode.l10n.t("Video"))}"></video><p id="empty" hidden>${escape(vscode.l10n.t("The notebook names no video. Write a line such as “video: clip.mp4” below its first line."))}</p></div>
<div id="notice" role="status" hidden><span></span><progress max="1" hidden></progress><button type="button" hidden>${escape(vscode.l10n.t("Cancel"))}</button></div>
<div id="bar" role="toolbar" aria-label="${escape(vscode.l10n.t("Playback"))}">
${button("toggle", "\u25b6", vscode.l10n.t("Play or pause"))}
${button("previousFrame", "\u2190|", vscode.l10n.t("One frame back"))}
${button("nextFrame", "|\u2192", vscode.l10n.t("One frame forward"))}
<output id="time" aria-live="off">00:00:00.000</output><span id="speed"></span>
<span class="space"></span>
${button("in", "[", vscode.l10n.t("Set the segment's start (with Shift: at the nearest cut)"))}
${button("out", "]", vscode.l10n.t("Set the segment's end (with Shift: at the nearest cut)"))}
${button("marker", "\u25c6", vscode.l10n.t("Add a marker"))}
${button("loop", "\u21bb", vscode.l10n.t("Loop the segment"), false)}
${button("captions", "CC", vscode.l10n.t("Captions"), true)}
${button("mute", "\u266a", vscode.l10n.t("Sound"), true)}
${button("follow", "\u21c4", vscode.l10n.t("Follow the cursor"), true)}
</div>
<div id="timeline">
<div id="strip" aria-hidden="true"></div>
<div id="track" role="slider" tabindex="0" aria-label="${escape(vscode.l10n.t("Time"))}" aria-valuemin="0" aria-valuemax="0" aria-valuenow="0"><canvas id="wave" aria-hidden="true"></canvas></div>
<div id="lanes" role="group" aria-label="${escape(vscode.l10n.t("Segments"))}"></div>
<div id="head" aria-hidden="true"></div>
</div>
</main>
<script nonce="${nonce}" src="${at("dist", "preview", "page.js")}"></script>
</body>
</html>`;
}
