package ferrite.hardware.hart;

import java.util.Set;
import java.util.TreeSet;

/**
 * The targets of the jumps through a register that were executed, up to a limit. It has arrays and no collections: the
 * JVM's compiler would copy their code into each caller of {@link #note}.
 */
final class Jumps {

    private static final int MAX_JUMPS = 512;
    private static final int MAX_TARGETS = 48;
    private static final int SLOT_BITS = 10;
    /** Twice as many slots as there can be jumps. */
    private static final int SLOTS = 1 << SLOT_BITS;
    /** The golden ratio, whose products spread. */
    private static final int SPREAD = 0x9e37_79b1;

    private final int[] pcs = new int[SLOTS];
    /** The targets by slot. Null in a free slot. */
    private final int[][] targets = new int[SLOTS][];
    private final int[] counts = new int[SLOTS];
    private int size;

    /** Notes the target of a jump. Returns whether it is new. */
    boolean note(int pc, int target) {
        int slot = slot(pc);
        int count = counts[slot];
        for (int i = 0; i < count; i++) {
            if (targets[slot][i] == target) {
                return false;
            }
        }
        return count < MAX_TARGETS && (count > 0 || size < MAX_JUMPS) && add(slot, pc, target);
    }

    private boolean add(int slot, int pc, int target) {
        if (targets[slot] == null) {
            targets[slot] = new int[MAX_TARGETS];
            pcs[slot] = pc;
            size++;
        }
        targets[slot][counts[slot]++] = target;
        return true;
    }

    /** Returns the known targets of a jump. */
    Set<Integer> targets(int pc) {
        int slot = slot(pc);
        Set<Integer> known = new TreeSet<>();
        for (int i = 0; i < counts[slot]; i++) {
            known.add(targets[slot][i]);
        }
        return known;
    }

    private int slot(int pc) {
        int slot = pc * SPREAD >>> Integer.SIZE - SLOT_BITS;
        while (targets[slot] != null && pcs[slot] != pc) {
            slot = slot + 1 & SLOTS - 1;
        }
        return slot;
    }
}
