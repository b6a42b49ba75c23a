"""Words that carry grammar and no matter, in the languages that surveys are asked in.

A cause whose customers write "then" and "until" more often than others is no wiser for knowing it.
Negations are kept: "not" and "never" do say something about a cause.
"""

from typing import Final

_ENGLISH: Final = """
a about after again all also am an and any are as at be because been before being both but by can
could did do does doing done for from get gets getting go goes going got had has have having he her
here him his how i if in into is it its just let like made make makes may me might more most much my
of on once only or other our out over own put same say says she should so some such than that the
their them then there these they this those through to too under until up us very was we were what
when where which while who why will with would you your said
"""
_GERMAN: Final = """
aber alle als am an auch auf aus bei bis da damit dann das dass dem den der des die dies diese
dieser dieses doch durch ein eine einem einen einer eines er es für gegen hab habe haben hat hatte
hier hinter ich ihm ihn ihr ihre im in ist ja kann mal man mein meine mich mir mit nach noch nun nur
ob oder ohne sehr sein seine seit sich sie sind so um und uns unser unsere unter vom von vor war
waren was weil wenn wer werden wie wir wird wo worden wurde zu zum zur über
"""
_FRENCH: Final = """
a afin ai alors après au aussi autre aux avait avant avec avez avoir avons c ce cela ces cet cette
chez comme d dans de depuis des donc du elle elles en encore est et eu eux fait fois il ils j je l
la le les leur leurs lui là m ma mais me mes moi mon même n ne nos notre nous on ont ou où par
parce pendant peut plus pour puis qu quand que quel quelle qui s sa sans se ses si son sont sous sur
t ta te tes toi ton tous tout toute toutes tu un une vos votre vous y à été était être
"""
_SPANISH: Final = """
a al algo antes aquí así aún con como cual cuando de del desde donde dos durante e el ella ellas
ellos en entre era eran es esa ese eso esta estaba estar este esto está están fue fueron ha haber
había hace hacer han hasta hay he la las le les lo los luego me mi mis mucho muy más mí nos nosotros
o otra otro para pero por porque que quien qué se ser si sin sobre son su sus sí también te tener
tengo ti tiene todo todos tu un una uno unos usted y ya yo
"""
_PORTUGUESE: Final = """
a ao aos aquela aquele aqui as até com como da das de dela dele depois do dos e ela elas ele eles em
entre era eram essa esse esta estar estava este está estão eu foi foram fui há isso isto já la lhe
mais mas me meu meus minha muito na nas nem no nos nossa nosso nós num numa o onde os ou para pela
pelas pelo pelos por porque quando que quem se sem ser seu seus sobre sua suas são só também te tem
tenho ter teu tinha todo todos tu tua um uma você vocês às à é
"""
_ARABIC: Final = """
أن أنا أنت أو أي إذا إلى إن إنه التي الذي الذين بعد بين تم ثم حتى حيث ذلك عن عند على عليه في فيه
فيها قبل قد كان كانت كل كما كنت لأن لكن لها لهم له ما مع من منه منها هذا هذه هل هم هو هي و
يكون كيف متى
"""
FUNCTION_WORDS: Final = frozenset(
    " ".join((_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _PORTUGUESE, _ARABIC)).split()
)
