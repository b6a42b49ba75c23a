"""Definitions of the fix and of agents; none of them reads a cause answer."""

from analytics.metrics.definitions.definition import AS_AGENTS, NO_ANSWERS, WILSON, Definition

FIXES = (
    Definition(
        "n",
        "Answers (n)",
        "How many customers answered this question; every other number beside it rests on them.",
        "the count of current answers, one per invitation",
    ),
    Definition(
        "top2",
        "Fix score (top-2 share)",
        "Of the customers who rated how their problem was handled, the share who said satisfied "
        "or very satisfied.",
        "ratings 4 and 5 over all ratings of F1; for an agent of F2 where they alone handled the "
        "case and it was asked, else of F1; a case that two handled by halves counts in full for "
        "each of them, and once for the company; whoever did less than half is not rated by it",
        "top-two-box share, the usual customer satisfaction score",
    ),
    Definition(
        "interval",
        "95 % interval",
        "If we asked again and again in the same situation, 95 of 100 such intervals would hold "
        "the true share; a wide one means few answers.",
        "(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n) with z = 1.96",
        WILSON,
    ),
    Definition(
        "mean",
        "Mean rating",
        "The average of the ratings from 1 to 5.",
        "Σ rating / n; its interval is Student's t from 30 answers on, below that and of ratings "
        "that are all equal the percentiles of a bootstrap of the histogram, worked out, not drawn",
        "Efron & Tibshirani 1993, ch. 13; expanded, Hesterberg 2015, The American Statistician "
        "69:371",
    ),
    Definition(
        "trend",
        "Change over time",
        "The same share, counted afresh for every day, week, month or quarter.",
        "answers of the bucket only; a bucket cut by the chosen dates is marked as partial",
    ),
    Definition(
        "comparison",
        "Compared with the period before",
        "How far the share moved against an equally long earlier period with the same weekdays.",
        "the period is moved back by whole weeks, at least its own length; p₁ − p₂ with "
        "Newcombe's interval",
        "Newcombe 1998, Statistics in Medicine 17:873, method 10",
        "where one of the two periods has no answers: then there is no comparable data",
    ),
    Definition(
        "segment_difference",
        "Difference between two segments",
        "How much higher the share is in one segment than in the other, with what chance alone "
        "could account for.",
        "p₁ − p₂ with Newcombe's 95 % interval; it is called a difference only where 0 lies "
        "outside",
        "Newcombe 1998, Statistics in Medicine 17:873, method 10",
        "where either segment is too small to be shown",
    ),
)

