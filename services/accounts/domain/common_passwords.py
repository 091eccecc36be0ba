"""Passwords long enough for the rule and known to everybody; compared without case.

A small list of our own, French and English: what lists of leaked passwords have at the top, made twelve
characters long in the usual ways, and the words of this service.
"""

_TEXT = """
    000000000000 010203040506 01020304050607 0123456789ab 102030405060 111111111111 112233445566
    11223344556677 121212121212 123123123123 123412341234 123456123456 123456654321 1234567890ab
    1234567890abc 1234567890azerty 1234567891011 12345678910111 123456789123 1234567891234 123456789abc
    123456789azerty 123456abcdef 123456azerty 12345azerty12 123qweasdzxc 147258369147 147852369147
    159357159357 159753159753 1a2z3e4r5t6y 1a2z3e4r5t6y7u 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1q2w3e4r5t6y7u8i
    1qaz2wsx3edc 1qaz2wsx3edc4rfv 789456123000 789456123789 987654321987 a1b2c3d4e5f6 a1b2c3d4e5f6g7
    abc123abc123 abcd1234abcd abcdef123456 abracadabra1 abracadabra12 admin1234567 administrateur
    administrateur1 administration administrator administrator1 alexandre123 alexandre1234 allezlesbleus
    allezlesverts allezlom13013 anniversaire anniversaire1 anticonstitutionnellement aqwzsxedc123
    aqwzsxedcrfv asd123asd123 azerty123456 azerty1234567 azerty12345678 azerty123456789 azertyazerty
    azertyqsdfgh azertyqsdfghwxcvbn azertyuiop12 azertyuiop123 baccalaureat baccalaureat2020
    baccalaureat2021 baccalauréat bacpro20202021 bacprofessionnel basketball12 basketball123 batman123456
    bonjour12345 bonjour123456 bonjourbonjour bonjourmonsieur bonjourtoutlemonde callofduty123
    candidatindividuel candidatlibre candidatlibre2021 changeme1234 changemeplease chocolat1234
    chocolatchocolat chouchouchouchou christophe12 christophe123 computer1234 correcthorsebatterystaple
    coucou123456 coucoucoucou counterstrike cristiano123 cristianoronaldo doudou123456 doudoudoudou
    dragondragon educationnationale facebook1234 facebook12345 football1234 fortnite1234 google123456
    iloveyou1234 iloveyou123456 iloveyou2020 iloveyouforever iloveyouiloveyou iloveyousomuch
    inscription2020 inscription2021 instagram123 instagram1234 internet1234 jesuisbelle13
    jesuislaplusbelle jesuislemeilleur jetaimefort13 jetaimejetaime jetaimejetaime1 jetaimemonamour
    jetaimepourlavie jetaimetrop13 jtaimejtaime kylianmbappe leagueoflegends lemotdepasse letmeinletmein
    liberteegalitefraternite libertéégalitéfraternité lionelmessi10 liverpool123 loulou123456 loulouloulou
    manchester123 marguerite12 marseille123 marseille13000 marseille1313 michaeljordan minecraft123
    minecraft1234 monkeymonkey monmotdepasse monmotdepasse1 motdepasse12 motdepasse123 motdepasse1234
    motdepasse2020 motdepasse2021 motdepassemotdepasse motorola1234 mypassword123 nicolas12345
    olympiquedemarseille olympiquelyonnais p@ssw0rd1234 p@ssword1234 papillon1234 papillonpapillon
    parissaintgermain parissaintgermain75 passw0rd1234 password!123 password1234 password12345
    password123456 password2020 password2021 passwordpassword playstation1 playstation3 playstation4
    playstation5 pokemon12345 pokemonpokemon princess1234 princesse123 princesse1234 qazwsxedc123
    qazwsxedcrfv qsdfghjklm123 qwe123qwe123 qwerty123456 qwerty1234567 qwerty12345678 qwerty123456789
    qwertyasdfgh qwertyasdfghzxcvbn qwertyqwerty qwertyuiop12 qwertyuiop123 rectorat2020 rootrootroot
    samsung12345 saperlipopette secretsecret snapchat1234 soleilsoleil starwars1234 stephanie123
    sunshine1234 superadmin123 supercalifragilisticexpialidocious superman1234 test12345678 testtest1234
    testtesttest topsecret123 tournesol123 toutvabienmerci trustno1trustno1 vivelafrance vivelavie123
    vivelesvacances votremotdepasse welcome12345 welcome123456 whatever1234 zaq12wsxcde3 zidane101998
    zinedinezidane
"""

COMMON = frozenset(_TEXT.split())
