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
# # What changed this week?
#
# Reads the database that `make run` fills (or the one named by `FEEDBACK_TRIAGE_DATABASE`) and answers, with the
# package's public functions alone, what a Monday meeting asks: how loud was the week, which release did it, what do
# customers love, and what went quiet.

# %%
import pandas as pd

import feedback_triage

pd.set_option("display.max_colwidth", 80)
tables = feedback_triage.load_tables()
items = tables["items"]
week = items[items["is_in_period"]]
print(f"{len(week)} of {len(items)} items are of this week")

# %% [markdown]
# ## Labels, this week and in the four weeks before
#
# An item without a label is one the classifier abstained on: none of the labels, or unsure.

# %%
end = pd.to_datetime(week["written_at"]).max()
age = (end - pd.to_datetime(items["written_at"])).dt.days // 7
label = items["label"].fillna("(abstained)")
counts = pd.crosstab(label, age[age < 5]).rename(columns=lambda weeks: f"{weeks} weeks ago" if weeks else "this week")
counts

# %% [markdown]
# ## Which release did it?
#
# Releases after which more came, while they were the newest, than those hours usually bring.

# %%
releases = feedback_triage.load_releases()
loud = releases[releases["observed_count"] > releases["upper"]]
loud[["release_id", "kind", "released_at", "hours", "observed_count", "expected_count", "lower", "upper"]].head(5)

# %% [markdown]
# ## What matters first

# %%
themes = feedback_triage.load_themes()
themes[["name", "score", "n_period", "n_before_mean", "n_customers", "keyphrases"]].head(8)

# %% [markdown]
# ## The themes on one picture
#
# Themes that are alike lie near one another. Each dot is an item: point at it to read it, and select a label below the
# picture to see its items alone.

# %%
feedback_triage.theme_map()

# %% [markdown]
# ## What went quiet, and is that good news?

# %%
silence = feedback_triage.load_silence()
columns = ["release_id", "subject", "observed_count", "lower", "upper", "verdict", "reason"]
silence.loc[silence["status"] == "quiet", columns]

# %% [markdown]
# ## Any text can be labelled

# %%
feedback_triage.label_texts(["This link on the new theme doesn't work.", "We love this new field!", "n/a"])
