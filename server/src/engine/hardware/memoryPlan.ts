/** What a model will take before it is loaded, and whether that is there. All sizes in bytes. */
import { VqaError } from "../errors.js";

/** What one part of a model takes. */
export interface Need {
  readonly memory: number;
  /** Of the graphics device; 0 without one. */
  readonly deviceMemory: number;
}

export interface ModelNeeds {
  /** Layers of the language model that can be put on a device, the output layer included. */
  readonly layers: number;
  readonly contextSize: number;
  /** Weights of the language model with this many layers on the device. */
  weights(deviceLayers: number): Promise<Need>;
  /** Cache of keys and values, and the work space of an evaluation. */
  context(contextSize: number, deviceLayers: number): Promise<Need>;
  /** Weights and largest work space of the encoders, projectors and the like. */
  readonly encoders: Need;
}

export interface Room {
  /** Free memory of the machine, or of the container that limits us. */
  readonly memory: number;
  /** Free memory of the graphics device; 0 without one, and where its library does not tell. */
  readonly deviceMemory: number;
  /** The device has no memory of its own: what it takes is taken from the machine's. */
  readonly unified: boolean;
}

export interface MemoryPlan {
  readonly contextSize: number;
  readonly deviceLayers: number;
  readonly layers: number;
  readonly weights: Need;
  readonly context: Need;
  readonly encoders: Need;
  readonly total: Need;
  readonly room: Room;
  readonly fits: boolean;
  /** A smaller context with which it would fit; absent where none would do, or none is needed. */
  readonly smallerContext?: number;
}

/** Left for others on the machine and for the picture on its screen. */
export const MEMORY_RESERVE = 256 * 2 ** 20;
export const DEVICE_RESERVE = 256 * 2 ** 20;
/** Below this no video fits beside a question. */
const LEAST_CONTEXT = 512;

/**
 * As many layers on the device as fit there together with their part of the context, by bisection: each
 * further layer takes more of the device. Then what is left for the machine's own memory.
 */
export async function planMemory(needs: ModelNeeds, room: Room, contextSize = needs.contextSize): Promise<MemoryPlan> {
  const plan = await planAt(needs, room, contextSize);
  if (plan.fits) return plan;
  for (let smaller = contextSize >> 1; smaller >= LEAST_CONTEXT; smaller >>= 1) {
    if ((await planAt(needs, room, smaller)).fits) return { ...plan, smallerContext: smaller };
  }
  return plan;
}

async function planAt(needs: ModelNeeds, room: Room, contextSize: number): Promise<MemoryPlan> {
  const at = async (deviceLayers: number): Promise<MemoryPlan> => {
    const weights = await needs.weights(deviceLayers);
    const context = await needs.context(contextSize, deviceLayers);
    const { encoders } = needs;
    const total = sum(weights, context, encoders);
    // Where nobody tells how much a device has, nothing can be foretold of it.
    const onDevice = room.deviceMemory === 0 || total.deviceMemory + DEVICE_RESERVE <= room.deviceMemory;
    const taken = total.memory + (room.unified ? total.deviceMemory : 0);
    return { contextSize, deviceLayers, layers: needs.layers, weights, context, encoders, total, room, fits: onDevice && taken + MEMORY_RESERVE <= room.memory };
  };
  const fitsDevice = ({ total }: MemoryPlan): boolean => total.deviceMemory + DEVICE_RESERVE <= room.deviceMemory;

  if (room.deviceMemory === 0) return at(0);
  let [low, high] = [0, needs.layers];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fitsDevice(await at(middle))) low = middle;
    else high = middle - 1;
  }
  return at(low);
}

function sum(...needs: readonly Need[]): Need {
  return needs.reduce((all, { memory, deviceMemory }) => ({ memory: all.memory + memory, deviceMemory: all.deviceMemory + deviceMemory }), { memory: 0, deviceMemory: 0 });
}

/** `1.2 GB`, `340 MB`: powers of ten, as disks and shops count. */
export function size(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}

/** `smaller` names models that would fit. */
export function refusal(name: string, plan: MemoryPlan, smaller: readonly string[]): VqaError {
  const { weights, context, encoders, total, room, contextSize, smallerContext } = plan;
  const both = (need: Need): number => need.memory + (room.unified ? need.deviceMemory : 0);
  const lower = smallerContext === undefined ? undefined : `Set the context size to ${smallerContext} (setting vqa.contextSize, --context-size)`;
  const others = smaller.join(", ");
  return new VqaError(
    "limit-exceeded",
    `${name} would take ${size(both(total))} of memory (weights ${size(both(weights))}, context of ${contextSize} positions ${size(both(context))}, encoders ${size(both(encoders))}), and ${size(room.memory)} are free, of which ${size(MEMORY_RESERVE)} stay for others.`,
    lower === undefined
      ? others === "" ? "Close other programs." : `Choose a smaller model: ${others}; or close other programs.`
      : others === "" ? `${lower}; or close other programs.` : `${lower}; or choose a smaller model: ${others}; or close other programs.`,
    { data: { plan: { ...plan } } },
  );
}
