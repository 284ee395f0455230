package ferrite.kernel.mm;

import ferrite.hardware.turn.KernelMemory;
import ferrite.hardware.turn.ReadableMemory;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.KernelPanic;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.core.KernelBase;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Fails allocations of objects although there is memory, as Linux's {@code failslab} does, but without chance:
 * {@code failslab=N} on the kernel's command line fails every N-th allocation without {@code __GFP_NOFAIL}. Words after
 * the number change that: {@code ,probe} fails allocations while the drivers that are linked in are probed,
 * {@code ,later} when {@link #arm} is called; without either it begins when boot is over. {@code ,once} at the end
 * fails only the N-th. Any other value is a panic at boot, which tells the author of the command line.
 */
public final class FailSlab {

    public static final String WORD = "failslab";

    private static final String EXPECTED =
            "a number of allocations is expected, and the words probe or later, and once after it";
    private static final Pattern VALUE = Pattern.compile("[0-9]{1,9}(,probe|,later)?(,once)?");

    private final KernelMemory memory;
    private final long root;
    private final int interval;
    private final List<String> words;

    FailSlab(KernelBase base) {
        this.memory = base.memory();
        this.root = base.root();
        String value = base.commandLine().get(WORD, "0");
        if (!VALUE.matcher(value).matches()) {
            throw new KernelPanic("failslab=" + value + " on the kernel's command line: " + EXPECTED
                    + ", for example failslab=3,probe,once");
        }
        this.words = List.of(value.split(","));
        this.interval = Integer.parseInt(words.get(0));
    }

    /**
     * Checks a value of the command line.
     *
     * @throws IllegalArgumentException with a sentence if it is malformed
     */
    public static void check(String value) {
        if (!VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException(EXPECTED + ", for example 3,once");
        }
    }

    /** Returns how many allocations could have failed so far. It counts only if the command line asks for failures. */
    public int candidates(ReadableMemory view) {
        return RootLayout.FAILSLAB_COUNT.get(view, root);
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
