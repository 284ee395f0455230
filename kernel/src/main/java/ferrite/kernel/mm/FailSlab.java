package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;

/**
 * Allocations that fail although there is memory, as Linux's {@code failslab} makes them, but without chance: {@code failslab=N} on the kernel's command line makes
 * every N-th allocation of an object without {@code __GFP_NOFAIL} fail once the kernel is up, {@code failslab=N,later} once {@link #arm} says so. What never fails in a test fails in life.
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

    /** The number in what the command line says; 0 when it is none. */
    public static int interval(String words) {
        String number = words.split(",", 2)[0];
        return number.matches("[0-9]{1,9}") ? Integer.parseInt(number) : 0;
    }

    /** Whether the command line asked for it at all; without, it costs nothing. */
    boolean isOn() {
        return interval > 0;
    }

    /** Begins when boot is over, unless the command line asks for {@code later}: boot itself has to succeed. */
    void armUnlessLater() {
        if (!later) {
            arm(true);
        }
    }

    /** Begins, or ends. */
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
