package ferrite.hardware.hart;

import ferrite.hardware.bus.Access;
import ferrite.hardware.bus.Ram;
import ferrite.hardware.report.Hex;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The triggers of one hart: breakpoints and watchpoints of the software itself (debug specification 1.0, chapter 5,
 * Sdtrig). Software has {@link #OF_SOFTWARE} of them. The last one is the debugger's own, always: its {@code dmode} is
 * 1, and software cannot write it. So an attached debugger changes nothing that software finds.
 *
 * <pre>
 *   31  28   27   26     16 15    12 11 10    7   6   5   4   3   2   1   0
 *  +------+-------+--------+--------+---+-------+---+---+---+---+---+---+---+
 *  | type | dmode |    0   | action | 0 | match | m | 0 | s | u | x | w | r |   tdata1 of mcontrol (2), mcontrol6 (6)
 *  +------+-------+--------+--------+---+-------+---+---+---+---+---+---+---+
 *   31                    18 17           11 10  2   1   0
 *  +------------------------+--------------+------+--------+
 *  |           0            |       0      | ASID | select |   tdata3 (textra32)
 *  +------------------------+--------------+------+--------+
 * </pre>
 *
 * tdata2 is the virtual address that must be equal: that of the instruction, or of any byte of the access. With match 1
 * (NAPOT, mcontrol6 only) it is a range, as in {@link Pmp}: the low ones and the zero above them match anything. A
 * trigger with select 2 fires only while satp holds its ASID. Action 0 raises a breakpoint exception before the
 * access. Action 1 stops in the debugger, and only the debugger can select it. {@link DebugPoints} are the breakpoints
 * that a debugger sets without these registers.
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
    private static final int MATCH = 0xf << 7;
    private static final int NAPOT = 1 << 7;
    private static final int M = 1 << 6;
    private static final int S = 1 << 4;
    private static final int U = 1 << 3;
    private static final int EXECUTE = 1 << 2;
    private static final int STORE = 1 << 1;
    private static final int LOAD = 1;
    private static final int MODES = M | S | U;
    private static final int ACCESSES = EXECUTE | STORE | LOAD;

    /** The largest range of match 1 is half of the address space, which the specification calls maskmax6 = 31. */
    private static final int HALF = 0x7fff_ffff;

    private static final int BY_ASID = 2;
    private static final int ASID = 0x1ff << 2;
    private static final int SATP_ASID_SHIFT = 22;

    /** tcontrol: triggers with action 0 may fire in M-mode, and the same before the last trap into M-mode. */
    private static final int MTE = 1 << 3;
    private static final int MPTE = 1 << 7;

    /** tinfo: version 1.0 of the specification, and a bit for each type. */
    private static final int INFO = 1 << 24 | 1 << DISABLED | 1 << MCONTROL6 | 1 << MCONTROL;

    private final Hart hart;
    private int select;
    private int control;
    private final int[] data1 = new int[COUNT];
    private final int[] data2 = new int[COUNT];
    private final int[] data3 = new int[COUNT];
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
            case Csrs.TDATA3 -> data3[select];
            case Csrs.TCONTROL -> control;
            default -> INFO;
        };
    }

    /** Writes a register for software, or for the debugger. Software cannot write a trigger with dmode 1. */
    void write(int csr, int value, boolean debugger) {
        if (csr == Csrs.TSELECT) {
            select = Integer.compareUnsigned(value, COUNT) < 0 ? value : select;
        } else if (csr == Csrs.TCONTROL) {
            control = value & (MTE | MPTE);
        } else if (debugger || (data1[select] & DMODE) == 0) {
            switch (csr) {
                case Csrs.TDATA1 -> data1[select] = legal(select, value, debugger);
                case Csrs.TDATA2 -> data2[select] = value;
                case Csrs.TDATA3 -> data3[select] = legalExtra(value);
                default -> { }                         // tinfo
            }
            data2[select] = legalAddress(data1[select], data2[select]);
            arm();
        }
    }

    /**
     * Returns the tdata1 of a trigger after a write. A type that does not exist disables it, and a match
     * that does not exist becomes 0. The debugger's trigger keeps a type, as one that is taken does.
     */
    private static int legal(int trigger, int value, boolean debugger) {
        int type = value >>> TYPE_SHIFT;
        int owner = trigger == OF_DEBUGGER ? DMODE : debugger ? value & DMODE : 0;
        if (type != MCONTROL && type != MCONTROL6) {
            return trigger == OF_DEBUGGER ? MCONTROL6 << TYPE_SHIFT | owner : DISABLED << TYPE_SHIFT | owner;
        }
        int action = owner == 0 ? 0 : value & DEBUG_MODE;
        int match = type == MCONTROL6 && (value & MATCH) == NAPOT ? NAPOT : 0;
        return type << TYPE_SHIFT | owner | action | match | value & (MODES | ACCESSES);
    }

    /** Returns the tdata2 after a write. All ones would be a range that is too large (mcontrol6, match). */
    private static int legalAddress(int control, int value) {
        return (control & NAPOT) != 0 && (value & HALF) == HALF ? value & ~(1 << 30) : value;
    }

    private static int legalExtra(int value) {
        return (value & 3) == BY_ASID ? value & (ASID | BY_ASID) : value & ASID;
    }

    private void arm() {
        armed = false;
        for (int each : data1) {
            armed |= canMatch(each);
        }
    }

    private static boolean canMatch(int control) {
        return control >>> TYPE_SHIFT != DISABLED && (control & MODES) != 0 && (control & ACCESSES) != 0;
    }

    /** Applies the effect of a trap into M-mode on tcontrol. */
    void enterMachineTrap() {
        control = (control & MTE) != 0 ? MPTE : 0;
    }

    /** Applies the effect of MRET on tcontrol. */
    void leaveMachineTrap() {
        control = control & MPTE | ((control & MPTE) != 0 ? MTE : 0);
    }

    // ---- for the hart ----

    /** Tells whether a trigger watches the page of an address. Such a page stays out of the fast paths. */
    boolean watchesPage(long va) {
        if (armed) {
            for (int i = 0; i < COUNT; i++) {
                if (canMatch(data1[i]) && ((data2[i] ^ (int) va) & -Ram.PAGE_BYTES & ~anything(i)) == 0) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns the address bits that match anything. */
    private int anything(int trigger) {
        int address = data2[trigger];
        return (data1[trigger] & NAPOT) != 0 ? address ^ address + 1 : 0;
    }

    /** Tells whether a trigger watches one of these bytes. */
    private boolean watches(int trigger, int va, int bytes) {
        int anything = anything(trigger);
        int first = data2[trigger] & ~anything;
        return Integer.compareUnsigned(first - va, bytes) < 0 || ((first ^ va) & ~anything) == 0;
    }

    /**
     * Fires the trigger on the instruction at the pc, if there is one. Returns true if the hart stops for the debugger.
     *
     * @throws Trap the breakpoint exception
     */
    boolean stopsBeforeInstruction() {
        if (armed) {
            for (int i = 0; i < COUNT; i++) {
                if (watches(i, hart.pc, 1) && fires(i, EXECUTE)) {
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
            if (watches(i, (int) va, bytes) && fires(i, store ? STORE : LOAD)) {
                if ((data1[i] & DEBUG_MODE) != 0) {
                    int first = data2[i] & ~anything(i);
                    int hit = Integer.compareUnsigned(first - (int) va, bytes) < 0 ? first : (int) va;
                    throw new WatchpointStop(null, hit & 0xffff_ffffL, store);
                }
                throw new Trap(Trap.BREAKPOINT, (int) va);
            }
        }
    }

    private boolean fires(int trigger, int access) {
        int of = data1[trigger];
        int modeBit = switch (hart.mode) {
            case PrivilegeMode.M -> M;
            case PrivilegeMode.S -> S;
            default -> U;
        };
        return canMatch(of) && (of & modeBit) != 0 && (of & access) != 0 && isOfAddressSpace(data3[trigger])
                && ((of & DEBUG_MODE) != 0 || mayTrap());
    }

    private boolean isOfAddressSpace(int extra) {
        return (extra & 3) != BY_ASID || ((hart.csrs().satp() >>> SATP_ASID_SHIFT) << 2 & ASID) == (extra & ASID);
    }

    /**
     * Tells whether a breakpoint exception may be raised now. While a mode has its interrupts off, its own handler may
     * be running, whose state the exception would destroy (section 5.4, the first of the solutions). M-mode software
     * that knows the second solution sets tcontrol.mte, and needs no interrupts then.
     */
    private boolean mayTrap() {
        if (hart.mode != hart.handlerMode(Trap.BREAKPOINT)) {
            return true;
        }
        if (hart.mode == PrivilegeMode.M && (control & MTE) != 0) {
            return true;
        }
        int enable = hart.mode == PrivilegeMode.M ? Csrs.MSTATUS_MIE : Csrs.MSTATUS_SIE;
        return (hart.csrs().mstatus() & enable) != 0;
    }

    // ---- for people ----

    /** Describes each trigger, in the order of tselect. */
    List<String> describe() {
        return IntStream.range(0, COUNT).mapToObj(this::describe).toList();
    }

    private String describe(int i) {
        int of = data1[i];
        String owner = (of & DMODE) != 0 ? ", the debugger's" : "";
        if (!canMatch(of)) {
            return "off" + owner;
        }
        int anything = anything(i);
        String place = Hex.address(data2[i] & ~anything & 0xffff_ffffL)
                + (anything == 0 ? "" : " to " + Hex.address((data2[i] | anything) & 0xffff_ffffL));
        String accesses = named(of, EXECUTE, "execute") + named(of, LOAD, "load") + named(of, STORE, "store");
        String modes = named(of, M, "M") + named(of, S, "S") + named(of, U, "U");
        String space = (data3[i] & 3) == BY_ASID ? ", ASID " + (data3[i] >>> 2) : "";
        return (of >>> TYPE_SHIFT == MCONTROL ? "mcontrol" : "mcontrol6") + accesses + " at " + place + " in" + modes
                + space + ((of & DEBUG_MODE) != 0 ? ", stops for the debugger" : ", breakpoint exception") + owner;
    }

    private static String named(int of, int bit, String name) {
        return (of & bit) != 0 ? " " + name : "";
    }

    // ---- state ----

    void save(StateWriter out) {
        out.put32(select);
        out.put32(control);
        out.putInts(data1);
        out.putInts(data2);
        out.putInts(data3);
    }

    void restore(StateReader in) {
        select = in.get32(0, COUNT - 1);
        control = in.getBits(MTE | MPTE);
        in.getInts(data1);
        in.getInts(data2);
        in.getInts(data3);
        for (int i = 0; i < COUNT; i++) {
            StateReader.requireThat(legal(i, data1[i], true) == data1[i], "it has a trigger with an impossible tdata1");
            StateReader.requireThat(legalAddress(data1[i], data2[i]) == data2[i],
                    "it has a trigger with an impossible tdata2");
            StateReader.requireThat(legalExtra(data3[i]) == data3[i], "it has a trigger with an impossible tdata3");
        }
        arm();
    }
}
