"""Reads the training set in a folder with the real datasets library, as trainers do.

    read-training-set.py FOLDER   → {split: rows} as JSON
"""
import json
import os
import sys

import datasets

datasets.disable_progress_bars()
folder = sys.argv[1]
names = [name for name in ("train", "validation", "test") if os.path.exists(os.path.join(folder, f"{name}.jsonl"))]
files = {name: os.path.join(folder, f"{name}.jsonl") for name in names}
named = datasets.load_dataset("json", data_files=files)
found = datasets.load_dataset(folder)  # finds the splits by the names of the files
assert set(found) == set(names), sorted(found)
for name in names:
    assert found[name].features == named[names[0]].features, name
    assert found[name][:] == named[name][:], name
json.dump({name: named[name].to_list() for name in names}, sys.stdout)
