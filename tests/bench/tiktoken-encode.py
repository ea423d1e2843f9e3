"""Encodes texts with tiktoken on one thread. argv: encoder.json vocab.bpe texts.jsonl (one JSON string per line). Prints {"seconds", "bytes", "tokens"}."""

import json
import sys
import time

import tiktoken
from tiktoken.load import data_gym_to_mergeable_bpe_ranks

encoder_path, merges_path, texts_path = sys.argv[1:]
encoding = tiktoken.Encoding(
    name="gpt2",
    # the pattern of tiktoken's own gpt2
    pat_str=r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s""",
    mergeable_ranks=data_gym_to_mergeable_bpe_ranks(vocab_bpe_file=merges_path, encoder_json_file=encoder_path),
    special_tokens={"<|endoftext|>": 50256},
    explicit_n_vocab=50257,
)
with open(texts_path, encoding="utf-8") as lines:
    texts = [json.loads(line) for line in lines]
start = time.perf_counter()
tokens = sum(len(encoding.encode_ordinary(text)) for text in texts)
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "bytes": sum(len(text.encode()) for text in texts), "tokens": tokens}))
