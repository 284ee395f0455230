package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Embedded;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.Struct;
import ferrite.kernel.base.Word;
import ferrite.kernel.core.KernelBase;

/**
 * Linux's {@code fail_page_alloc=interval,probability,space,times} (Documentation/fault-injection): makes page
 * allocations fail on purpose. Every {@code interval}-th allocation is a candidate and fails with {@code probability}
 * percent. The first {@code space} bytes are spared. At most {@code times} allocations fail; -1 is any number.
 *
 * <p>Unlike in Linux's defaults, every order is a candidate, and so are allocations that may sleep. Allocations with
 * {@code __GFP_NOFAIL} never fail. Failures begin at the end of boot and depend on the order of allocations alone.
 */
public final class FailPageAlloc {

    public static final String WORD = "fail_page_alloc";

    static final Struct STRUCT = Struct.of("fault_attr", 32);

    private static final Embedded LOCK = STRUCT.spinlock("lock", 0);
    private static final Word INTERVAL = STRUCT.u32("interval", 4);
    private static final Word PROBABILITY = STRUCT.u32("probability", 8);
    private static final Word SPACE = STRUCT.u32("space", 12);
    private static final Word TIMES = STRUCT.s32("times", 16);
    private static final Word COUNT = STRUCT.u32("count", 20);
    /** State of the random number generator. */
    private static final Word RANDOM = STRUCT.u32("random", 24);
    private static final Word ARMED = STRUCT.u32("armed", 28);

    /** The generator of Numerical Recipes; its upper bits are good enough. */
    private static final int MULTIPLIER = 1_664_525;
    private static final int INCREMENT = 1_013_904_223;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final long state;
    private final int[] attributes;

    private FailPageAlloc(KernelBase base, int[] attributes) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.state = RootLayout.FAIL_PAGE_ALLOC.at(base.root());
        this.attributes = attributes;
    }

    /** Returns null unless the command line asks for failures. */
    static FailPageAlloc of(KernelBase base) {
        String text = base.commandLine().get(WORD, "");
        return text.isEmpty() ? null : new FailPageAlloc(base, parse(text));
    }

    /**
     * Reads the four numbers.
     *
     * @throws IllegalArgumentException with a sentence if they are malformed
     */
    public static int[] parse(String text) {
        String[] parts = text.split(",", -1);
        try {
            if (parts.length == 4) {
                int[] numbers = {Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]),
                        Integer.parseInt(parts[3])};
                if (numbers[0] >= 1 && numbers[1] >= 0 && numbers[1] <= 100 && numbers[2] >= 0 && numbers[3] >= -1) {
                    return numbers;
                }
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new IllegalArgumentException("'" + text
                + "' is not INTERVAL,PROBABILITY,SPACE,TIMES: every INTERVAL-th allocation (1 or more) fails with "
                + "PROBABILITY percent, once SPACE bytes have been allocated, TIMES times (-1 for any number)");
    }

    void init() {
        Word[] fields = {INTERVAL, PROBABILITY, SPACE, TIMES};
        for (int i = 0; i < fields.length; i++) {
            fields[i].set(memory, state, attributes[i]);
        }
    }

    /** Returns how many allocations could have failed so far, after the first {@code space} bytes. */
    public int candidates(ReadableMemory view) {
        return COUNT.get(view, state);
    }

    /** Begins or ends failures. Any context. Returns whether allocations failed before. */
    public boolean arm(boolean on) {
        return ARMED.amoSwap(memory, state, on ? 1 : 0) != 0;
    }

    /** Linux's {@code should_fail_alloc_page}. Any context. */
    boolean shouldFail(int gfp, int order) {
        if (ARMED.get(memory, state) == 0 || (gfp & Gfp.__GFP_NOFAIL) != 0) {
            return false;
        }
        int flags = locks.lockIrqSave(LOCK.at(state));
        boolean fails = decide(AddressSpace.PAGE_SIZE << order);
        locks.unlockIrqRestore(LOCK.at(state), flags);
        return fails;
    }

    private boolean decide(int bytes) {
        int times = TIMES.get(memory, state);
        int space = SPACE.get(memory, state);
        if (times == 0) {
            return false;
        }
        if (space > 0) {
            SPACE.set(memory, state, Math.max(0, space - bytes));
            return false;
        }
        int count = COUNT.get(memory, state) + 1;
        COUNT.set(memory, state, count);
        if (Integer.remainderUnsigned(count, INTERVAL.get(memory, state)) != 0
                || PROBABILITY.get(memory, state) <= random()) {
            return false;
        }
        if (times > 0) {
            TIMES.set(memory, state, times - 1);
        }
        return true;
    }

    /** Returns 0 to 99. */
    private int random() {
        int next = RANDOM.get(memory, state) * MULTIPLIER + INCREMENT;
        RANDOM.set(memory, state, next);
        return Integer.remainderUnsigned(next >>> 8, 100);
    }
}
