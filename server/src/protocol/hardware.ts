/** What a machine can do with models: found, not guessed. Sizes in bytes. */
import type { Message } from "./message.js";
import { array, boolean, named, number, object, oneOf, optional, string, text, whole, words, type TypeOf } from "./schema.js";
import { DeviceSettingSchema, ErrorSchema } from "./values.js";

const LanguageDeviceSchema = oneOf("cpu", "cuda", "vulkan", "metal");
const EncoderDeviceSchema = oneOf("cpu", "cuda", "webgpu", "directml", "coreml");

const passedOver = array(object({ device: text, why: words }));
const need = object({ memory: number, deviceMemory: number });

export const ModelFitSchema = named(
  "ModelFit",
  object({
    id: text,
    name: text,
    /** Absent where the model cannot be read; `problem` then says why. */
    plan: optional(
      object({
        contextSize: whole(1),
        layers: whole(0),
        deviceLayers: whole(0),
        weights: need,
        context: need,
        encoders: need,
        total: need,
        fits: boolean,
        /** A smaller context with which it would fit. */
        smallerContext: optional(whole(1)),
      }),
    ),
    problem: optional(ErrorSchema),
  }),
);
export type ModelFit = TypeOf<typeof ModelFitSchema>;

export const HardwareReportSchema = named(
  "HardwareReport",
  object({
    system: object({ name: string, platform: text, arch: text, node: text, processor: string, cores: whole(1), threads: whole(1), memory: number, free: number }),
    /** As the operating system lists them, whether or not anything can use them. */
    graphics: array(object({ name: string, vendor: string, memory: optional(number), driver: optional(string) })),
    /** llama.cpp's ways to graphics devices on this platform. */
    language: array(object({ device: LanguageDeviceSchema, usable: boolean, why: optional(words), names: array(string), memory: number, free: number, unified: boolean })),
    /** onnxruntime's execution providers on this platform. */
    encoders: array(object({ device: EncoderDeviceSchema, usable: boolean, why: optional(words) })),
    decoder: object({ found: optional(string), problem: optional(ErrorSchema) }),
    folders: array(object({ use: oneOf("cache", "models"), path: text, free: optional(number) })),
    uses: object({
      setting: DeviceSettingSchema,
      language: object({ device: LanguageDeviceSchema, passedOver }),
      encoders: object({ device: EncoderDeviceSchema, passedOver }),
    }),
    models: array(ModelFitSchema),
    /** What was looked at and ended the process that looked: a broken driver, most likely. */
    crashes: array(object({ while: words, how: words })),
    /** What to install or to set, the most useful first. */
    advice: array(object({ what: words, next: words })),
  }),
);
export type HardwareReport = TypeOf<typeof HardwareReportSchema>;
export type Found = Omit<HardwareReport, "advice">;

export const Hardware = {
  method: "vqa/hardware",
  kind: "request",
  direction: "client to server",
  when: "To tell what this machine has for models, what of it will be used, and what could be installed. Looks with a process of its own, since a broken driver can end it; takes a few seconds.",
  params: object({
    /** What it would be with another setting; the server's own when absent. */
    device: optional(DeviceSettingSchema),
  }),
  result: HardwareReportSchema,
  errors: [],
} as const satisfies Message;
