"""The manifest's sections for the systems beside MiniGPT4-Video: what the composers and their learned parts are."""

from compose import FRAMES, LOCAL, POOL_GRID, RESIZE_GRID, SEGMENTS
from language import WIDTH
from model import MERGE, SOURCES
from qformer import AUDIO_QUERIES, CLIP_WIDTH, PICTURE_QUERIES, POSITIONS, VIDEO_QUERIES
from qformer import WIDTH as QUERY_WIDTH
from sound import BINS, CLIPS, MEAN, SECONDS, STD
from sound import FRAMES as SOUND_FRAMES
from vision import CELLS, LEVELS
from vision import WIDTH as TOKEN_WIDTH

WORDS = {"begin": "<s>[INST]", "frame": "<Img> {time}{visual}", "cue": "<Cap> {text}",
         "end": "\n{question}[/INST]", "answerPrefix": " ", "stop": ["</s>"]}
LONG = {"strategy": "uniform", "frames": FRAMES, "maxFrames": FRAMES}
# For clips of minutes: ten times the frames, merged to as many tokens. Not trained with, measured in tools/eval/systems.
MANY = 320

# What the program does with videos that 8 frames cannot cover: training shows frames at most 8 s apart, and one a
# second sees what is shown for a few seconds. Its summaries name things by "then" and "and".
LONG_VIDEO = {"afterSeconds": 64, "clipSeconds": 8, "top": 3, "atLeast": 0.85,
              "summary": {"question": "Summarise the video with times.", "maxTokens": 64},
              "events": [" then ", " and "], "clock": "clips"}


def long_video(frames):
    """More frames cover longer videos, but a clip of 32 seconds holds more than one summary tells: clips stay short."""
    return {"afterSeconds": 8 * frames}


def projector(file, source):
    return {"file": file, "input": "tokens", "output": "embeds", "inputWidth": SOURCES[source], "width": WIDTH}


def qformer(file, inside, queries):
    return {"file": file, "input": "tokens", "output": "queries", "inputWidth": inside, "queries": queries, "width": QUERY_WIDTH}


def positions(file, count, width):
    return {"file": file, "input": "positions", "output": "embeddings", "count": count, "width": width}


def video_llama():
    folder = "video-llama"
    return {
        "name": "video-llama", "composer": {"name": "video-llama"},
        "sampling": {"strategy": "uniform", "frames": 8, "maxFrames": 16},
        "projectors": {"visual": projector(f"{folder}/projector.onnx", "video"), "audio": projector(f"{folder}/audio-projector.onnx", "audio")},
        "parts": {"imageQformer": qformer(f"{folder}/image-qformer.onnx", TOKEN_WIDTH, PICTURE_QUERIES),
                  "framePositions": positions(f"{folder}/frame-positions.onnx", POSITIONS, QUERY_WIDTH),
                  "videoQformer": qformer(f"{folder}/video-qformer.onnx", QUERY_WIDTH, VIDEO_QUERIES)},
        "audio": {"clips": {"count": CLIPS, "seconds": SECONDS, "most": CLIPS},
                  "features": {"kind": "kaldi-fbank", "bins": BINS, "frames": SOUND_FRAMES, "mean": MEAN, "std": STD},
                  "encoder": {"file": f"{folder}/audio.onnx", "input": "fbank", "output": "embeddings", "tokens": 1, "width": CLIP_WIDTH},
                  "positions": positions(f"{folder}/audio-positions.onnx", CLIPS, CLIP_WIDTH),
                  "qformer": qformer(f"{folder}/audio-qformer.onnx", CLIP_WIDTH, AUDIO_QUERIES)},
        "prompt": {**WORDS, "clock": "<Img> {time}", "audio": " Sound{visual}", "video": " Video{visual}"},
    }


def red_villm(name="red-villm", **parts):
    return {
        "name": name, "composer": {"name": "red-villm", "merge": MERGE, **parts},
        "sampling": {"strategy": "uniform", "frames": 16, "maxFrames": 32},
        "longVideo": long_video(16),
        "projectors": {"temporal": projector("red-villm/temporal.onnx", "temporal")},
        "prompt": {**WORDS, "video": "<Img>{visual}"},
    }


def quarters(rows):
    """A quarter of the tokens less in each step, until LOCAL are left."""
    merges = []
    while rows > LOCAL:
        merges.append(min(rows - LOCAL, max(1, rows // 4)))
        rows -= merges[-1]
    return merges


def longvlm(name="longvlm", levels=LEVELS, frames=FRAMES):
    return {
        "name": name,
        "composer": {"name": "longvlm", "frames": frames, "segments": SEGMENTS, "merges": quarters(frames // SEGMENTS * CELLS), "heads": 1,
                     "global": levels, "globalProjector": "global"},
        "sampling": {**LONG, "frames": frames, "maxFrames": frames},
        "longVideo": long_video(FRAMES),
        "projectors": {"visual": projector("longvlm/local.onnx", "local"), "global": projector("longvlm/global.onnx", "global")},
        "prompt": {**WORDS, "video": "<Img>{visual}", "segment": "<Img> {from}{visual}"},
    }


def baseline(name, source, **settings):
    return {"name": name, "composer": {"name": name, **settings}, "sampling": LONG, "longVideo": long_video(FRAMES),
            "projectors": {"visual": projector(f"{name}/projector.onnx", source)},
            "prompt": {**WORDS, "segment": "<Img> {from}{visual}"}}


def systems():
    return [
        video_llama(),
        red_villm(),
        longvlm(),
        baseline("mean-pool", "pooled", segments=SEGMENTS, grid=[POOL_GRID, POOL_GRID]),
        baseline("frame-resize", "small", grid=[RESIZE_GRID, RESIZE_GRID]),
        # With parts switched off, for comparison.
        red_villm("red-villm/temporal-only", spatial=False),
        red_villm("red-villm/spatial-only", temporal=False),
        longvlm("longvlm/local-only", levels=0),
        # For clips of minutes.
        longvlm("longvlm/long", frames=MANY),
    ]
