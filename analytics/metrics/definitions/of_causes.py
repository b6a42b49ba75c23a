"""Definitions of causes, of the weekly charts and of what an action did; none of them reads a fix
answer."""

from analytics.metrics.definitions.definition import WILSON, Definition

CAUSES = (
    Definition(
        "dismayed",
        "Dismayed customers",
        "Of the customers who said how much it bothered them that the problem happened at all, the "
        "share who said a lot or a great deal.",
        "C1 ratings 4 and 5 over all ratings of C1",
        WILSON,
    ),
    Definition(
        "cases",
        "Cases",
        "How many cases of this cause were resolved, surveyed or not.",
        "resolutions by the cause they had when they were resolved",
        withheld="never",
    ),
    Definition(
        "index",
        "Dismay index",
        "The customers this cause presumably dismayed, answered or not: what would be gained by "
        "stopping it.",
        "resolved cases × (x + α)/(n + α + β); 90 % interval of the steadied share × cases",
        "beta-binomial, Gelman et al., Bayesian Data Analysis, ch. 5",
        "where no cause at all has answers",
    ),
    Definition(
        "share_of_dismay",
        "Part of all dismay",
        "This cause's part of the dismay index of all causes together.",
        "index / Σ index; 90 % interval of the logarithm of its odds from those of both sides",
        "MOVER, Zou & Donner 2008, Statistics in Medicine 27:1693",
    ),
    Definition(
        "avoidable",
        "Avoidable",
        "The share of customers who say that the company could have prevented it, probably or "
        "definitely.",
        "C2 4 and 5 over all answers to C2, Wilson 95 %",
        WILSON,
    ),
    Definition(
        "preventable",
        "Preventable dismay",
        "The customers this cause presumably dismayed although the company could have prevented "
        "it: where changing something gains most.",
        "resolved cases × steadied share dismayed × steadied share who say it was avoidable, as if "
        "within a cause the one had nothing to do with the other; 90 % interval of the product on "
        "the log scale",
        "Goodman 1960, JASA 55:708 (variance of a product), on the log scale",
        "where nobody at all said how much it bothered them, or whether it was avoidable",
    ),
    Definition(
        "recurrent",
        "Had it before",
        "The share of customers who say they have had this problem before.",
        "C3 once or more than once, over all answers but not sure; Wilson 95 %",
        WILSON,
    ),
    Definition(
        "recurrence",
        "Came back within 90 days",
        "The chance that a customer whose case was resolved comes with the same cause again within "
        "90 days.",
        "1 − S(90), Kaplan–Meier from resolution to the next case of the same customer and cause; "
        "who has not been watched for 90 days counts for the days watched; 95 % interval on the "
        "log(−log) scale with Greenwood's variance",
        "Kaplan & Meier 1958, JASA 53:457; Kalbfleisch & Prentice 2002, section 1.4",
        "where nobody has been watched for 90 days",
    ),
    Definition(
        "terms",
        "Typical words",
        "Words that customers of this cause use much more often than other customers do.",
        "log-odds with an informative Dirichlet prior, ranked by z; personal data is scrubbed "
        "first, and words that carry grammar alone are left out",
        "Monroe, Colaresi & Quinn 2008, Political Analysis 16:372",
        "under 50 comments; a word only if at least 5 customers used it",
    ),
)

CHARTS = (
    Definition(
        "dismay_chart",
        "Dismay by week",
        "The weekly share of dismayed customers, with the limits that chance alone would cross "
        "about once in the promised number of weeks.",
        "p-chart with exact binomial limits, each side 1/2.8 of 1/ARL₀, about the share of a "
        "baseline of 20 to 25 weeks without its own signals, and the same of each week together "
        "with the one before; where weeks spread more than the binomial, Laney's p′ with σ_z = "
        "mean|Δz|/1.128, at least 1",
        "NIST/SEMATECH e-Handbook 6.3.3; Laney 2002, Quality Engineering 14:531",
        "before 20 weeks with answers: there is no baseline yet",
    ),
    Definition(
        "cases_chart",
        "Cases by week",
        "How many of 1,000 cases of the week were of this cause, with the limits of chance.",
        "cases of the cause / cases of all causes, charted as the dismay is: a part of a whole "
        "that holds it varies less than a count of its own",
        "Montgomery 2013, Introduction to Statistical Quality Control, ch. 7; Laney 2002, Quality "
        "Engineering 14:531",
        "before 20 weeks: there is no baseline yet",
    ),
    Definition(
        "ewma",
        "Smoothed chart (EWMA)",
        "A moving average that remembers past weeks: it finds small lasting shifts that a single "
        "week does not show.",
        "zₜ = 0.2·residualₜ + 0.8·zₜ₋₁ with the exact variance and skewness of every week, the "
        "residuals measured from the weeks before; L from the integral equation of the run "
        "length for the wanted ARL₀",
        "Lucas & Saccucci 1990, Technometrics 32:1; Crowder 1987, Technometrics 29:401; NIST "
        "6.3.2.4",
        "before there is a baseline",
    ),
    Definition(
        "alarm",
        "Alarm",
        "This week lies above what chance explains, by itself, together with the week before, or "
        "in the smoothed run of weeks; how often that happens by chance alone is said beside it.",
        "false alarms a year = series watched × 52 / ARL₀, by default ARL₀ = 1,000 weeks for each "
        "series, counted upwards only: half of them are the smoothed chart's, half those of one "
        "week and of two together, each 1/2.8 of 1/ARL₀, for what one tells another often tells, "
        "too, so that seven tenths of theirs are new; beside alarms what the "
        "limits of the last 13 weeks really leave outside, which is less where weeks are small: of "
        "five answers even five are no surprise; weeks that spread a little more than "
        "chance, too little for the baseline to show it, or that hang together, alarm up to five "
        "times as often; beyond that a rise within the weeks that the limits are made from, which "
        "hide it, is told where t of the later against the earlier weeks, at the best parting of "
        "the first 25, is one that chance reaches in fewer than one series of 1,000",
        "average run length, Page 1954, Biometrika 41:100; Brown, Cai & DasGupta 2001, Statistical "
        "Science 16:101; Sullivan & Woodall 1996, Journal of Quality Technology 28:398",
        "before there is a baseline",
    ),
    Definition(
        "change_point",
        "Since when",
        "The week from which the level has most plausibly been another; it dates a change and "
        "raises no alarm.",
        "the division of least squared error, at least 4 weeks a segment, penalty 2σ̂² ln n, σ̂ "
        "from the differences of neighbouring weeks; the one that PELT looks for",
        "Jackson et al. 2005, IEEE Signal Processing Letters 12:105; Killick, Fearnhead & Eckley "
        "2012, JASA 107:1590",
        "under 8 weeks",
    ),
    Definition(
        "verdict",
        "Did the action work?",
        "Verified: fewer cases, or less dismay, than the weeks before let expect, and not by "
        "chance.",
        "segmented regression with a level change, quasi-Poisson for cases and quasi-binomial for "
        "dismay, until a year after the roll-out; its weeks and those before that raised an alarm "
        "are left out; verified or worse where the 95 % interval lies wholly below or above no "
        "change",
        "Wagner 2002; Lopez Bernal et al. 2017, IJE 46:348",
        "under 12 weeks before or 8 after: too little data",
    ),
    Definition(
        "difference_in_differences",
        "Against unaffected causes",
        "How much more this cause changed than causes the action did not touch.",
        "interaction of cause and after in the same regression; the trends before must not differ",
        "Wooldridge, Introductory Econometrics, section 13.2",
        "where the trends before differed, or data is too little",
    ),
)
