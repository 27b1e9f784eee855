"""The ways of saying what was done, by action.

A line at the margin names the action: its kind, its style, and "both" where both hands do it. The
lines below it are phrases in the third person with slots: ``{s}`` is left or right, ``{clock}``
the sense of turning, ``{n}`` how often and ``{how}`` how fast.
"""

_TEXT = """
walk forward
    walks forward {how}
    {how} walks straight ahead
    walks ahead {how}
    {how} strolls forward
    takes several steps forward {how}
walk backward
    walks backward {how}
    {how} walks backwards
    steps backward {how}
    moves back {how} with small steps
    {how} retreats backwards
walk sideways
    walks sideways to the {s} {how}
    {how} sidesteps to the {s}
    steps sideways to the {s} {how}
    moves to the {s} with small steps {how}
walk circle
    walks in a circle to the {s} {how}
    {how} walks {clock} in a circle
    walks around in a {clock} circle {how}
    {how} circles around to the {s}
walk turning
    walks forward and turns {s} {how}
    {how} walks ahead, turns to the {s} and walks on
    walks and makes a turn to the {s} {how}
walk back
    walks forward, turns around to the {s} and walks back {how}
    {how} walks ahead, turns {s} and goes back
    walks straight, spins around over the {s} side and walks back {how}
run forward
    runs forward {how}
    {how} jogs forward
    runs straight ahead {how}
    jogs ahead {how}
run circle
    runs in a circle to the {s} {how}
    {how} jogs {clock} in a circle
    runs around in a {clock} circle {how}
turn quarter
    turns to the {s} {how}
    {how} turns {s}
    makes a quarter turn to the {s} {how}
    {how} rotates to the {s}
turn half
    turns around to the {s} {how}
    {how} turns around over the {s} side
    makes a half turn to the {s} {how}
turn whole
    spins around to the {s} {how}
    {how} makes a full turn to the {s}
    spins {clock} in place {how}
    {how} rotates {clock} all the way around
zombie
    walks like a zombie {how}
    {how} shuffles forward like a zombie
    staggers forward with both arms stretched out like a zombie {how}
    {how} walks like the walking dead with outstretched arms
    drags the feet like a zombie {how}
crawl forward
    crawls forward on hands and knees {how}
    {how} crawls on the floor
    crawls ahead on the ground {how}
    {how} creeps forward on hands and knees
crawl backward
    crawls backward on hands and knees {how}
    {how} crawls backwards
    creeps back on the floor on hands and knees {how}
crawl circle
    crawls around to the {s} on hands and knees {how}
    {how} crawls on the floor in a circle to the {s}
    crawls {clock} on the ground {how}
crawl down
    gets down on hands and knees and crawls {how}
    bends down onto the floor and crawls forward {how}
    lowers the body to the ground and {how} crawls ahead
jump up
    jumps up {n} {how}
    jumps in place {n} {how}
    {how} jumps into the air {n}
    leaps up {n} {how}
    does a high jump {n}
jump forward
    jumps forward {n} {how}
    leaps forward {n} {how}
    {how} jumps ahead {n}
jump hop
    hops on the {s} leg {n} {how}
    {how} hops on the {s} foot {n}
    stands on the {s} leg and jumps {n} {how}
jump jack
    does jumping jacks {n} {how}
    {how} performs jumping jacks {n}
    jumps and spreads arms and legs {n} {how}
kick front
    kicks with the {s} leg {n} {how}
    {how} kicks forward with the {s} foot {n}
    does a front kick with the {s} leg {n}
    {how} kicks something with the {s} foot {n}
    raises the {s} knee and kicks {n} {how}
kick side
    kicks to the side with the {s} leg {n} {how}
    does a side kick with the {s} leg {n}
    {how} kicks sideways with the {s} foot {n}
kick high
    kicks high with the {s} leg {n} {how}
    does a high kick with the {s} leg {n}
    {how} kicks up over the head with the {s} foot {n}
kick low
    kicks low with the {s} leg {n} {how}
    does a low kick with the {s} foot {n}
    {how} kicks a ball with the {s} foot {n}
kick round
    does a roundhouse kick with the {s} leg {n}
    {how} kicks around with the {s} leg {n}
    spins and kicks from the side with the {s} leg {n} {how}
punch straight
    punches with the {s} hand {n} {how}
    {how} punches forward with the {s} fist {n}
    delivers a punch with the {s} arm {n}
    {how} hits someone in front with the {s} fist {n}
punch jab
    jabs with the {s} hand {n} {how}
    {how} jabs forward with the {s} fist {n}
    delivers a jab with the {s} hand {n}
    punches fast with the {s} fist {n}
punch hook
    lands a hook with the {s} fist {n}
    {how} swings a {s} hook {n}
    punches from the side with the {s} hand {n} {how}
punch uppercut
    does an uppercut with the {s} hand {n}
    {how} punches upwards with the {s} fist {n}
    swings the {s} fist up in an uppercut {n}
punch boxing
    is boxing with both fists {how}
    {how} punches with both hands
    boxes in the air {how}
    punches left and right with both fists {how}
beat
    beats something with the {s} fist {n} {how}
    {how} beats on a table with the {s} hand {n}
    hits something in front from above with the {s} fist {n} {how}
beat both
    beats something with both fists {n} {how}
    {how} beats on a table with both hands {n}
    raises both arms and beats down {n} {how}
    hits something in front from above with both fists {n} {how}
stab forward
    stabs forward with a knife in the {s} hand {n} {how}
    {how} lunges and stabs someone with the {s} hand {n}
    stabs with a sword in the {s} hand {n} {how}
    thrusts the {s} arm forward and stabs something {n}
stab down
    stabs downwards with a knife in the {s} hand {n} {how}
    {how} raises the {s} hand and stabs down {n}
    lunges and stabs something from above with the {s} hand {n} {how}
throw overhand
    throws a ball with the {s} hand {n} {how}
    {how} throws something overhand with the {s} arm {n}
    throws an object forward with the {s} hand {n} {how}
    steps forward and throws a ball with the {s} arm {n}
throw underhand
    throws a ball underhand with the {s} hand {n} {how}
    {how} throws something from below with the {s} arm {n}
    swings the {s} arm from behind and throws an object {n} {how}
squat
    squats down {n} {how}
    does a squat {n} {how}
    {how} bends the knees and squats {n}
    squats with both arms in front {n} {how}
squat duck
    ducks down {n} {how}
    {how} ducks and covers the head with both arms {n}
    ducks under something {n} {how}
wave
    waves with the {s} hand {how}
    {how} raises the {s} arm and waves
    waves hello with the {s} hand {how}
    greets someone and waves the {s} hand {how}
wave both
    waves with both hands {how}
    {how} raises both arms and waves
    waves both arms in the air {how}
sit
    sits down {how}
    {how} sits down on a chair
    takes a seat {how}
    bends the knees and sits on a chair {how}
sit rise
    sits down and stands up again {how}
    {how} sits on a chair and then gets up
    takes a seat and stands back up {how}
pick
    bends down and picks something up with the {s} hand {how}
    {how} picks up an object from the floor with the {s} hand
    reaches down with the {s} hand and lifts something {how}
pick both
    bends down and picks something up with both hands {how}
    {how} lifts a heavy object from the ground with both hands
    picks up a cardboard box with both hands {how}
clap
    claps {how}
    {how} claps both hands
    claps the hands together {how}
    applauds in front of the body {how}
lift
    raises the {s} arm above the head {n} {how}
    {how} lifts the {s} hand up high {n}
    reaches up with the {s} arm {n} {how}
lift both
    raises both arms above the head {n} {how}
    {how} lifts both hands up high {n}
    reaches up with both arms {n} {how}
bow
    bows {n} {how}
    {how} bends forward at the waist {n}
    takes a bow {n} {how}
stretch
    leans to the {s} {n} {how}
    {how} stretches to the {s} side {n}
    bends sideways to the {s} with one arm above the head {n} {how}
"""


def _read(text: str) -> dict[str, tuple[str, ...]]:
    rows: dict[str, list[str]] = {}
    name = ""
    for line in text.strip().splitlines():
        if line.startswith(" "):
            rows[name].append(line.strip())
        else:
            name = line
            rows[name] = []
    return {name: tuple(phrases) for name, phrases in rows.items()}


PHRASES = _read(_TEXT)
"""Phrases by "kind", "kind style", "kind both" or "kind style both"."""
