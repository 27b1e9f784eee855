"""How plausible a motion is, from its joints alone: one measure a module.

Each takes joints (F, 22, 3) in metres, y up, 20 frames a second, of a clip whose floor is y = 0,
where HumanML3D's features put it. Where a measure is undefined for a motion it is NaN.
"""
