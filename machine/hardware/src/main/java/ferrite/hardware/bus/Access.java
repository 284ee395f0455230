package ferrite.hardware.bus;

/** The kinds of accesses to memory. */
public enum Access {

    FETCH, LOAD, STORE;

    /** Returns the kind of an access to data. */
    static Access of(boolean store) {
        return store ? STORE : LOAD;
    }
}
