"""What many answers mean: numbers from counts. No Django, no clock, no settings, no input/output.

Every function takes integer counts (histograms that add up) and returns arrays or frames; NaN
means "nothing to say", which callers turn into None (`columns.records`, `columns.optional`). Shares
are 0–1.

    ratings, intervals, differences, trend         histograms, their intervals, comparisons
    agents, casemix, elsewhere, shrinkage, ranks, many_ranks, reliability, funnel        agents
    causes, preventable, recurrence, scrubbing, terms                           causes
    tails, control, two_weeks, run_length, ewma, watching, partition, changepoint      … by the week
    interrupted, likelihood                                  … before and after an action
    matrix, drivers                                                             both together
    weighting, sample_size                                                      who answered
    definitions                                    what each number means, for pages and docs
    special                                                          the door to scipy

Agents are computed from fix ratings only (`agents`), causes from cause ratings only (`causes`); the
two meet in `matrix` and `drivers` and nowhere else.
"""
