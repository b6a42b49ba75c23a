"""Definitions of what reads fix and cause side by side, and of who answered."""

from analytics.metrics.definitions.definition import NO_ANSWERS, WILSON, Definition

BOTH = (
    Definition(
        "cells",
        "Fix × cause matrix",
        "How many customers gave each pair of ratings of the fix and of the cause.",
        "counts of F1 by C1 of all who answered both; quadrants at 4, and a fix of 3 stays visible",
    ),
    Definition(
        "share_satisfied",
        "Masked dissatisfaction",
        "Of the customers a usual satisfaction survey calls satisfied, this share was dismayed "
        "that the problem happened at all.",
        "n(F1 ≥ 4 and dismayed) / n(F1 ≥ 4), of all who answered both; Wilson 95 %",
        WILSON,
        "under 30 answers to both",
    ),
    Definition(
        "share_all",
        "Masked, of everyone",
        "The share of all customers who were satisfied with the fix and dismayed at the cause.",
        "n(F1 ≥ 4 and dismayed) / n(both answered); Wilson 95 %",
        WILSON,
        "under 30 answers to both",
    ),
    Definition(
        "separation",
        "Separation",
        "Whether customers rate fix and cause apart: 0 means wholly apart, ±1 means one rating "
        "given twice; from 0.6 on the two hardly separate.",
        "Pearson's r of F1 and C1 with Fisher's 95 % interval, overall and for each page order",
        "Fisher 1921, Metron 1:3",
        "under 4 answers to both, or where a rating does not vary",
    ),
    Definition(
        "unseparated",
        "One question, before Stabledoor",
        "Ratings that another tool collected with a single question: fix and cause in one, so they "
        "are counted with neither.",
        "the best answers of the tool's own scale over all its answers, by the day of the answer; "
        "best are “good”, 2 of 2, 3 of 3, 4–5 of 5, 6–7 of 7, 9–10 of 10 and of 0 to 10; Wilson "
        "95 %",
        WILSON,
        "for single agents, by questionnaire and by the day of resolution; to readers of one side",
    ),
    Definition(
        "order_effect",
        "Order effect",
        "How much a rating changes because the other page came first; the order is drawn by lot, "
        "so this is cause and effect.",
        "difference of the headline between the arms: mean with Welch's 95 % interval, share with "
        "Newcombe's",
        "Welch 1947, Biometrika 34:28; Newcombe 1998, Statistics in Medicine 17:873",
        "where an arm has no answers",
    ),
    Definition(
        "quadrants",
        "In words",
        "The matrix in six groups: satisfied, neither or dissatisfied with the fix, and dismayed "
        "at the cause or not.",
        "counts of F1 4–5, 3 and 1–2 by C1 4–5 and 1–3, of all who answered both",
    ),
    Definition(
        "would_again",
        "Would choose us again",
        "Of a group of customers, the share who would be likely or very likely to choose the "
        "company if they were choosing again today.",
        "O1 ratings 4 and 5 over all ratings of O1 in the group; served well: F1 ≥ 4 and not "
        "dismayed, masked: F1 ≥ 4 and dismayed",
        WILSON,
        "under 30 answers to both",
    ),
    Definition(
        "choose_again",
        "Would choose again",
        "How many points fewer would choose the company again among the masked dissatisfied than "
        "among customers served well and not dismayed.",
        "difference of the shares of O1 ≥ 4 with Newcombe's 95 % interval",
        "Newcombe 1998, Statistics in Medicine 17:873, method 10",
        "under 30 answers to both",
    ),
    Definition(
        "drivers",
        "Key drivers",
        "How much each part of the experience accounts for whether customers would choose the "
        "company again; an association, not a promise.",
        "parts of R² averaged over all orders of entry (LMG), and Johnson's relative weights; 95 % "
        "bootstrap interval with a fixed seed",
        "Lindeman, Merenda & Gold 1980; Grömping 2006; Johnson 2000, Multivariate Behavioral "
        "Research 35:1",
        "under 100 complete answers, or where nothing varies",
    ),
)

ASKED = (
    Definition(
        "invited",
        "Invited",
        "How many customers were asked: a mail was sent or tried, bounces included.",
        "invitations sent, perhaps sent, failed or closed, by the day they were sent (or the case "
        "was resolved)",
        withheld="never",
    ),
    Definition(
        "completed",
        "Answered to the end",
        "How many of those invited gave both ratings or sent the last page.",
        "responses marked complete, of the invitations counted",
        withheld="never",
    ),
    Definition(
        "response_rate",
        "Response rate",
        "Of everyone invited, bounces included, the share who answered.",
        "completes / invited",
        "AAPOR Standard Definitions, RR1",
        "where nobody was invited",
    ),
    Definition(
        "delivered_response_rate",
        "Delivered response rate",
        "Of everyone whose mail was delivered, the share who answered.",
        "completes / delivered",
        withheld="where nothing was delivered",
    ),
    Definition(
        "raked",
        "Weighted share",
        "The share as it would be if those who answered had the same mix of causes, channels, "
        "teams and products as all resolved cases.",
        "raking to the margins of resolved cases, weights cut to 0.3–3 of their mean; never on "
        "answers; the unweighted share stands beside it",
        "Deming & Stephan 1940; Kish 1965 for the effective n",
        NO_ANSWERS,
    ),
    Definition(
        "bounds",
        "If the silent had answered",
        "The lowest and highest the share could be if none of those who were invited and stayed "
        "silent felt so, or all of them: who does not answer may feel otherwise.",
        "x/N and (x + s)/N with x of n answers, s invited and silent, N = n + s; no interval of "
        "chance: only more answers make it narrower",
        "Manski 1995, Identification Problems in the Social Sciences, ch. 2",
        "where nobody was invited",
    ),
)
