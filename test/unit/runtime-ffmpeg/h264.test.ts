import assert from "node:assert/strict";
import fc from "fast-check";
import { BitReader, NotUnderstood } from "../../../server/src/runtime/ffmpeg/h264/bits.js";
import { configurationOf, joined, unitsOf, type Configuration } from "../../../server/src/runtime/ffmpeg/h264/nal.js";
import { GroupReader, headersOnly } from "../../../server/src/runtime/ffmpeg/h264/needed.js";
import { sliceHeader } from "../../../server/src/runtime/ffmpeg/h264/slice.js";

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"));

interface Stream {
  readonly configuration: Configuration;
  /** In the order of decoding: the number of the picture as it is shown, and its packet. */
  readonly packets: readonly (readonly [shown: number, packet: Uint8Array])[];
}

/** Headers of 13 pictures by libx264 at 64 x 48, a P picture every four and three B pictures between: `-bf 3 -x264-params b-adapt=0:keyint=60`. */
const stream = (extradata: string, ...packets: readonly (readonly [number, string])[]): Stream => ({
  configuration: configurationOf(bytes(extradata))!,
  packets: packets.map(([shown, hex]) => [shown, bytes(hex)] as const),
});

/** `-preset veryfast -refs 1`. */
const ONE_REFERENCE = stream(
  "0164000affe100186764000aacd9447b011000000300100000030320f122596001000468ee8fcbfdf8f800",
  [0, "000000096588840067cd013192"],
  [4, "00000009419a2408efc2b0b7a7"],
  [2, "0000000a419e424214fffe95f00c"],
  [1, "0000000a019e61442dfffe9efde5"],
  [3, "0000000a019e63442dfffe7c2137"],
  [8, "0000000a419a68344477c2be2d74"],
  [6, "0000000c419e8645112c25fffe9b5f10"],
  [5, "0000000a019ea5442dfffe9ef7d3"],
  [7, "0000000a019ea7442dfffe9f106f"],
  [12, "0000000b419aac34442dffcedab9d3"],
  [10, "0000000c419eca45152c29fffe960b3b"],
  [9, "0000000a019ee9442dfffe9ef6f2"],
  [11, "0000000a019eeb442dfffe9efc8c"],
);

/** `-preset medium -refs 4`, with weights. */
const FOUR_REFERENCES = stream(
  "0164000affe100186764000aacd9447b011000000300100000030320f122596001000668e938f2c8b0fdf8f800",
  [0, "000000096588840067cd013192"],
  [4, "0000000a419a246c467ff7a0d8c2"],
  [2, "0000000a419e4278853ffe23657b"],
  [1, "0000000a019e617442dffe9f1048"],
  [3, "0000000a019e636a42dfeef37db7"],
  [8, "00000014419a684ba842105a21f03f240fd008eff47c7b73"],
  [6, "0000000c419e866e5112c25ffe7bef49"],
  [5, "0000000a019ea57442dffe9ef7e0"],
  [7, "0000000a019ea76a42dffdd2f84b"],
  [12, "0000000f419aac35082d9329810b7ff8228259"],
  [10, "0000000c419eca6e5152c29ffe95ef59"],
  [9, "0000000a019ee97442dffe9f0fbb"],
  [11, "0000000a019eeb6a42dffe9f078c"],
);

function read({ configuration, packets }: Stream): GroupReader {
  const reader = new GroupReader(configuration);
  for (const [shown, packet] of packets) assert.ok(reader.add(packet, shown), `picture ${shown}`);
  return reader;
}

const sorted = (numbers: Iterable<number>): number[] => [...numbers].sort((a, b) => a - b);