AGENTS = (
    Definition(
        "shrunk",
        "Steadied share",
        "The agent's share, pulled towards the team's as far as few answers make it uncertain.",
        "(x + α)/(n + α + β), with α and β by maximum likelihood over the agents; 90 % credible "
        "interval, wider by what fewer than 100 agents leave open about α and β; with fewer than "
        "10 agents those of the wider team",
        "beta-binomial, Gelman et al., Bayesian Data Analysis, ch. 5; Griffiths 1973; Kass & "
        "Steffey 1989, JASA 84:717",
        AS_AGENTS,
    ),
    Definition(
        "adjusted",
        "Adjusted share",
        "What the agent's share would be had every agent met the company's own mix of cases, so "
        "that nobody is blamed for what landed on their desk.",
        "log odds of a satisfied answer = agent + kind of case (cause category, product, channel), "
        "estimated together; then the mean of the agent's shares over the company's cases; never "
        "anything the customer answered",
        "Breslow & Clayton 1993, JASA 88:9; Lane & Nelder 1982, Biometrics 38:613",
        "where an agent handles almost one kind of case alone, or in a group whose kinds of cases "
        "nobody else handles: not separable",
    ),
    Definition(
        "mix_difference",
        "What the mix of cases makes",
        "How many points higher or lower the share would be had the agent met everyone’s cases.",
        "adjusted share − share as rated",
        withheld="where either is",
    ),
    Definition(
        "case_mix",
        "What landed on the desk",
        "How the agent’s ratings, and everyone’s, are spread over causes: who gets more of the "
        "causes that please nobody looks worse than they are.",
        "ratings of one cause over all ratings, of the agent and of everyone",
        withheld="a cause's share satisfied: under 10 ratings",
    ),
    Definition(
        "separable",
        "Not separable",
        "This agent gives nearly all answers of the cases they handle, or works in a group whose "
        "kinds of cases nobody else handles, so agent and kind of case cannot be told apart.",
        "the agent's own part of the answers in their strata, averaged over their answers, is 80 % "
        "or more; or less than half of all answers are tied to theirs by agents who share strata",
        withheld=AS_AGENTS,
    ),
    Definition(
        "rank",
        "Rank interval",
        "The places the agent plausibly holds among the agents shown, by the share each would have "
        "had with the company's own mix of cases: nobody is ranked low for what landed on their "
        "desk; wide intervals mean that a league table would be a lottery.",
        "the run of ranks that holds 90 % of 10,000 draws, or as near to it as whole ranks allow, "
        "of the adjusted shares, each counted in as many answers as its interval is worth and "
        "pulled towards all of them as the steadied shares are; above 50 agents worked out "
        "instead of drawn",
        "Goldstein & Spiegelhalter 1996, JRSS A 159:385; Marshall & Spiegelhalter 1998, BMJ "
        "316:1701",
        "under 10 answers, and where agent and cases are not separable",
    ),
    Definition(
        "p_top_quarter",
        "Chance to be in the top or bottom quarter",
        "How likely it is that the agent truly belongs to the best or the last quarter, by the "
        "same shares as the rank.",
        "part of the 10,000 draws in which their rank lies there",
        "Goldstein & Spiegelhalter 1996, JRSS A 159:385",
        "under 10 answers, and where agent and cases are not separable",
    ),
    Definition(
        "funnel",
        "Funnel plot",
        "Agents by number of answers, with the limits within which chance alone moves an average "
        "agent; only who lies outside differs from the rest.",
        "exact binomial limits of 95 % and 99.8 % about the shared value; where agents spread "
        "more than chance, the limits grow by the spread between agents τ, measured after 10 % of "
        "either end was pulled in",
        "Spiegelhalter 2005, Statistics in Medicine 24:1185; Quality & Safety in Health Care "
        "14:347",
        "under 30 answers an agent is not drawn",
    ),
    Definition(
        "flagged",
        "Flag",
        "This agent differs from the others by more than chance; of all such flags, on average at "
        "most one in twenty is a false one.",
        "two-sided p of the adjusted share, as if it had been counted in as many answers as its "
        "interval is worth; Benjamini–Hochberg at 5 % over all agents drawn",
        "Benjamini & Hochberg 1995, JRSS B 57:289",
        AS_AGENTS,
    ),
    Definition(
        "reliability",
        "Reliability",
        "How much of the differences between agents is real and not chance; personnel decisions "
        "need 0.8 or more.",
        "ρ = n·ICC / (1 + (n − 1)·ICC)",
        "Spearman–Brown; Adams 2009, RAND TR-653",
        "with fewer than 2 agents of 2 answers each",
    ),
    Definition(
        "icc",
        "Intraclass correlation (ICC)",
        "The part of the spread of single answers that comes from which agent handled the case.",
        "σ²_b / (σ²_b + σ²_w) of the adjusted shares, one-way analysis of variance with unequal n; "
        "below 0 it counts as 0",
        "Donner 1986, International Statistical Review 54:67; Shrout & Fleiss 1979",
        "with fewer than 2 agents of 2 answers each",
    ),
    Definition(
        "needed_n",
        "Answers needed",
        "How many answers an agent needs before the score is reliable enough for its use.",
        "n = ρ/(1 − ρ) · (1 − ICC)/ICC, rounded up",
        "Spearman–Brown, solved for n",
        "where the ICC is 0: no number of answers would do",
    ),
    Definition(
        "effective_n",
        "Effective number of answers",
        "How many full answers the weighted ones are worth.",
        "(Σw)²/Σw²",
        "Kish 1965, Survey Sampling, section 11.2C",
        NO_ANSWERS,
    ),
)
