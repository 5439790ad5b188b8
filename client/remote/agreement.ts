/**
 * Whether frames may leave the machine, and where to. Settings of the user's own say where an engine is; only
 * a person's word in this workspace makes it used. Without the editor, so that it can be tested.
 */
import type { RemoteConfig } from "../../server/src/protocol/remote.js";

export interface RemoteSettings {
  readonly url: string;
  readonly model: string;
  readonly kind: string;
}

const KINDS = ["openai", "vllm", "sglang", "llama-server", "ollama"] as const;

/** Another address or another model needs another word. Undefined when the settings name no engine. */
export function termsOf({ url, model }: RemoteSettings): string | undefined {
  return url.trim() === "" || model.trim() === "" ? undefined : `${model.trim()} at ${url.trim()}`;
}

/** What the server is told; nothing unless the workspace is trusted and what was agreed to is what is set now. */
export function agreedRemote(settings: RemoteSettings, agreed: string | undefined, trusted: boolean, key: string | undefined): RemoteConfig | undefined {
  const terms = termsOf(settings);
  if (!trusted || terms === undefined || agreed !== terms) return undefined;
  const dialect = KINDS.find((kind) => kind === settings.kind);
  return { url: settings.url.trim(), model: settings.model.trim(), ...(key === undefined || key === "" ? {} : { key }), ...(dialect === undefined ? {} : { dialect }) };
}

export function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url;
}