describe("H.264 headers", () => {
  it("are read bit by bit, without what keeps them from looking like a start", () => {
    // After the header byte: 1, 010, 011, 00100 as ue(v) 0 to 3, then 0101 1010 behind an emulation prevention byte.
    const bits = new BitReader(bytes("65a64000000301"));
    assert.deepEqual([bits.unsigned(), bits.unsigned(), bits.unsigned(), bits.unsigned()], [0, 1, 2, 3]);
    assert.equal(bits.bits(20), 0);
    assert.equal(bits.read, 5);
    assert.equal(bits.bits(8), 1);
    assert.equal(bits.read, 7, "the byte that was left out counts among those that were read");
    assert.throws(() => bits.bit(), NotUnderstood);
    const signed = new BitReader(bytes("00a64286"));
    assert.deepEqual([signed.signed(), signed.signed(), signed.signed(), signed.signed(), signed.signed()], [0, 1, -1, 2, -2]);
  });

  it("tell which pictures one may refer to, with one reference a list", () => {
    const reader = read(ONE_REFERENCE);
    // P pictures refer to the P picture before, the middle B picture to both around it, the others to it, too.
    const all = [0, 2, 4, 6, 8, 10, 12];
    const unneeded = (wanted: readonly number[]): number[] => sorted(reader.unneeded(wanted));
    assert.deepEqual(unneeded([12]), [2, 6, 10]);
    assert.deepEqual(unneeded([11]), [2, 6]);
    assert.deepEqual(unneeded([9, 3]), [6]);
    assert.deepEqual(unneeded([4]), all.filter((shown) => shown !== 0 && shown !== 4));
    assert.deepEqual(unneeded([0]), all.slice(1), "the keyframe is always left whole");
    assert.deepEqual(unneeded([...Array(13).keys()]), []);
  });

  it("tell so with several references, put in order and weighted", () => {
    const reader = read(FOUR_REFERENCES);
    assert.deepEqual(sorted(reader.unneeded([12])), [10]);
    assert.deepEqual(sorted(reader.unneeded([5])), [10, 12]);
    assert.deepEqual(sorted(reader.unneeded([11])), []);
  });

  it("say nothing of a group with a picture missing, or that does not begin with a keyframe", () => {
    const { configuration, packets } = ONE_REFERENCE;
    const [first, second, third] = packets;
    const gap = new GroupReader(configuration);
    assert.ok(gap.add(first![1], 0));
    assert.equal(gap.add(third![1], 2), false, "frame numbers have a gap");
    assert.equal(new GroupReader(configuration).add(second![1], 4), false);
    const twice = new GroupReader(configuration);
    assert.ok(twice.add(first![1], 0));
    assert.equal(twice.add(second![1], 0), false, "two packets of one time");
    const both = new GroupReader(configuration);
    assert.ok(both.add(first![1], 0));
    assert.equal(both.add(Uint8Array.from([...second![1], ...third![1]]), 4), false, "a packet of two pictures");
  });

  it("say nothing of packets that are cut off or not of this form", () => {
    const { configuration, packets } = ONE_REFERENCE;
    for (const packet of [bytes(""), bytes("00000009658884"), bytes("00000000"), bytes("000000026588"), packets[0]![1].subarray(0, 8)]) {
      assert.equal(new GroupReader(configuration).add(packet, 0), false);
    }
    // Start codes, an early end, and a field: frame_mbs_only_flag is the bit behind the sizes.
    assert.equal(configurationOf(bytes("000000016764000aacd9447b")), undefined);
    assert.equal(configurationOf(bytes("0164000affe100186764000aac")), undefined);
    assert.equal(configurationOf(bytes("")), undefined);
  });

  it("that are damaged are given up, whatever is in them", () => {
    const { configuration, packets } = FOUR_REFERENCES;
    const flips = fc.array(fc.tuple(fc.nat(12), fc.nat(19), fc.nat(7)), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(flips, fc.uint8Array({ maxLength: 60 }), (bits, noise) => {
        const reader = new GroupReader(configuration);
        const damaged = packets.map(([, packet]) => Uint8Array.from(packet));
        for (const [at, byte, bit] of bits) damaged[at]![byte % damaged[at]!.length]! ^= 1 << bit;
        for (const [i, packet] of [...damaged, noise].entries()) if (!reader.add(packet, i)) break;
        assert.ok([...reader.unneeded([12])].every((i) => i > 0 && i <= 13));
        assert.doesNotThrow(() => configurationOf(noise));
      }),
    );
  });

  it("are what is left of a packet, with everything that is no slice", () => {
    const { configuration } = ONE_REFERENCE;
    const [, packet] = ONE_REFERENCE.packets[6]!;
    const [slice] = [...unitsOf(packet, 4)];
    const supplement = bytes("0605ffffff");
    const long = joined([supplement, Uint8Array.from([...slice!.subarray(0, 12), ...new Uint8Array(5000).fill(0x77)])], 4);
    const units = [...unitsOf(headersOnly(long, configuration), 4)];
    assert.deepEqual(units.map(({ length }) => length), [5, 12]);
    assert.deepEqual([...units[0]!], [...supplement]);
    const known = { ...sliceHeader(slice!, configuration.sets), bytes: 0 };
    assert.deepEqual({ ...sliceHeader(units[1]!, configuration.sets), bytes: 0 }, known);
    assert.equal(new GroupReader(configuration).add(headersOnly(ONE_REFERENCE.packets[0]![1], configuration), 0), true);
  });
});
