"""Figures of others, cited and not run here."""

# Method, NMI, ARI, ACC. DSTC11 track 2, task 1 (intent clustering), re-scored from the released answers of 38 entries.
DSTC11_BANKING = (
    ("best of 38 entries by ACC", ".7845", ".7069", ".7525"),
    ("organisers' baseline", ".6026", ".4610", ".5975"),
)
DSTC11_BOTH = (("best of 38 entries by ACC over both", ".7726", ".6293", ".7146"),)
# The TEXTOIR table of unsupervised methods; each of them was told the number of groups.
BANKING77_TEST = (
    ("USNID, K given", ".7530", ".4333", ".5482"),
    ("SCCL, K given", ".6389", ".2698", ".4054"),
    ("k-means on GloVe, K given", ".4930", ".1304", ".2862"),
)


def published() -> list[tuple[str, ...]]:
    """Rows of set, method, NMI, ARI, ACC."""
    named = (("banking", DSTC11_BANKING), ("DSTC11, both domains", DSTC11_BOTH), ("banking77_test", BANKING77_TEST))
    return [(name, *row) for name, rows in named for row in rows]
