// Words that hateful speech is made of, by the part they play. Entries are beginnings of words (`disgust` also stands for
// "disgusting") unless they end in `$`; a phrase has spaces. The list of slurs is short on purpose: the model learns the rest.

/** Parts a word can play, in the order of the features. */
export const PARTS = [
  'group',
  'slur',
  'bad',
  'hate',
  'threat',
  'exclude',
  'good',
  'negation',
  'counter',
  'profanity',
  'person',
  'other',
  'we',
  'should',
] as const;
export type Part = (typeof PARTS)[number];

const list = (words: string): readonly string[] => words.split(/,\s*/);

/** What each part's words are. */
export const LEXICON: Readonly<Record<Part, readonly string[]>> = {
  group: list(
    'gay$, gays$, lesbian, homosexual, queer, bisexual, lgbt, trans$, transgender, transsexual, transwom, woman$, women$, womn$, girl$, girls$, female, ' +
      'man$, men$, male$, males$, black$, blacks$, white$, whites$, asian, latin, hispanic, arab, african, mexican, chinese, indian, jew$, jews$, jewish, ' +
      'muslim, islam, christian, catholic, hindu, sikh, buddhist, atheist, immigrant, migrant, refugee, foreigner, asylum, disabled, disabilit, handicapped, ' +
      'autis, deaf$, blind$, wheelchair, down syndrome, roma$, gypsy, gypsies, native american, aborigin, minorit, elderly, old people, homeless, poor people, ' +
      'russian, ukrainian, polish, pakistani, nigerian, turk$, turks$, turkish, kurd, palestinian, israeli',
  ),
  slur: list(
    'nigger, nigga, negro, fag$, faggot, fags$, dyke, tranny, trannies, kike, chink, gook, spic$, wetback, paki$, raghead, towelhead, retard, spastic, cripple, mongoloid, ' +
      'bitch, cunt, whore, slut, hoe$, hoes$, skank, shemale, coon$, jungle bunny, wop$, sandnigger, camel, muzzie, muzrat, ape$, apes$, savage, illegals, white trash, redneck',
  ),
  bad: list(
    'disgust, dumb, stupid, idiot, moron, vile, scum, vermin, parasit, cockroach, pig$, pigs$, animal, subhuman, inhuman, worthless, inferior, evil, dirty, filth, trash, garbage, rat$, rats$, ' +
      'disease, plague, cancer, criminal, rapist, terroris, liar, weak, disgrace, ugly, toxic, shit, repuls, revolting, insect, dog$, dogs$, monkey, leech, ' +
      'tumor, virus, rotten, horrible, awful, terrible, nasty, pathetic, useless, lazy, dangerous, violent, abnormal, unnatural, freak, mental, sick$, gross, ' +
      'abomination, demon, devil, monster, greedy, cheat, thief, thieves, thugs, corrupt, immoral, perver, pedo, crap, bastard, asshole, dickhead, arse, wors, lowest, plebs, imbecile, ' +
      'deviant, mistake, problem, burden, threat, barbar, primitive, backward, uncivili, mongrel, mindless, insane, deranged, lesser, nothing, bloodsuck, brainless, sinner',
  ),
  hate: list(
    "hate, hating, hatred, despise, loathe, detest, can't stand, cant stand, can not stand, cannot stand, can't bear, abhor, resent, dislike, fed up, sick of, tired of, disgusted, repulsed, infuriat, makes me angry, want to vomit, fuck, fuk, dread, angry, makes my blood",
  ),
  threat: list(
    'kill, shoot, shot, hang, burn, extermin, wipe$, wiped, eradicat, eliminat, die$, dies$, dying, death, dead$, beat$, beaten, punch, smash, gas$, gassed, lynch, stab, attack, destroy, murder, execut, slaughter, strangle, ' +
      'rape, raped, hurt, hit$, slap, kick$, stone$, stoned, cleans, put down, get rid, tortur, choke, bomb, blow up, run over, hunt, harm, punish, behead, crush, drown, poison, castrat, steril, rot$, rot in, come for you, find you',
  ),
  exclude: list(
    "no place, not belong, n't belong, belong in, go back, get out, out of, kick out, kicked out, ban$, banned, deport, not deserve, n't deserve, no right, not be allowed, not allowed, n't be allowed, take over, taking over, invad, replac, " +
      'steal, ruin, lock, locked, jail, prison, prohibit, illegal, cages, cage$, lives matter less, less than, worth less, worth absolutely, mean nothing, second class, obey, kitchen, property, control, submit, segregat, subordinat, silenc, infest, too many, ' +
      'stay away, keep away, not human, n t human, not people, real human, stop coming, tak our, our jobs, our countr, our land, behind bars',
  ),
  good: list(
    'love$, loves$, loved, loving, great$, wonderful, amazing, admire, respect, gorgeous, beautiful, equal, proud, pride, value, inspir, brilliant, lovely, cute, smart, fantastic, awesome, kind$, friend, ' +
      'support, help, happy, deserve, thrive, rights, welcome, celebrat, contribut, strong, brave, incredible, excellent, perfect, nice$, good$, best$, best thing, like$, cherish, embrac, enrich, precious, human being, safe$, human rights, prosper, smile, treasure, hero, legend, talent, important',
  ),
  negation: list(
    "no$, not$, never, n't, nt$, nobody, no one, none, nothing, without, cannot, cant$, dont$, don, doesnt, isnt, arent, wont$, wouldnt, shouldnt, hardly, neither, nor$, refuse",
  ),
  counter: list(
    '", “, ”, said, say$, says, saying, call$, calling, called, wrote, written, writing, claim, bigot, racis, sexis, homophob, transphob, islamophob, xenophob, misogyn, ableis, prejudic, discriminat, unacceptable, not okay, not ok, offensive, outrag, ashamed, shame, ' +
      "stop$, wrong, sentence, statement, phrase, quote, comment, tweet, post$, joke, attitude, language, behaviour, behavior, stereotyp, speech, you know nothing, idiot for, such as, things like, words like, telling, told, never say, using the, term, i'm fine with, reclaim, as a, i am, i'm, im$, my ",
  ),
  profanity: list(
    'fuck, fuk, shit, damn, crap, hell$, bloody, bullshit, goddamn, ass$, arse, bastard, wtf, piss, motherfuck, dick, cock$, bollock, suck, freaking, frigging, twat, wank, jerk',
  ),
  person: list("you$, you're, your$, youre, u$, yall, y'all, he$, she$, him$, her$"),
  other: list(
    'cow$, cows$, fly$, flies$, food, book, movie, film, weather, work$, traffic, coffee, banker, politician, capitalist, communist, landlord, artist, ceo, protester, police, cops, manager, neighbo, boss, teacher, nazi, fascis, racists, murderers, thieves$, adult, smok, fans, drivers, scientist, lawyer, celebrit, liar, weed, wood, song, game, team, car$, house, plant, spider, wasp, mosquito, broccoli, cheese, bread, phone, computer',
  ),
  we: list(
    'we$, us$, our$, everyone, everybody, society, country, nation, world, they$, them$, these, those, their$, all$, every$, any$, most$, such$, typical',
  ),
  should: list(
    "should, must, need$, needs$, ought, have to, has to, gonna, going to, will$, 'll, let$, let's, lets$, want, wish, hope, would, deserve, if$, imagine, time to, want to",
  ),
};
