# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Which release did it, and did the fix hold?
#
# Reads the database that `make run` fills (or the one named by `FEEDBACK_TRIAGE_DATABASE`): incidents with their
# suspects, what is suspected of each theme, the silence ledger and the fix receipts.

# %%
import pandas as pd

import feedback_triage

pd.set_option("display.max_colwidth", 90)
tables = feedback_triage.load_tables()
incidents = feedback_triage.load_incidents()
incidents[["started_at", "raised_at", "n_items_until_raised", "ended_at", "observed_count", "expected_count", "reason"]]

# %% [markdown]
# ## Suspects of each incident
#
# A row without a release stands for "none of them". The probabilities of one incident sum to 1.

# %%
suspects = feedback_triage.load_suspects()
of_incidents = suspects[suspects["subject_kind"] == "incident"]
of_incidents[["subject_id", "release_id", "probability", "reason"]]

# %% [markdown]
# ## Themes that a release is likely to have brought

# %%
names = feedback_triage.load_themes().set_index("theme_id")["name"]
of_themes = suspects[(suspects["subject_kind"] == "theme") & suspects["release_id"].notna()]
likely = of_themes[of_themes["probability"] > 0.5]
likely.assign(theme=likely["subject_id"].map(names))[["theme", "release_id", "probability", "reason"]]

# %% [markdown]
# ## Did the fixes hold?

# %%
receipts = feedback_triage.load_fix_receipts()
receipts.assign(theme=receipts["theme_id"].map(names))[
    ["theme", "release_id", "status", "n_before", "n_after", "reason"]
]

# %% [markdown]
# ## The silence ledger in one picture of counts
#
# How many windows of each length were heard, quiet, stale or are still open.

# %%
silence = feedback_triage.load_silence()
length = (silence["end_at"] - silence["start_at"]).dt.total_seconds() / 3600
pd.crosstab([silence["subject"], length.rename("hours")], silence["status"])

# %% [markdown]
# ## Does the hour of a push matter?

# %%
tables["push_hours"][["group", "bucket", "n_releases", "n_with_incident", "ratio", "lower", "upper", "verdict"]]
