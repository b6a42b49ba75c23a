"""The words and turns of phrase that the English rules look for.

Kept apart from the rules: this page is what grows when somebody finds a stem that slipped
through. All patterns are matched against lower-case text with plain apostrophes.
"""

from __future__ import annotations

import re
from typing import Final


def _any(*alternatives: str) -> re.Pattern[str]:
    return re.compile(r"\b(?:" + "|".join(alternatives) + r")(?!\w)")


# --- both the handling and the problem ---------------------------------------------------------
_DET: Final = r"(?:the|your|this|that|our|a|an|any|my|these|those)"
PROBLEM_NOUN: Final = (
    r"(?:problems?|issues?|faults?|outages?|errors?|mistakes?|failures?|breakdowns?|defects?"
    r"|incidents?|delays?|power cuts?|crash(?:es)?|leaks?|overcharges?|disruptions?|troubles?"
    r"|disconnections?|interruptions?|malfunctions?|mix-?ups?|glitch(?:es)?|bugs?|hitch(?:es)?"
    r"|shortages?|cancellations?|blackouts?|break-?ins?|thefts?|accidents?|complications?|hiccups?"
    r"|damage|(?:data|power|signal|service) loss(?:es)?|loss of \w+|bad news|flaws?|(?:wrong"
    r"|missing|lost|late|blocked|cancelled|rejected|double|delayed|broken"
    r"|faulty|damaged|incorrect|failed|stolen|unpaid|defective|misplaced|overdue|unexpected|leaking"
    r"|corrupt|expired)(?! from\b)(?: \w+)? (?:\w+))"
)
PROBLEM: Final = _any(
    PROBLEM_NOUN,
    r"(?:it|this|that) (?:ever )?(?:happened|occurred)",
    r"(?:the|your|our|a) (?:\w+ )?\w+ (?:failed|broke|crashed|leaked|stopped working|went (?:down"
    r"|missing)|(?:was|were|is|being|been|got) (?:late|lost|broken|cancelled|damaged|blocked|wrong"
    r"|stolen|faulty|refused|rejected|declined|denied|delayed|overbooked|closed|mislaid)|did(?:n't"
    r"| not) work)",
    r"went wrong|gone wrong|never (?:came|arrived|worked|turned up)|your \w+ (?:stolen|lost"
    r"|blocked|broken|damaged|cancelled|delayed)|losing (?:your|the|my) \w+",
)
_HANDLED: Final = (
    r"(?:handled|dealt with|resolved|solved|fixed|repaired|sorted(?: out)?|managed|treated"
    r"|put right|looked after|addressed|settled)"
)
_HANDLE: Final = (
    r"(?:handl(?:e|ed|ing)|deal(?:t|ing)? with|resolv(?:e|ed|ing)|solv(?:e|ed|ing)|fix(?:ed|ing)?"
    r"|repair(?:ed|ing)?|sort(?:ed|ing)?(?: out)?|manag(?:e|ed|ing)|put(?:ting)? right"
    r"|look(?:ed|ing)? (?:into|after)|address(?:ed|ing)?|settl(?:e|ed|ing)|report(?:ed|ing)?"
    r"|explain(?:ed|ing)?|tell us about|told us about)"
)
HANDLING: Final = _any(
    r"handl(?:e|ed|ing)|dealt with|deal with|dealing with|resolv(?:e|ed|ing)|resolution|solv(?:e"
    r"|ed)|treated|looked after|repair(?:ed|s)?|get(?:ting)? it (?:fixed|solved|sorted)",
    r"(?:our|the|your|its|their|poor|slow|good|bad) (?:\w+ )?(?:support|customer service|response"
    r"|reply|replies|answers?|assistance|handling|service you|help you|communication|reaction"
    r"|behaviour|apology|after-?care|follow-?up|compensation|call centre|hotline|chat)",
    r"(?:our|its|their) (?:\w+ )?(?:staff|team|work|efforts?|updates|people|actions?|care|help)",
    r"(?:support|service|help|assistance|advice|care) (?:that )?you (?:got|received|were given)",
    r"(?:the|an?|your) (?:staff|agents?|engineer|technician|advis[eo]r)|help ?(?:desk|line)"
    r"|customer care|repair service|(?:wait|waiting)(?: time)? for",
    r"\w+'s (?:response|visit|reaction|handling|reply|answer|treatment|help|work|efforts?)",
    r"how (?!satisfied|happy|annoyed|upset|likely|content|angry|unhappy|pleased|disappointed)\w+"
    r" (?:were|was) (?:we|staff)|how (?:\w+ )?(?:we|our \w+) (?:\w+ )?(?:did|reacted|acted)"
    r"|the (?:time|effort|trouble) (?:it took|we took|you had)",
    r"our (?:\w+ )?(?:lack|want) of \w+",
    r"sort(?:ed|ing)? (?:it|this|that|things?) out|sorted|put (?:it|this|that|things) right"
    r"|made (?:safe|good)|correct(?:ed|ing)? (?:it|this|that)|mend(?:ed|ing)? (?:it|this|that)"
    r"|(?:how|the way) (?:\w+ )?(?:we|our \w+|they|staff|the company) (?:\w+ )?(?:reacted|responded"
    r"|acted|behaved|replied|answered|coped|spoke|communicated|helped|dealt|worked)",
    r"(?:time )?(?:we|it|support) (?:took|take)(?: us)?",
    r"(?:help|helped) you|(?:help|service|welcome|treatment|care) (?:that )?(?:you got"
    r"|(?:at|on|from|by|of) (?:the|our|your) (?:\w+ )?(?:desk|counter|staff|team|crew|phone"
    r"|line|branch))",
)
#: A problem that is only the object or the time of the handling is not rated besides it.
_OBJECT: Final = rf"{_DET} (?:\w+ )?{PROBLEM_NOUN}"
HANDLED_PROBLEM: Final = re.compile(
    rf"\b(?:{_OBJECT} (?:was|were|is|has been|have been|got|be|being) (?:\w+ )?{_HANDLED}"
    rf"|(?:was|is|were|has) {_OBJECT} (?:been )?(?:\w+ )?{_HANDLED}"
    rf"|{_HANDLE} (?:of |with )?(?:the \w+ of )?{_OBJECT}"
    rf"|handling of {_OBJECT}"
    rf"|(?:solution|response|answer|reply|fix|help|support|explanation|repair|handling|service"
    r"|resolution|treatment|management|investigation|correction|processing|removal|clearing"
    r"|information|news|notice|letter|e-?mail|call|visit"
    rf"|assistance|reaction|work|updates?) (?:\w+ ){{0,3}}?"
    rf"(?:to|for|with|on|about|of|during|after|over|regarding) {_OBJECT})\b"
    r"(?! (?:(?:and|or|plus|as well as|together with)\b|(?:that |which )?should ))"
)
#: "This problem with our support" is one thing, and so is "prevented the problem with …".
PROBLEM_WITH: Final = re.compile(
    rf"\b({PROBLEM_NOUN}) with (?:our|the|your|my|better|more|us)\b(?: \w+)?(?! (?:and|or)\b)"
)
PROBLEM_AS_TIME: Final = re.compile(
    rf"\b(?:(?:before|since|during|after|when|while|once) {_OBJECT}"
    rf"(?: (?:occurred|happened|arose|began|started))?)(?! (?:and|or|plus|as well as)\b)"
)
REPAIR_AS_TIME: Final = re.compile(r"\b(?:before|since|after|during) (?:the|our|your) repair\b")
#: In the other half of a joined pair, looser words for the handling and the problem will do.
HANDLING_BESIDE: Final = _any(
    r"we|our|ours|(?:from|of|by|with) us|us (?:to|for|in)|they|staff|support|service|services|help"
    r"|helpers?|handling|solutions?|fix|fixed|repairs?|repaired|replies|reply|replied|answers?"
    r"|answered|response|reaction|information|communication|advice|care|assistance|compensation"
    r"|apology|call-?back|called you|told you|visits?|hotline|help ?line|speed|politeness|kindness"
    r"|friendliness|treatment|efforts?|aftermath|clean-?up|mended|solved|resolved|sorted|refund"
    r"|technicians?|engineers?|plumbers?|agents?|advis[eo]rs?|drivers?|clerks?|nurses?|doctors?"
    r"|process|procedure|first aid|claims|paperwork"
    r"|teams?|crews?|people who|person who|(?:was|were|been|is|got) (?:handled|dealt with|treated)"
    r"|people|counter|front desk|call centre|manager|way you were|how you were"
    r"|you were (?:treated|helped)"
)
PROBLEM_BESIDE: Final = _any(
    r"strikes?|bugs?|went (?:dead|wrong|down|off|missing)|floods?|fire|hacks?|fraud|theft|damage"
    r"|breach(?:es)?|shutdown|closure|recalls?|spills?|hold-?ups?|queues?|backlog|cut|jam|virus"
    r"|fines?|penalt(?:y|ies)|refusals?|rejections?|burst|cracks?|flat|frozen|waste|dirt|noise"
    r"|(?:extra|unfair|surprise|unexplained|hidden|sudden) (?:charges?|fees?|costs?)|fall|slip|loss"
    r"|diagnosis|injury|illness|surcharge|double booking|overbooking|shortfall|mess|trouble"
    r"|stopped (?:working)?|did(?:n't| not) (?:work|come|arrive|start)|was (?:late|wrong|missing"
    r"|broken)"
    r"|(?:first |whole )?thing (?:itself )?(?:happened|broke|failed)|it (?:ever )?(?:broke|failed)"
    r"|the case itself|what happened"
)
PAIR: Final = re.compile(
    r"\b(?:and|or|as well as|plus|along with|together with|not to mention)\b|&"
)
#: How a score is looked at, no problem of the customer's.
SCORE_SEEN_AS: Final = re.compile(
    r"\b(?:counts?|counted|treated|seen|regarded|considered|taken) as (?:an? )?\w+"
)
EXCLUDING: Final = _any(
    r"leaving (?:\w+ )?aside|leave aside|setting aside|putting aside|apart from|aside from"
    r"|other than|thinking (?:only|just|solely)|(?:only|just) thinking|considering (?:only|just)"
    r"|looking (?:only|just)|looking past|regardless of|irrespective of|whatever you think"
    r"|ignoring|not counting|without counting|without thinking|without regard|disregarding"
    r"|separate(?:ly)? from|independent(?:ly)? of|forget about|forgetting|except for|excluding"
    r"|no matter how|not including|rather than"
)

