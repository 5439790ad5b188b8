import type { CancellationToken } from "vscode-languageserver/node";
import { Hardware, type HardwareReport } from "../protocol/hardware.js";
import { decode } from "../protocol/schema.js";
import { signalOf } from "./errors.js";
import type { Backend } from "./ports.js";

export function hardware({ examine }: Backend, params: unknown, token: CancellationToken): Promise<HardwareReport> {
  const { device } = decode(Hardware.params, params ?? {}, "params");
  return examine(device, signalOf(token));
}
