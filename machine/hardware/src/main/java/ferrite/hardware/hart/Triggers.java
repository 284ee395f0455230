package ferrite.hardware.hart;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;

/**
 * The triggers of one hart: breakpoints and watchpoints of the software itself (debug specification 1.0, chapter 5,
 * Sdtrig). Software has {@link #OF_SOFTWARE} of them. The last one is the debugger's own, always: its {@code dmode} is
 * 1, and software cannot write it. So what software finds does not depend on a debugger that is attached.
 *
 * <pre>
 *   31  28   27   26     16 15    12 11     7  6   5   4   3   2   1   0
 *  +------+-------+--------+--------+--------+---+---+---+---+---+---+---+
 *  | type | dmode |    0   | action |    0   | m | 0 | s | u | x | w | r |   tdata1 of mcontrol (2) and mcontrol6 (6)
 *  +------+-------+--------+--------+--------+---+---+---+---+---+---+---+
 * </pre>
 *
 * tdata2 is the virtual address that must be equal: that of the instruction, or of any byte of the access. Action 0
 * raises a breakpoint exception before the access. Action 1 stops in the debugger, and only the debugger can select
 * it. {@link DebugPoints} are the breakpoints that a debugger sets without these registers.
 */
final class Triggers {

    /** The triggers that software can write. */
    static final int OF_SOFTWARE = 4;

    private static final int COUNT = OF_SOFTWARE + 1;
    private static final int OF_DEBUGGER = OF_SOFTWARE;

    private static final int TYPE_SHIFT = 28;
    private static final int MCONTROL = 2;
    private static final int MCONTROL6 = 6;
    private static final int DISABLED = 15;
    private static final int DMODE = 1 << 27;
    private static final int DEBUG_MODE = 1 << 12;     // action
    private static final int M = 1 << 6;
    private static final int S = 1 << 4;
    private static final int U = 1 << 3;
    private static final int EXECUTE = 1 << 2;
    private static final int STORE = 1 << 1;
    private static final int LOAD = 1;
    private static final int MODES = M | S | U;
    private static final int ACCESSES = EXECUTE | STORE | LOAD;

    /** tinfo: version 1.0 of the specification, and a bit for each type. */
    private static final int INFO = 1 << 24 | 1 << DISABLED | 1 << MCONTROL6 | 1 << MCONTROL;

    private final Hart hart;
    private int select;
    private final int[] data1 = new int[COUNT];
    private final int[] data2 = new int[COUNT];
    /** Whether any trigger can match. */
    private boolean armed;

    Triggers(Hart hart) {
        this.hart = hart;
        for (int i = 0; i < COUNT; i++) {
            data1[i] = legal(i, 0, true);
        }
    }

    // ---- the registers ----

    int read(int csr) {
        return switch (csr) {
            case Csrs.TSELECT -> select;
            case Csrs.TDATA1 -> data1[select];
            case Csrs.TDATA2 -> data2[select];
            default -> INFO;
        };
    }

    /** Writes a register for software, or for the debugger. Software cannot write a trigger whose dmode is 1. */
    void write(int csr, int value, boolean debugger) {
        if (csr == Csrs.TSELECT) {
            select = Integer.compareUnsigned(value, COUNT) < 0 ? value : select;
        } else if (debugger || (data1[select] & DMODE) == 0) {
            if (csr == Csrs.TDATA1) {
                data1[select] = legal(select, value, debugger);
            } else if (csr == Csrs.TDATA2) {
                data2[select] = value;
            }
            arm();
        }
    }

    /**
     * Returns what a trigger holds after a write to its tdata1. A type that does not exist disables it. The debugger's
     * trigger keeps a type, as one that is taken does.
     */
    private static int legal(int trigger, int value, boolean debugger) {
        int type = value >>> TYPE_SHIFT;
        int owner = trigger == OF_DEBUGGER ? DMODE : debugger ? value & DMODE : 0;
        if (type != MCONTROL && type != MCONTROL6) {
            return trigger == OF_DEBUGGER ? MCONTROL6 << TYPE_SHIFT | owner : DISABLED << TYPE_SHIFT | owner;
        }
        int action = owner == 0 ? 0 : value & DEBUG_MODE;
        return type << TYPE_SHIFT | owner | action | value & (MODES | ACCESSES);
    }

    private void arm() {
        armed = false;
        for (int control : data1) {
            armed |= canMatch(control);
        }
    }

    private static boolean canMatch(int control) {
        return control >>> TYPE_SHIFT != DISABLED && (control & MODES) != 0 && (control & ACCESSES) != 0;
    }

    // ---- for the hart ----

    /** Tells whether a trigger watches the page of an address. Such a page stays out of the fast paths. */
    boolean watchesPage(long va) {
        if (armed) {
            for (int i = 0; i < COUNT; i++) {
                if (canMatch(data1[i]) && ((data2[i] ^ (int) va) & -Ram.PAGE_BYTES) == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Fires the trigger on the instruction at the pc, if there is one. Returns true if the hart stops for the debugger.
     *
     * @throws Trap the breakpoint exception
     */
    boolean stopsBeforeInstruction() {
        if (armed) {
            for (int i = 0; i < COUNT; i++) {
                if (data2[i] == hart.pc && fires(data1[i], EXECUTE)) {
                    if ((data1[i] & DEBUG_MODE) != 0) {
                        return true;
                    }
                    throw new Trap(Trap.BREAKPOINT, hart.pc);
                }
            }
        }
        return false;
    }

    /**
     * Fires the trigger on a load or store that the hart is about to make, if there is one. Java code passes.
     *
     * @throws Trap           the breakpoint exception
     * @throws WatchpointStop if the hart stops for the debugger
     */
    void beforeAccess(long va, int bytes, Access access) {
        if (!armed || hart.isAtGate()) {
            return;
        }
        boolean store = access == Access.STORE;
        for (int i = 0; i < COUNT; i++) {
            if (Integer.compareUnsigned(data2[i] - (int) va, bytes) < 0 && fires(data1[i], store ? STORE : LOAD)) {
                if ((data1[i] & DEBUG_MODE) != 0) {
                    throw new WatchpointStop(null, data2[i] & 0xffff_ffffL, store);
                }
                throw new Trap(Trap.BREAKPOINT, (int) va);
            }
        }
    }

    private boolean fires(int control, int access) {
        int modeBit = switch (hart.mode) {
            case PrivilegeMode.M -> M;
            case PrivilegeMode.S -> S;
            default -> U;
        };
        return canMatch(control) && (control & modeBit) != 0 && (control & access) != 0
                && ((control & DEBUG_MODE) != 0 || mayTrap());
    }

    /**
     * Tells whether a breakpoint exception may be raised now. While a mode has its interrupts off, its own handler may
     * be running, whose state the exception would destroy (section 5.4, the first of the solutions).
     */
    private boolean mayTrap() {
        if (hart.mode != hart.handlerMode(Trap.BREAKPOINT)) {
            return true;
        }
        int enable = hart.mode == PrivilegeMode.M ? Csrs.MSTATUS_MIE : Csrs.MSTATUS_SIE;
        return (hart.csrs().mstatus() & enable) != 0;
    }

    // ---- state ----

    void save(StateWriter out) {
        out.put32(select);
        out.putInts(data1);
        out.putInts(data2);
    }

    void restore(StateReader in) {
        select = in.get32(0, COUNT - 1);
        in.getInts(data1);
        in.getInts(data2);
        for (int i = 0; i < COUNT; i++) {
            StateReader.requireThat(legal(i, data1[i], true) == data1[i], "it has a trigger with an impossible tdata1");
        }
        arm();
    }
}