# --- two things in one ---------------------------------------------------------------------------
JOINING: Final = re.compile(
    r"\b(?:and/or|and|or|as well as|plus|along with|together with|not to mention|nor)\b"
    r"|\s&\s|[a-z]/[a-z]"
)
#: Turns of phrase in which and/or joins nothing that is rated.
HARMLESS_JOIN: Final = re.compile(
    r"\b(?:terms and conditions|pros and cons|back and forth|up and running|more or less"
    r"|(?:friends?|family|colleagues?|relatives?|neighbours?) (?:or|and) "
    r"(?:friends?|family|colleagues?|relatives?|neighbours?)"
    r"|again and again|over and over|more and more|less and less|and so on|trial and error"
    r"|safe and sound|by and large|peace and quiet|health and safety|bed and breakfast"
    r"|first and last name|name and address|day (?:and|or) night|now and (?:then|again)"
    r"|every now and then|sooner or later|(?:and|or) nothing else|(?:and|or) not"
    r"|yes or no|whether or not|or not|one or two|two or three|once or twice|one or more"
    r"|two or more|true or false|research and development|to and from|ins and outs"
    r"|agree (?:or|and) disagree|agree nor disagree|(?:or|and) (?:less|more|lower|higher|fewer|over"
    r"|under|above|below|longer|later|earlier)|wear and tear|odds and ends|each and every"
    r"|try and|go and|come and|wait and see|do's and don'ts|black and white|hot and cold"
    r"|satisfied or (?:dis|un)satisfied|(\w+) or (?:un|dis|in|im|ir)\1|good or bad"
    r"|easy or (?:hard|difficult)"
    r"|fast or slow|better or worse|high or low|positive or negative|like or dislike"
    r"|happy or unhappy|strong or weak|long or short|(?:about|just) right or \w+(?: \w+)?)\b"
    r"|\bbetween\b.{1,40}?\band\b|\d+ (?:and|or|to) \d+|\bfrom\b.{1,30}?\bto\b"
)
SCENE: Final = re.compile(
    r"^(?:when|after|before|once|if|while|since|as|now that|because|given that|although|in the"
    r"|over the|during)\b[^,?]*,\s*"
)

