package ferrite.hardware.state;

/**
 * A part of the machine whose state a snapshot holds. What {@link #save} writes, {@link #restore} of an equal
 * part reads back, in the same order; nothing else of the part may change after boot (law 1).
 */
public interface Saveable {

    void save(StateWriter out);

    void restore(StateReader in);
}
