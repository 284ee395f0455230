package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.AddressSpace;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.core.KernelBase;

/**
 * Linux's {@code fail_page_alloc=interval,probability,space,times} (Documentation/fault-injection): makes page
 * allocations fail on purpose. Every {@code interval}-th allocation is a candidate and fails with {@code probability}
 * percent. The first {@code space} bytes are spared. At most {@code times} allocations fail; -1 is any number.
 *
 * <p>Unlike in Linux's defaults, every order is a candidate, and so are allocations that may sleep. Allocations with
 * {@code __GFP_NOFAIL} never fail. Failures begin at the end of boot and depend on the order of allocations alone.
 *
 * <pre>
 * 0 lock   4 interval   8 probability   12 space   16 times   20 count   24 random state   28 armed
 * </pre>
 */
public final class FailPageAlloc {

    public static final String WORD = "fail_page_alloc";

    private static final int LOCK = 0;
    private static final int INTERVAL = 4;
    private static final int PROBABILITY = 8;
    private static final int SPACE = 12;
    private static final int TIMES = 16;
    private static final int COUNT = 20;
    private static final int RANDOM = 24;
    private static final int ARMED = 28;

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
        this.state = base.root() + RootLayout.FAIL_PAGE_ALLOC;
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
                int[] numbers = {Integer.parseInt(parts[0]), Integer.parseInt(parts[1]), Integer.parseInt(parts[2]), Integer.parseInt(parts[3])};
                if (numbers[0] >= 1 && numbers[1] >= 0 && numbers[1] <= 100 && numbers[2] >= 0 && numbers[3] >= -1) {
                    return numbers;
                }
            }
        } catch (NumberFormatException e) {
            // reported below
        }
        throw new IllegalArgumentException("'" + text + "' is not INTERVAL,PROBABILITY,SPACE,TIMES: every INTERVAL-th allocation (1 or more) fails with "
                + "PROBABILITY percent, once SPACE bytes have been allocated, TIMES times (-1 for any number)");
    }

    void init() {
        for (int i = 0; i < attributes.length; i++) {
            memory.store32(state + INTERVAL + 4L * i, attributes[i]);
        }
    }

    /** Begins or ends failures. Any context. */
    public void arm(boolean on) {
        memory.store32(state + ARMED, on ? 1 : 0);
    }

    /** Linux's {@code should_fail_alloc_page}. Any context. */
    boolean shouldFail(int gfp, int order) {
        if (memory.load32(state + ARMED) == 0 || (gfp & Gfp.__GFP_NOFAIL) != 0) {
            return false;
        }
        int flags = locks.lockIrqSave(state + LOCK);
        boolean fails = decide(AddressSpace.PAGE_SIZE << order);
        locks.unlockIrqRestore(state + LOCK, flags);
        return fails;
    }

    private boolean decide(int bytes) {
        int times = memory.load32(state + TIMES);
        int space = memory.load32(state + SPACE);
        if (times == 0) {
            return false;
        }
        if (space > 0) {
            memory.store32(state + SPACE, Math.max(0, space - bytes));
            return false;
        }
        int count = memory.load32(state + COUNT) + 1;
        memory.store32(state + COUNT, count);
        if (Integer.remainderUnsigned(count, memory.load32(state + INTERVAL)) != 0 || memory.load32(state + PROBABILITY) <= random()) {
            return false;
        }
        if (times > 0) {
            memory.store32(state + TIMES, times - 1);
        }
        return true;
    }

    /** Returns 0 to 99. */
    private int random() {
        int next = memory.load32(state + RANDOM) * MULTIPLIER + INCREMENT;
        memory.store32(state + RANDOM, next);
        return Integer.remainderUnsigned(next >>> 8, 100);
    }
}