# --- loaded or leading ---------------------------------------------------------------------------
LOADED: Final = _any(
    r"amazing(?:ly)?|awesome|excellent(?:ly)?|exceptional|outstanding(?:ly)?|superb(?:ly)?"
    r"|fantastic(?:ally)?|wonderful(?:ly)?|brilliant(?:ly)?"
    r"|incredibl[ey]|extraordinar(?:y|ily)|exciting|excited|thrill|dream|ideal|magic|superior"
    r"|fabulous|marvellous|marvelous|terrific|magnificent|spectacular|stunning"
    r"|remarkable|award-winning|world-class|first-class|first-rate|top-notch|state-of-the-art"
    r"|best-in-class|cutting-edge|unbeatable|unrivalled|generous|dedicated|caring|hard-working"
    r"|hardworking|devoted|passionate|beloved|superior|flawless|legendary|renowned|trusted|famous"
    r"|lovely|splendid|brave|heroic|tireless|stellar|glorious|exquisite|gorgeous|finest|greatest"
    r"|worst|popular|charming|adorable|magical|impeccable|unique|prestigious|acclaimed"
    r"|leading-edge",
    r"(?:our|your|the very) best (?!describes?|fits?|suits?|matches)\w+|best ever|better than ever"
    r"|far better|^how much (?:better|easier|faster) (?:is|are)|so much (?:better|easier"
    r"|faster)",
    r"great(?! deal| extent| britain| many)",
    r"terribl[ey]|horribl[ey]|awful(?:ly)?|dreadful(?:ly)?|outraged?|outrageous(?:ly)?|unacceptable"
    r"|furious|disgusted|appalled|horrified|fed up|disgraceful|shocking|shocked"
    r"|appalling|nightmare|disastrous|ridiculous|disgusting|scandalous|pathetic|inexcusable"
    r"|atrocious|shameful|horrendous|abysmal|hopeless|incompetent|unforgivable|lousy|dismal|stupid"
    r"|silly|idiotic|absurd|foolish|sloppy|shoddy|nasty|rotten|crazy|insane|unbearable|mess|fiasco"
    r"|so-called|chaos|chaotic|rip-?off|scam|joke|ludicrous|laughable|dire|ghastly|hideous"
    r"|miserable|cruel",
    r"loved?|loving|adore|adored|delight(?:ed|ful)|thrilled|thrilling"
    r"|(?<!what did you )enjoy(?:ed)?|impress"
    r"|impressed|impressive|appreciate|appreciated|grateful|thankful|pleasant surprise"
    r"|pleasantly surprised|blown away|thanks to (?:our|us)"
    r"|admire|admired|cherish|treasure|fond of|(?<!what do you )hate|hated|despise|loathe|detest",
    r"(?:good|kind|nice|generous|decent|great) (?:was|is) it of (?:us|them|him|her)",
    r"(?:only )?(?:a|this|our|the) (?:small|tiny|minor|rare|slight|little) "
    r"(?:problem|fault|issue|mistake|error|delay|slip|hiccup|glitch|inconvenience)",
    r"(?:our|such an?|this|these|their) (?:\w+ and |new |very )?(?:fast|quick|speedy|prompt|slow"
    r"|friendly|helpful|unhelpful|polite|rude|professional|skilled|expert|reliable|simple|easy"
    r"|convenient|fair|unfair|attractive|low|modern|innovative|efficient|smart|careful|swift"
    r"|smooth|seamless|kind|improved|poor|bad|lazy|greedy|careless|super|handy|clever|great|nice)"
    r"(?: and \w+)? (?!to\b|for\b|that\b|on\b|with\b|about\b|in\b)\w+",
)
SUGGESTING: Final = _any(
    r"(?:don't|do not|wouldn't|would not|won't|didn't|shouldn't|can't) you (?:\w+ )?"
    r"(?:think|agree|say|find|feel|believe|admit|like|prefer)",
    r"would you not (?:say|agree|admit|think)|simply the best|the best\?|would you admit"
    r"|can we agree|you (?:must|will) "
    r"(?:have |surely )?(?:liked?|loved?|agree|admit|noticed|feel|find|found|know)",
    r"(?:like )?most (?:of (?:our|your)|customers|people|users|clients|guests|others)"
    r"|many (?:customers|people|users|clients)"
    r" (?:are|say|think|find|love|like)|everyone|everybody|every customer",
    r"(?:other|our|\d+ ?%? (?:of )?(?:our )?) ?(?:customers|users|clients) (?:say|think|tell|love"
    r"|like)",
    r"^(?:is|are|was|were|do|did) .{1,40} not (?:simply|just|clearly|really|truly|far|much)"
    r"|(?<!did )we (?:really |deeply |truly |always )?(?:care|love|value)|^(?:would|wo|is)n't it"
    r"|(?:customers|clients|users|guests|people|others|they) (?:all )?(?:say|tell us|love|agree)"
    r"|(?<!far )as you (?:\w+ )?know|you know (?:how|that)|(?:valued|loyal|good"
    r"|special) (?:customer|client|member|guest)"
    r"s?|(?:isn't|aren't|wasn't|shouldn't|couldn't) .{0,40}\b(?:better|easier|faster|cheaper|more"
    r"|much|should)"
    r"|^should(?:n't| not)|(?:experts|tests|studies|reviews) (?:say|show|agree|prove)|as everyone"
    r"|of course|obviously|surely|naturally|undoubtedly|certainly"
    r"|no doubt|without doubt|needless to say|admittedly|hopefully|fortunately|unfortunately"
    r"|thankfully|luckily|we(?:'re| are) (?:very |so )?(?:proud|sure|confident|certain|known for)"
    r"|we (?:did|do) well|we pride|we trust|we hope|we believe|proud(?:ly)? (?:of|to)"
    r"|experts (?:say|agree)|it is (?:well )?known",
    r"work(?:ed|ing|s)? (?:\w+ )?(?:hard|night|round the clock|tirelessly|day and night)|(?:try"
    r"|tried|do|did|trying|doing) (?:our|their|his|her) (?:very )?best|our best|best efforts"
    r"|do you also|^how (?:pleased|glad) (?:are|were) you that we|^(?:is"
    r"|was) it (?:un)?fair that"
    r"|extra mile|hard work|worked (?:so |very )?hard|mistakes happen|makes mistakes"
    r"|nobody is perfect"
    r"|no effort spared|spared no|in (?:record time|no time)|should (?:never|not) have (?:happened"
    r"|occurred|been)|help us (?:to )?(?:keep|stay|win|get|earn|reach|remain)|our experts",
    r"so (?:quickly|fast|well|easily|promptly|smoothly|kindly)|too (?:slowly|expensive)",
)
TAG_QUESTION: Final = re.compile(
    r",\s*(?:isn't|aren't|wasn't|weren't|don't|doesn't|didn't|won't|wouldn't|haven't|hasn't|can't"
    r"|couldn't|right|correct|is|are|was|did|do|would|will)\b(?:\s(?:it|you|we|they|he|she|that))?"
    r"(?:\snot)?\s*\?"
)

