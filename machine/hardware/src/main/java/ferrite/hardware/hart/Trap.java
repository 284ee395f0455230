package ferrite.hardware.hart;

import ferrite.hardware.bus.Access;

/**
 * A trap on its way to its handler: cause and value, without a stack trace. The causes are those of the privileged
 * specification, table 3.6.
 */
public final class Trap extends RuntimeException {

    private static final long serialVersionUID = 1;

    public static final int INSTRUCTION_MISALIGNED = 0;
    public static final int INSTRUCTION_ACCESS_FAULT = 1;
    public static final int ILLEGAL_INSTRUCTION = 2;
    public static final int BREAKPOINT = 3;
    public static final int LOAD_MISALIGNED = 4;
    public static final int LOAD_ACCESS_FAULT = 5;
    public static final int STORE_MISALIGNED = 6;
    public static final int STORE_ACCESS_FAULT = 7;
    public static final int ECALL_FROM_U = 8;
    public static final int ECALL_FROM_S = 9;
    public static final int ECALL_FROM_M = 11;
    public static final int INSTRUCTION_PAGE_FAULT = 12;
    public static final int LOAD_PAGE_FAULT = 13;
    public static final int STORE_PAGE_FAULT = 15;

    /** The bit of a cause that marks an interrupt. */
    public static final int INTERRUPT = 1 << 31;

    public static final int SUPERVISOR_SOFTWARE = 1;
    public static final int MACHINE_SOFTWARE = 3;
    public static final int SUPERVISOR_TIMER = 5;
    public static final int MACHINE_TIMER = 7;
    public static final int SUPERVISOR_EXTERNAL = 9;
    public static final int MACHINE_EXTERNAL = 11;

    private static final String[] EXCEPTIONS = {
        "instruction address misaligned", "instruction access fault", "illegal instruction", "breakpoint",
        "load address misaligned", "load access fault", "store address misaligned", "store access fault",
        "environment call from U-mode", "environment call from S-mode", "reserved", "environment call from M-mode",
        "instruction page fault", "load page fault", "reserved", "store page fault"};

    private final int cause;
    private final int tval;

    public Trap(int cause, int tval) {
        super(null, null, false, false);
        this.cause = cause;
        this.tval = tval;
    }

    public int cause() {
        return cause;
    }

    public int tval() {
        return tval;
    }

    /** Returns the cause of a page fault. */
    static int pageFault(Access access) {
        return access == Access.FETCH ? INSTRUCTION_PAGE_FAULT
                : access == Access.LOAD ? LOAD_PAGE_FAULT : STORE_PAGE_FAULT;
    }

    /** Returns the cause of an access fault. */
    static int accessFault(Access access) {
        return access == Access.FETCH ? INSTRUCTION_ACCESS_FAULT
                : access == Access.LOAD ? LOAD_ACCESS_FAULT : STORE_ACCESS_FAULT;
    }

    /** Returns the specification's name of a cause. */
    public static String name(int cause) {
        if (cause < 0) {
            return "interrupt " + (cause & ~INTERRUPT);
        }
        return cause < EXCEPTIONS.length ? EXCEPTIONS[cause] : "cause " + cause;
    }

    @Override
    public String getMessage() {
        return name(cause);
    }
}
