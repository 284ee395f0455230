package ferrite.scenarios.hostile;

/** A part of a hostile file. The shrinker leaves it out to see whether the rest still shows the mistake. */
interface Part {

    /** Returns a description for a person, one line or more. */
    String describe();
}