# --- agree–disagree ------------------------------------------------------------------------------
AGREEING: Final = re.compile(
    r"(?<!we )(?<!they )(?<!both )\b(?:dis)?agree\b(?! (?:on a|on the|a date|a time|a price)\b)"
    r"|\b(?:level|degree|extent|strength) of (?:dis)?agreement\b"
    r"|\b(?:rate|indicate|state|mark|give|choose|your|show"
    r"|express)(?: us)?(?: your)? (?:dis)?agreement(?! number)\b"
    r"|\bin (?:dis)?agreement\b|\b(?:true or false"
    r"|(?:is|holds?|rings?) (?:this )?true (?:for|of) you)\b"
    r"|\b(?:following|this|each|these) (?:statements?|sentences?|claims?)\b"
)
AGREEING_LABEL: Final = re.compile(r"\b(?:dis)?agree(?:s|ment)?\b|\bstrongly (?:true|false)\b")

# --- negation ------------------------------------------------------------------------------------
NEGATION: Final = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|nowhere|neither|nor|cannot|untrue)\b|n't\b"
    r"|\b(?:fail|fails|failed|failing) to\b|\b(?:barely|scarcely|hardly)\b(?! ever)"
)
HARMLESS_NEGATION: Final = re.compile(
    r"\b(?:whether or not|or not|not to mention|if not|not counting|not including|no matter"
    r"|no doubt|not at all to|and nothing else|and not|but not|nothing but|no\. ?\d+|not only"
    r"|not just|why not|no one's fault|at no (?:cost|charge|extra cost|time)|free of charge)\b"
)

