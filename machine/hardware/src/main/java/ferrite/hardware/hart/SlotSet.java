package ferrite.hardware.hart;

/** A set of slots of a {@link FastPath}, which is listed in time that depends on its size alone. */
final class SlotSet {

    private final short[] slots = new short[FastPath.SLOTS];
    private final boolean[] contained = new boolean[FastPath.SLOTS];
    private int size;

    void add(int slot) {
        if (!contained[slot]) {
            contained[slot] = true;
            slots[size++] = (short) slot;
        }
    }

    int size() {
        return size;
    }

    /** Returns one of the slots. */
    int get(int index) {
        return slots[index];
    }

    void clear() {
        for (int i = 0; i < size; i++) {
            contained[slots[i]] = false;
        }
        size = 0;
    }
}
