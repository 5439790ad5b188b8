/** Texts that tell a demuxer to open other files, under a video's name. */
import { writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { CLOSED, type HostileCase } from "../case.js";

interface Names {
  /** The lure, as a name beside the script, as a path, and as an address. */
  readonly near: string;
  readonly path: string;
  readonly file: string;
  readonly http: string;
}

const hls = (entry: string, before = ""): string => `#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:2\n${before}#EXTINF:2.0,\n${entry}\n#EXT-X-ENDLIST\n`;
const dash = (base: string): string =>
  `<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT2S" profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1000"><BaseURL>${base}</BaseURL></Representation></AdaptationSet></Period></MPD>\n`;
const sdp = (host: string): string => `v=0\no=- 0 0 IN IP4 ${host}\ns=x\nc=IN IP4 ${host}\nt=0 0\nm=video 49170 RTP/AVP 96\na=rtpmap:96 H264/90000\n`;

const SCRIPTS: readonly (readonly [name: string, text: (names: Names) => string])[] = [
  ["HLS playlist, a file beside it", ({ near }) => hls(near)],
  ["HLS playlist, an absolute path", ({ path }) => hls(path)],
  ["HLS playlist, a file: address", ({ file }) => hls(file)],
  ["HLS playlist, an http: address", ({ http }) => hls(http)],
  ["HLS playlist, a key elsewhere", ({ near, http }) => hls(near, `#EXT-X-KEY:METHOD=AES-128,URI="${http}"\n`)],
  ["HLS playlist, a map elsewhere", ({ near, file }) => hls(near, `#EXT-X-MAP:URI="${file}"\n`)],
  ["HLS master playlist", ({ near }) => `#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\n${near}\n`],
  ["HLS playlist behind a NUL", ({ near }) => `${hls(near)}\0`],
  ["HLS playlist behind a byte-order mark", ({ near }) => `\ufeff${hls(near)}`],
  ["concat: inside a playlist", ({ path }) => hls(`concat:${path}|${path}`)],
  ["ffconcat script", ({ near }) => `ffconcat version 1.0\nfile '${near}'\n`],
  ["ffconcat script, an absolute path", ({ path }) => `ffconcat version 1.0\nfile '${path}'\noption safe 0\n`],
  ["concat script without a heading", ({ near }) => `file '${near}'\n`],
  ["DASH manifest, a file beside it", ({ near }) => dash(near)],
  ["DASH manifest, an http: address", ({ http }) => dash(http)],
  ["DASH manifest with an outside entity", ({ file, near }) => dash(near).replace("<MPD", `<!DOCTYPE x [<!ENTITY e SYSTEM "${file}">]>\n<MPD`).replace("</Period>", "&e;</Period>")],
  ["SDP session", () => sdp("127.0.0.1")],
  ["IMF composition", ({ near }) => `<?xml version="1.0"?>\n<CompositionPlaylist xmlns="http://www.smpte-ra.org/schemas/2067-3/2016"><Id>urn:uuid:0</Id><a>${near}</a></CompositionPlaylist>\n`],
  ["Smooth Streaming manifest", ({ http }) => `<?xml version="1.0"?>\n<SmoothStreamingMedia MajorVersion="2"><StreamIndex Type="video" Url="${http}"/></SmoothStreamingMedia>\n`],
  ["SMIL", ({ near }) => `<smil><body><video src="${near}"/></body></smil>\n`],
  ["M3U list", ({ path }) => `${path}\n`],
  ["PLS list", ({ http }) => `[playlist]\nFile1=${http}\nNumberOfEntries=1\n`],
  ["XSPF list", ({ file }) => `<?xml version="1.0"?>\n<playlist version="1" xmlns="http://xspf.org/ns/0/"><trackList><track><location>${file}</location></track></trackList></playlist>\n`],
  ["ASX list", ({ http }) => `<asx version="3.0"><entry><ref href="${http}"/></entry></asx>\n`],
  ["QuickTime link (SMIL in XML)", ({ http }) => `<?xml version="1.0"?>\n<?quicktime type="application/x-quicktime-media-link"?>\n<embed src="${http}"/>\n`],
  ["VobSub index", ({ near }) => `# VobSub index file, v7 (do not modify this line!)\nsize: 720x576\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 000000000\n# ${near}\n`],
  ["AviSynth script", ({ path }) => `DirectShowSource("${path}")\n`],
  ["RTSP in text", ({ http }) => `rtsptextRTSP://${http.slice(7)}\n`],
  ["ffmetadata", ({ near }) => `;FFMETADATA1\ntitle=${near}\n`],
  ["LRC, WebVTT and other texts", ({ near }) => `WEBVTT\n\n00:00.000 --> 00:01.000\n${near}\n`],
];

export const PLAYLISTS: readonly HostileCase[] = [
  ...SCRIPTS.map(
    ([name, text]): HostileCase => ({
      kind: "playlist",
      name,
      make: ({ folder, lure, address }) => {
        const path = lure("lure.mp4");
        const script = join(folder, "clip.mp4");
        writeFileSync(script, text({ near: basename(path), path, file: pathToFileURL(path).href, http: `${address}/lure.mp4` }));
        return script;
      },
      expect: CLOSED,
    }),
  ),
  {
    kind: "playlist",
    name: "VobSub index beside its .sub",
    make: ({ folder, lure }) => {
      lure("clip.sub");
      const path = join(folder, "clip.idx");
      writeFileSync(path, "# VobSub index file, v7 (do not modify this line!)\nsize: 720x576\nid: en, index: 0\ntimestamp: 00:00:00:000, filepos: 000000000\n");
      return path;
    },
    expect: CLOSED,
  },
  {
    kind: "playlist",
    name: "Magic Lantern film in parts (.mlv, .m00)",
    make: ({ folder, lure }) => {
      lure("clip.m00");
      const path = join(folder, "clip.mlv");
      writeFileSync(path, Buffer.concat([Buffer.from("MLVI"), Buffer.from([52, 0, 0, 0]), Buffer.from("v2.0\0\0\0\0"), Buffer.alloc(36)]));
      return path;
    },
    expect: CLOSED,
  },
];
