package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import java.util.List;

/**
 * Fails allocations of objects although there is memory, as Linux's {@code failslab} does, but without chance:
 * {@code failslab=N} on the kernel's command line fails every N-th allocation without {@code __GFP_NOFAIL}. Words after
 * the number change that: {@code once} fails only the N-th; {@code probe} fails allocations while the drivers that are
 * linked in are probed, {@code later} when {@link #arm} is called; without either it begins when boot is over.
 */
public final class FailSlab {

    private final KernelMemory memory;
    private final long root;
    private final int interval;
    private final List<String> words;

    FailSlab(KernelBase base) {
        this.memory = base.memory();
        this.root = base.root();
        String value = base.commandLine().get("failslab", "0");
        this.interval = interval(value);
        this.words = List.of(value.split(","));
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

    /** Begins, or ends, if the command line asks for failures of probes. Boot. */
    void armForProbes(boolean on) {
        if (words.contains("probe")) {
            arm(on);
        }
    }

    /** Begins unless the command line asks for another moment. Boot is over: it has to succeed otherwise. */
    void armAfterBoot() {
        if (!words.contains("probe") && !words.contains("later")) {
            arm(true);
        }
    }

    /** Begins or ends failures. */
    public void arm(boolean on) {
        if (isOn()) {
            RootLayout.FAILSLAB_ARMED.set(memory, root, on ? 1 : 0);
        }
    }

    boolean shouldFail(int gfp) {
        if (!isOn() || (gfp & Gfp.__GFP_NOFAIL) != 0 || RootLayout.FAILSLAB_ARMED.get(memory, root) == 0) {
            return false;
        }
        int count = RootLayout.FAILSLAB_COUNT.amoAdd(memory, root, 1) + 1;
        return words.contains("once") ? count == interval : count % interval == 0;
    }
}
