/** What the server is told when it starts. The other settings are read when they are needed. */
import * as vscode from "vscode";
import type { InitializationOptions } from "../server/src/protocol/options.js";
import { is } from "../server/src/protocol/schema.js";
import { DeviceSettingSchema, LongSchema } from "../server/src/protocol/values.js";
import { captionOptions } from "./commands/captionInput.js";
import { remoteOf } from "./remote/index.js";

const SETTINGS = ["vqa.model", "vqa.modelsFolder", "vqa.modelHub", "vqa.speechModel", "vqa.embedderModel", "http.proxy", "http.noProxy", "vqa.ffmpegPath", "vqa.threads", "vqa.device", "vqa.contextSize", "vqa.speech", "vqa.longVideos", "vqa.captions", "vqa.remote"];

export function concernsServer(event: vscode.ConfigurationChangeEvent): boolean {
  return SETTINGS.some((name) => event.affectsConfiguration(name));
}

export async function serverOptions(context: vscode.ExtensionContext): Promise<InitializationOptions> {
  const remote = await remoteOf(context);
  return { ...settingsOf(context), ...(remote === undefined ? {} : { remote }) };
}

function settingsOf(context: vscode.ExtensionContext): InitializationOptions {
  const settings = vscode.workspace.getConfiguration("vqa");
  const model = settings.get<string>("model", "").trim();
  const modelHub = settings.get<string>("modelHub", "").trim();
  const proxy = vscode.workspace.getConfiguration("http").get<string>("proxy", "").trim();
  const modelsDir = settings.get<string>("modelsFolder", "").trim();
  const ffmpeg = settings.get<string>("ffmpegPath", "").trim();
  const speechModel = settings.get<string>("speechModel", "").trim();
  const embedderModel = settings.get<string>("embedderModel", "").trim();
  const threads = settings.get<number>("threads", 0);
  const device: unknown = settings.get("device");
  const contextSize = settings.get<number>("contextSize", 0);
  const long: unknown = settings.get("longVideos");
  return {
    cacheDir: vscode.Uri.joinPath(context.globalStorageUri, "features").fsPath,
    ...(model === "" ? {} : { model }),
    ...(modelsDir === "" ? {} : { modelsDir }),
    ...(modelHub === "" ? {} : { modelHub }),
    ...(proxy === "" ? {} : { proxy, noProxy: vscode.workspace.getConfiguration("http").get<string[]>("noProxy", []) }),
    ...(ffmpeg === "" ? {} : { ffmpeg }),
    ...(speechModel === "" ? {} : { speechModel }),
    ...(embedderModel === "" ? {} : { embedderModel }),
    ...(threads > 0 ? { threads } : {}),
    ...(settings.get<boolean>("speech", true) ? {} : { listen: "off" as const }),
    ...(is(LongSchema, long) ? { long } : {}),
    // A value that the server would refuse must not cost all language features.
    ...(is(DeviceSettingSchema, device) ? { device } : {}),
    ...(contextSize >= 512 ? { contextSize } : {}),
    captions: captionOptions(settings.get("captions")),
  };
}
