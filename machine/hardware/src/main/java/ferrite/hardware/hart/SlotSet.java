package ferrite.hardware.hart;

import java.util.BitSet;

/** A set of slots of a {@link FastPath}, which is listed in time that depends on its size alone. */
final class SlotSet {

    private final short[] slots = new short[FastPath.SLOTS];
    private final BitSet contained = new BitSet(FastPath.SLOTS);
    private int size;

    void add(int slot) {
        if (!contained.get(slot)) {
            contained.set(slot);
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
            contained.clear(slots[i]);
        }
        size = 0;
    }
}
