package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;

/**
 * Makes object allocations fail on purpose, as Linux's {@code failslab} does, but not at random. It tests error paths
 * that otherwise never run. {@code failslab=N} on the kernel's command line makes every N-th allocation without
 * {@code __GFP_NOFAIL} fail, from the end of boot. With {@code failslab=N,later} failures begin with {@link #arm}.
 */
public final class FailSlab {

    private final KernelMemory memory;
    private final long root;
    private final int interval;
    private final boolean later;

    FailSlab(KernelBase base) {
        this.memory = base.memory();
        this.root = base.root();
        String words = base.commandLine().get("failslab", "0");
        this.interval = interval(words);
        this.later = words.endsWith(",later");
    }

    /** Returns the number in the command line's value, or 0. */
    public static int interval(String words) {
        String number = words.split(",", 2)[0];
        return number.matches("[0-9]{1,9}") ? Integer.parseInt(number) : 0;
    }

    /** Whether the command line asks for failures; without, they cost nothing. */
    boolean isOn() {
        return interval > 0;
    }

    /** Begins failures at the end of boot, unless the command line says {@code later}. Boot itself has to succeed. */
    void armUnlessLater() {
        if (!later) {
            arm(true);
        }
    }

    /** Begins or ends failures. */
    public void arm(boolean on) {
        if (isOn()) {
            memory.store32(root + RootLayout.FAILSLAB_ARMED, on ? 1 : 0);
        }
    }

    boolean shouldFail(int gfp) {
        return isOn() && (gfp & Gfp.__GFP_NOFAIL) == 0 && memory.load32(root + RootLayout.FAILSLAB_ARMED) != 0
                && (memory.amoAdd32(root + RootLayout.FAILSLAB_COUNT, 1) + 1) % interval == 0;
    }
}
