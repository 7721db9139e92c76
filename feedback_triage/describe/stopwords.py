"""Words that carry no topic, for the languages that feedback most often comes in."""

_ENGLISH = """
a about above after again all also am an and any are as at be because been before being below between both
but by came can come could did do does doing done down during each else even ever every few for from further
get gets getting give go goes going gone got had has have having he hello help her here hers hey hi him
his how i if in into is it its itself just keep know let like ll look looks lot made make many may maybe me
might more most much must my need never new no nor not now of off ok okay on once one only or other our ours
out over own please put re really s same say see seem seems she should since so some still such sure t take
tell thank thanks than that the their theirs them then there these they thing things this those though
through to too try trying under until us use used using ve very via want was way we well went were what
when where which while who why will with without would yes yet you your yours i'm i've i'd i'll it's that's
there's what's you're you've we're we've they're let's im ive dont doesnt didnt cant wont isnt wasnt u ur
pls plz thx anyone someone something anything everything nothing u.s. etc able actually already always
another around away back bit today day days time times one two three four five sometimes often usually recently
lately currently finally
probably basically literally constantly suddenly ago seeing seen looking trying tried tries wanna gonna hey hope
think thought guess little big far else yesterday instead
shit shitty fuck fucking fucked wtf damn ass bitch idiot idiots stupid dumb crappy moron morons sucky hell lousy omg lol
 along without half hi dear regards sincerely
"""

_FRENCH = """
a ai ainsi alors au aucun aussi autre aux avant avec avoir bon bonjour c ca car ce cela ces cet cette ceux
chaque ci comme comment d dans de des depuis donc dont du elle elles en encore est et etait etre eu fait
faire faut ici il ils j je jamais juste l la le les leur lui là m ma mais me mes moi mon même n ne ni nos
notre nous on ont ou où par parce pas peu peut plus plusieurs pour pourquoi qu quand que quel quelle qui
quoi rien s sa sans se sera ses si son sont sous sur t ta te tes toi ton toujours tous tout toute toutes
très trop tu un une va vers vos votre vous y à ça été être était merci svp fois bien vraiment après avez
suis ceci déjà
"""

_GERMAN = """
aber alle allem allen alles als also am an ander auch auf aus bei beim bin bis bist bitte da damit danke
dann das dass dein dem den der des dich die dies diese diesem diesen dieser dieses doch dort du durch ein
eine einem einen einer eines er es etwas euch euer für gegen gut hab habe haben hallo hat hatte hier ich ihm
ihn ihnen ihr ihre im immer in ins ist ja jede jeder jetzt kann kein keine können lassen leider man mal mehr
mein meine meinem meinen meiner mich mir mit muss nach nicht nichts noch nun nur ob oder ohne schon sehr
sein seine seit sich sie sind so soll sondern über um und uns unser unter viel vom von vor war was weil
weiter wenn wer werden wie wieder will wir wird wo würde zu zum zur zwar
"""

_SPANISH = """
a al algo ante antes aquí así aun aunque bien buen bueno cada como cómo con cual cuando de del desde donde
dos e el él ella ellas ellos en entre era es esa ese eso esta está estaba estas este esto estos estoy fue ha
hace hacer han hasta hay he hola la las le les lo los más me mi mis muy nada ni no nos nosotros o os otra
otro para pero poco por porque puede puedo pues que qué quien se sea ser si sí siempre sin sobre solo son
soy su sus también tan te tener tengo tiene todo todos tu tus un una uno unos usted y ya yo gracias favor
"""

_OTHERS = """
ao aos as às com como da das dela dele do dos ela ele em essa esse esta este eu foi isso isto já mais mas
meu minha muito na nas não nem no nos num numa os ou para pela pelo por quando que quem são se sem ser seu
só sua também tem tudo um uma você vocês obrigado agli ai alla alle allo anche ancora che chi ci col come
con cosa dal dalla degli dei del della delle di dove ed era gli hanno ho il io lei loro lui ma mia mio ne
nel nella nelle noi non nostro per perché però più quella quello questa questo qui sei sempre senza si sia
sono sta sul sulla suo ti tra tutti tutto un una uno voi grazie aan al als bij dan dat de der deze die dit
doen door dus een en er ge geen haar had heb hebben heeft heel hem het hier hij hoe hun iets ik in is je kan
kon kunnen maar me meer met mij mijn moet naar niet nog nu of om omdat ons ook op over te toch tot u uit uw
van veel voor waar was wat we wel werd wij worden wordt zal ze zich zijn zo zonder bo był być co czy dla gdy
go i ich jak jako jest już juz mam mi mnie może nie niż o od po przez przy są się sie ta tak tego tej ten to
tu tylko w więc z za że
"""

ENGLISH_STOP_WORDS: frozenset[str] = frozenset(_ENGLISH.split())
"""Casefolded function words and empty words of English."""

STOP_WORDS: frozenset[str] = frozenset(f"{_ENGLISH} {_FRENCH} {_GERMAN} {_SPANISH} {_OTHERS}".split())
"""Casefolded function words and empty words of English, French, German, Spanish, Portuguese, Italian, Dutch
and Polish."""

_NEGATIONS = """
not no never cannot can't cant don't dont doesn't doesnt didn't didnt won't wont isn't isnt aren't wasn't
wasnt hasn't haven't couldn't unable without pas plus sans kein keine nicht ohne nie sin não sem non senza
niet geen brak
"""

NEGATIONS: frozenset[str] = frozenset(_NEGATIONS.split())
"""Words that turn the meaning round: a phrase may begin with one, but none is a topic."""

_WEAK = """
good great awesome amazing excellent nice perfect fantastic brilliant wonderful cool super superb lovely love
loved like liked best better bad worst worse terrible horrible awful useless crap garbage trash suck sucks
hate hated annoying happy satisfied disappointed disappointing frustrating sad ok poor fine pretty absolutely
overall bien super génial top excellent parfait gut toll schlecht bueno excelente malo fix fixed issue issues
problem problems new old latest last recent week weeks month months year years hour hours minute minutes
morning afternoon evening night everyday daily stop stopped start started work works working
"""

WEAK_WORDS: frozenset[str] = frozenset(_WEAK.split())
"""Words of rating, of time and of plain complaint: they can name a cluster that says nothing else, and hardly tell one
that does."""

_DETERMINERS = """
a an the my your our their his her its this these those each every any some no of le la les un une des mon ma
mes der die das den dem ein eine mein meine el los las mi mis os um uma il lo gli mio mia de het een
"""

DETERMINERS: frozenset[str] = frozenset(_DETERMINERS.split())
"""Words that a noun follows; at the end of a phrase they show that something is missing."""

OBJECTS: frozenset[str] = frozenset({"me", "us", "him", "them", "it", "you", "myself"})
"""Pronouns that stand for what a verb acts on."""

PARTICLES: frozenset[str] = frozenset({"up", "out", "off", "down", "back", "twice", "again"})
"""Words that complete a verb ("top up", "log out"): a phrase may end with one, but none is a topic."""

INFINITIVES: frozenset[str] = frozenset({"use", "see"})
"""Verbs that say nothing alone and complete a phrase after "to" ("easy to use")."""

PHRASAL_VERBS: frozenset[str] = frozenset({"log", "logg", "sign", "turn", "switch", "plug", "check"})
"""Stems of verbs that "in" or "on" completes."""
