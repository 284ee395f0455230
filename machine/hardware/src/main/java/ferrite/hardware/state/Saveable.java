package ferrite.hardware.state;

/**
 * A part of the machine with state that a snapshot saves.
 *
 * <p>{@link #restore} of an equal part reads the values that {@link #save} wrote, in the same order. No other state of
 * the part may change after boot (law 1).
 */
public interface Saveable {

    void save(StateWriter out);

    void restore(StateReader in);
}
