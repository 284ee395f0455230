package ferrite.hardware.hart;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * Physical memory protection of one hart (privileged specification, section 3.7): 16 entries with a granularity of 4
 * bytes.
 *
 * <pre>
 *    7   6   5   4   3   2   1   0
 *  +---+-------+-------+---+---+---+
 *  | L |   0   |   A   | X | W | R |   one byte of pmpcfg for each entry; pmpaddr holds bits 33-2 of an address
 *  +---+-------+-------+---+---+---+
 * </pre>
 */
final class Pmp {

    static final int ENTRIES = 16;

    private static final int R = 1;
    private static final int W = 1 << 1;
    private static final int X = 1 << 2;
    private static final int A_SHIFT = 3;
    private static final int A = 3 << A_SHIFT;
    private static final int LOCKED = 1 << 7;
    private static final int WRITABLE = R | W | X | A | LOCKED;

    // values of A: table 3.10
    private static final int OFF = 0;
    private static final int TOR = 1;
    private static final int NA4 = 2;

    private final int[] cfg = new int[ENTRIES];
    private final int[] addr = new int[ENTRIES];

    /** The active entries in order, as ranges from the first byte to just past the last. */
    private int active;
    private final long[] start = new long[ENTRIES];
    private final long[] end = new long[ENTRIES];
    private final int[] activeCfg = new int[ENTRIES];

    /** Reads one of pmpcfg0 to pmpcfg3, with four entries each. */
    int readCfg(int register) {
        int value = 0;
        for (int i = 0; i < 4; i++) {
            value |= cfg[4 * register + i] << 8 * i;
        }
        return value;
    }

    /**
     * Writes the configuration of four entries. A locked entry keeps its own (section 3.7.1.2). W without R is
     * reserved, and is written as neither.
     */
    void writeCfg(int register, int value) {
        for (int i = 0; i < 4; i++) {
            int entry = 4 * register + i;
            int wanted = value >>> 8 * i & WRITABLE;
            if (!isLocked(entry)) {
                cfg[entry] = (wanted & (R | W)) == W ? wanted & ~W : wanted;
            }
        }
        precompute();
    }

    int readAddr(int entry) {
        return addr[entry];
    }

    /** Writes an entry's address, unless the entry is locked, or is the lower bound of a locked TOR entry. */
    void writeAddr(int entry, int value) {
        boolean bottomOfLocked = entry + 1 < ENTRIES && isLocked(entry + 1) && mode(cfg[entry + 1]) == TOR;
        if (!isLocked(entry) && !bottomOfLocked) {
            addr[entry] = value;
            precompute();
        }
    }

    private boolean isLocked(int entry) {
        return (cfg[entry] & LOCKED) != 0;
    }

    private static int mode(int cfg) {
        return (cfg & A) >> A_SHIFT;
    }

    private void precompute() {
        active = 0;
        for (int entry = 0; entry < ENTRIES; entry++) {
            if (mode(cfg[entry]) != OFF) {
                long address = unsigned(addr[entry]);
                long low = switch (mode(cfg[entry])) {
                    case TOR -> entry == 0 ? 0 : unsigned(addr[entry - 1]) << 2;
                    case NA4 -> address << 2;
                    default -> (address & address + 1) << 2;                // NAPOT: the trailing ones encode the size
                };
                long high = switch (mode(cfg[entry])) {
                    case TOR -> address << 2;
                    case NA4 -> (address << 2) + 4;
                    default -> ((address | address + 1) << 2) + 4;
                };
                if (low < high) {                                            // otherwise it matches no address
                    start[active] = low;
                    end[active] = high;
                    activeCfg[active++] = cfg[entry];
                }
            }
        }
    }

    private static long unsigned(int value) {
        return value & 0xffff_ffffL;
    }

    /**
     * Tells whether an access is allowed. The lowest-numbered entry that matches any of its bytes must match all of
     * them, and decides. In M-mode only locked entries apply. If no entry matches, only M-mode is allowed.
     */
    boolean permits(long pa, int bytes, Access access, int mode) {
        for (int i = 0; i < active; i++) {
            if (pa < end[i] && pa + bytes > start[i]) {
                return pa >= start[i] && pa + bytes <= end[i] && allows(activeCfg[i], access, mode);
            }
        }
        return mode == PrivilegeMode.M;
    }

    /**
     * Tells whether every aligned access to the page of {@code pa} is allowed, so that the page may enter a fast path.
     * No aligned access lies across two entries.
     */
    boolean permitsPage(long pa, Access access, int mode) {
        long first = pa & -Ram.PAGE_BYTES;
        for (int i = 0; i < active; i++) {
            if (first < end[i] && first + Ram.PAGE_BYTES > start[i]) {
                if (!allows(activeCfg[i], access, mode)) {
                    return false;
                }
                if (first >= start[i] && first + Ram.PAGE_BYTES <= end[i]) {
                    return true;
                }
            }
        }
        return mode == PrivilegeMode.M;
    }

    private static boolean allows(int cfg, Access access, int mode) {
        if (mode == PrivilegeMode.M && (cfg & LOCKED) == 0) {
            return true;
        }
        return (cfg & (access == Access.LOAD ? R : access == Access.STORE ? W : X)) != 0;
    }

    void save(StateWriter out) {
        out.putInts(cfg);
        out.putInts(addr);
    }

    void restore(StateReader in) {
        in.getInts(cfg);
        in.getInts(addr);
        for (int entry : cfg) {
            StateReader.bitsOf(entry, WRITABLE);
        }
        precompute();
    }
}
