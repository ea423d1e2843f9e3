"""Conversations in, conversations out: each text of a person once, and no conversation that is left with fewer than LEAST messages.

The formats are those of src/artifacts/README.md: one {"id", "messages": [{"from", "time", "text"}]} a line.
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
            said = (message["from"], message["text"])
            if said not in seen:
                seen.add(said)
                messages.append(message)
        if len(messages) >= least:
            kept += len(messages)
            result.write(json.dumps({"id": conversation["id"], "messages": messages}) + "\n")

print(f"metric kept/share 0 {kept / read}")  # stands beside the other metrics of the run
