package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;

/**
 * Allocations that fail although there is memory, as Linux's {@code failslab} makes them, but without chance: {@code failslab=N} on the kernel's command line makes
 * every N-th allocation of an object without {@code __GFP_NOFAIL} fail once the kernel is up, {@code failslab=N,later} once {@link #arm} says so. What never fails in a test fails in life.
 */
public final class FailSlab {

    private final KernelMemory memory;
    private final long root;
    private final int interval;

    /** @param interval every how many allocations one fails; 0 for never */
    public FailSlab(KernelMemory memory, long root, int interval) {
        this.memory = memory;
        this.root = root;
        this.interval = interval;
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

    /** Begins, or ends: boot itself has to succeed. */
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
