package ferrite.scenarios.hostile;

/** Something about a hostile file that can be left out, to see whether the rest is enough. */
interface Part {

    /** For a person who reads what is left, a line or more. */
    String describe();
}