# --- presupposition ------------------------------------------------------------------------------
_PERSON: Final = (
    r"(?:person|people|agents?|advis[eo]rs?|technicians?|engineers?|fitters?|drivers?|clerks?"
    r"|nurses?|doctors?|operators?|representatives?|reps?|staff members?|employees?|supervisors?"
    r"|mechanics?|installers?|plumbers?|electricians?|couriers?|consultants?|chatbots?|bots?"
    r"|vets?|guides?(?= (?:who|was|did|treat|show|led|sp))|managers?|chefs?|dentists?|surgeons?"
    r"|gardeners?"
    r"|coach(?:es)?|tutors?|pilots?|captains?|ushers?|hairdressers?|barbers?|librarians?|carers?"
    r"|paramedics?|midwi(?:fe|ves)|translators?|interpreters?|notary|judges?|secretar(?:y|ies)"
    r"|wardens?|caretakers?|janitors?|surveyors?|architects?|carpenters?|roofers?|locksmiths?"
    r"|concierges?|housekeepers?|maids?|baristas?|bartenders?|police(?:man|woman)|fire(?:man"
    r"|fighter)s?"
    r"|receptionists?|cashiers?|tellers?|case ?workers?|officers?|colleagues?|specialists?"
    r"|team leaders?|post(?:man|woman)|builders?|assistants?|inspectors?|crews?|sales(?:man"
    r"|person|woman)"
    r"|experts?|guards?|waiters?|waitress|porters?|pharmacists?|conductors?|stewards?|hosts?"
    r"|attendants?"
    r"|teachers?|trainers?|lawyers?|brokers?|planners?|cleaners?|painters?|movers?|dispatchers?"
    r"|(?:man|woman|lady|gentleman|guy|girl|boy) (?:at|on|in|from|behind))"
)
_GIVEN: Final = (
    r"(?:refunds?|replacements?|call-?backs?|vouchers?|credits?|compensation(?! \w+s\b)"
    r"|apolog(?:y|ies)|letter|e-?mail|texts?|text messages?|newsletters?|visits?|chats?|hold music"
    r"|hotlines?|phone calls?|queues?|waiting rooms?|gifts?|discounts?|goodwill gesture|loan (?:car"
    r"|device)|meals?|breakfast|lunch|dinner|snacks?"
    r"|brochures?|leaflets?|follow-?ups?|second (?:repair|visit|delivery|call|attempt)"
    r"|home visits?|branch(?:es)?|payouts?|quotes?|estimates?|upgrades?)"
)
_HARMLESS_OBJECT: Final = (
    r"(?:help|answers?|support|service|solution|response|information|results?|outcome|time|day|date"
    r"|price|way|reasons?|treatment|advice|care)"
)
PRESUPPOSING: Final = _any(
    rf"(?:the|your|our|his|her|their) (?:[a-z-]+ ){{0,2}}?{_PERSON}(?:'s)?(?! (?:tips|advice"
    rf"|portal|guide))",
    rf"(?:the|your|our) (?:\w+ )?{_GIVEN}"
    r"(?! (?:process|policy|form|rules?|page|terms|button|code|number|system))",
    r"(?:the|your|our) (?:\w+ )?(?!" + _HARMLESS_OBJECT + r"\b)\w+ (?:that |which )?"
    r"(?:you (?:received|got|were (?:given|offered|sent|paid)|asked for|requested|spoke)"
    r"|we (?:sent|paid|booked|gave|offered|lent|delivered|arranged))",
    r"your (?:first |last )?calls? (?:with|to|from)|on hold|(?:person|people|one|man"
    r"|woman) who (?:helped|visited|served|answered|called)",
    r"(?:the|our) \w+ who (?:\w+ed|led|came|took|gave|spoke|met|did|sold)",
    r"(?:when|after|before|while) you (?:called|phoned|rang|visited|chatted|spoke|talked"
    r"|complained|returned|queued|came|moved|switched)",
    r"(?:to be|being|were) (?:transferred|put on hold|passed (?:on|around)|kept waiting)"
    r"|kept you waiting|made you wait|(?:did you )?(?:have|had) to (?:queue|wait (?:in|on)|stand)",
    r"your (?:disappointment|anger|frustration|dissatisfaction|bad experience|complaint about)"
    r"|why (?:did|do|were|are|have|would|was|is|has) your?\b(?! (?:think|feel|believe|say))"
    r"|what (?:did|do) you (?:dislike|like|hate|enjoy|love)"
    r"|(?:have you|did you) (?:stopp?ed|quit|given up|stop|give up)|how did you (?:spend|use)"
    r"|put you off|you (?:first|last) complained?|did you last complain|^now that the|^why (?:did"
    r"|do|were|are|have|was|is|has) (?:we|our)\b|let you down"
    r"|(?:got|get|getting) over (?:the|your)|(?:after|since) your (?:complaint|call|claim|request)"
    r"|what (?:annoyed|angered|upset|bothered) you|what made you (?:so|feel|leave|cancel|stop|angry"
    r"|unhappy|switch|choose)|who (?:kept|made|ignored|blocked)"
    r"|to complain about us|(?:use|using) our (?:\w+ )?(?:app|website|portal|chat|hotline|kiosk)"
    r"|(?:the|your) return of",
)
CONDITIONAL: Final = re.compile(
    r"^(?:if|where|in case)\b|, if (?:any|you|there|so)\b|\bif any\b|\bif you (?:had|got|used"
    r"|spoke)\b"
)

