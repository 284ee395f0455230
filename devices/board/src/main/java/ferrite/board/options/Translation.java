package ferrite.board.options;

/** Use of the translator for machine code. A run does not depend on it. */
public enum Translation {

    /** The interpreter executes everything. */
    OFF,
    /** Frequent code is translated. */
    ON,
    /** All code is translated when it is first executed. It is for tests. */
    EAGER
}
