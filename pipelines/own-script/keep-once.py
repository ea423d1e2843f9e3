"""Reads and writes conversations. Keeps each text of a person once, and drops conversations left with fewer than LEAST messages.

The formats are described in src/artifacts/README.md: one {"id", "messages": [{"from", "time", "text"}]} per line.
"""
import json
import os
import sys

source, out = sys.argv[1:]
least = int(os.environ["LEAST"])

seen = set()
read = kept = 0
with open(f"{source}/conversations.jsonl", encoding="utf-8") as lines, open(f"{out}/conversations.jsonl", "w", encoding="utf-8") as result:
    for line in lines:
        conversation = json.loads(line)
        messages = []
        for message in conversation["messages"]:
            read += 1
            key = (message["from"], message["text"])
            if key not in seen:
                seen.add(key)
                messages.append(message)
        if len(messages) >= least:
            kept += len(messages)
            result.write(json.dumps({"id": conversation["id"], "messages": messages}) + "\n")

print(f"metric kept/share 0 {kept / read}")  # appears among the metrics of the run