#: Whether there was one is the very question, or nought is an answer.
ASKS_WHETHER: Final = re.compile(
    r"^(?:has|have|did|was|were) (?:the|your|our) [\w ]+? (?:reach|arriv|come\b|been (?:paid|sent))"
    r"|^(?:do|did|have) you (?:\w+ )?used? |^(?:\w+ )?how many\b"
    r"|\b(?:describes?|reasons? for|purpose of|day of|date of) your (?:\w+ )?visit"
)

# --- vague frequency -----------------------------------------------------------------------------
VAGUE_FREQUENCY: Final = re.compile(
    r"(?<!how )(?<!as )\b(?:often|frequently)\b"
    r"|\b(?:frequent(?! flyer)|regular(?:ly)?(?! price| customer| mail| size| hours)|sometimes"
    r"|occasional(?:ly)?|rarely|seldom|usual(?:ly)?|normally|generally|in general|typically|mostly"
    r"|commonly|repeatedly|constantly|continually|habitually|hardly ever|almost (?:never|always)"
    r"|(?:every )?now and (?:then|again)|from time to time|once in a while|at times|every so often"
    r"|(?<!how )(?:many|several|a few|various|multiple|numerous|countless) (?:times|occasions)"
    r"|(?:most|much|some) of the time|as a rule|more often than not|on occasion|in most cases"
    r"|(?:visit|use|call|contact|shop|write|buy|fly|travel|phone|ring|drive"
    r"|complain) ?(?:\w+ ){0,3}a lot"
    r"|(?:several|numerous|countless) (?:problems|issues|faults|errors|calls|letters|attempts)"
    r"|a number of times|a lot of times|time and again|all the time|lately|of late)\b"
)
VAGUE_LABEL: Final = re.compile(
    r"\b(?:rarely|seldom|sometimes|often|frequently|occasionally|usually|regularly|hardly ever"
    r"|almost (?:never|always)|once in a while|all the time|always|now and then"
    r"|from time to time)\b"
)

# --- pleading for a score ------------------------------------------------------------------------
_NUMBER: Final = r"(?:\d{1,2}|five|nine|ten|six|seven)"
#: A number is a count, and no score, before these words or any other plural.
_COUNTED: Final = (
    r"(?!\s*(?:o'clock|[ap]m\b|%|percent|per cent|people|euros?|dollars?|pounds?|more\b|other\b"
    r"|different|new|full|working|business|long|whole|hundred|thousand|million|years?|months?"
    r"|weeks?|days?|hours?|minutes?))"
    r"(?!\s+(?!stars|is\b|as\b|was\b|counts|hurts|means|helps|keeps|looks|makes|goes|this|us\b)"
    r"\w+s\b)"
)
SCALE_NAMED: Final = re.compile(r"\b(?:scale|range) (?:of|from)? ?\d+ (?:to|-|–) \d+")
SCORE: Final = re.compile(
    r"(?<!within )(?<!between )(?<!in )(?<!after )(?<!past )(?<!last )(?<!next )(?<!every )(?<!at )"
    rf"(?<!about )(?<!part )(?<!page )(?<!of the )(?<!line )\b{_NUMBER}s?\b{_COUNTED}"
    rf"|\b{_NUMBER}[- ]stars?\b|\b{_NUMBER} out of {_NUMBER}\b|\b{_NUMBER}/{_NUMBER}\b"
    r"|\b(?:top|highest|perfect|full|best|maximum|max) (?:scores?|marks?|ratings?|box|points?"
    r"|grades?)\b"
    r"|\b(?:less|lower|other|worse|short) (?:than|of) (?:an? )?(?:excellent|perfect|very satisfied"
    r"|outstanding|great|top)\b"
    r"|[\"“'](?:very|extremely|completely) (?:satisfied|good|well|likely|happy)"
)
PRESSING: Final = re.compile(
    r"\b(?:pass(?:es|ed|ing)?|fail(?:s|ed|ure|ing)?|counts?|counted|count on|bonus(?:es)?|salary"
    r"|needs?|required?|deserves?|deserved?|earn(?:s|ed)?|giv(?:e|es|ing)|worth|hurts?|harms?"
    r"|(?:is|are|gets?) paid|jobs? depends?|treated as|seen as|regarded as|considered|negative"
    r"|only (?:sees?|looks? at|accepts?)|keeps? (?:us|me)|stop(?:s|ped) you|prevent(?:s|ed)? you"
    r"|kept you|held you back|depends?"
    r"|please (?:\w+ ){0,4}?(?:select|score|choose|tick|mark|rate|give|click|leave)|if you choose"
    r"|(?:select|score|choose|tick|mark|rate|leave) (?:us|me|him|her|them)|target|aim|strive"
    r"|(?:the )?only (?:good|acceptable|positive|thing)|means? (?:that )?(?:we|i|our)|will do"
    r"|(?:only |our )?goal|prize|acceptable|unacceptable|would mean|looking for|hop(?:e|ing) for"
    r"|punish(?:es|ed)?|succeed"
    r"|(?:not|n't) (?:good )?enough|look(?:s)? (?:fine|good)|helps? (?:us|me|our)|supports? us"
    r"|nothing (?:but|less)|short of|enough to get|reason (?:why )?"
    r"you (?:would|did|could)|lets? (?:you|us) down|matters? to (?:us|me)|makes? (?:our|my) day)\b"
)
