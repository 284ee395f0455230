package ferrite.kernel.dma;

import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.log.CallSite;
import ferrite.kernel.shadow.Claim;
import ferrite.kernel.shadow.MemoryStates;
import java.util.List;
import java.util.function.Supplier;

/**
 * Checks the use of the ISA channels: who uses a channel, under which lock, and in which order. Only looks; what it
 * remembers need not survive a snapshot.
 */
final class ChannelChecks {

    private static final int CHIP_CHANNELS = 4;
    private static final int ALL_CALLS = 512;
    private static final int SOME_CALLS = 64;
    private static final List<String> NEEDED = List.of("set_dma_mode", "set_dma_addr", "set_dma_count");

    private final Violations violations;
    private final MemoryStates states;
    private final boolean wanted;
    /** The code that requested each channel: a loaded driver's class loader, or the name of a package. */
    private final Object[] owners = new Object[IsaDma.CHANNELS];
    /** The hart that holds the lock of the registers, or -1, and the line that took it. */
    private int lockHart = -1;
    private CallSite.Caller lockCaller;
    private final boolean[] flipFlopCleared = new boolean[2];
    private final long[] calls = new long[IsaDma.CHANNELS];
    /** What each channel was given since its owner requested it: a bit for each of {@link #NEEDED}. */
    private final int[] given = new int[IsaDma.CHANNELS];

    ChannelChecks(KernelBase base) {
        this.violations = base.violations();
        this.states = base.states();
        this.wanted = violations.checks(Rule.DMA_CHANNEL_UNOWNED) || violations.checks(Rule.DMA_CHANNEL_SETUP);
    }

    void requested(int channel) {
        owners[channel] = wanted ? CallSite.caller().code() : null;
        given[channel] = 0;
    }

    /** Notes that a channel was requested, and perhaps set up, before the kernel attached. */
    void restored(int channel) {
        given[channel] = -1;
    }

    void ownerGone(int channel) {
        owners[channel] = null;
    }

    void locked(int hart) {
        lockHart = hart;
        lockCaller = null;
        flipFlopCleared[0] = false;
        flipFlopCleared[1] = false;
    }

    void unlocked() {
        lockHart = -1;
    }

    void cleared(int channel) {
        flipFlopCleared[channel / CHIP_CHANNELS] = true;
    }

    /**
     * Checks a call on a channel.
     *
     * @param owner names the channel's owner; null if there is none
     */
    void used(String call, int channel, Supplier<String> owner, int hart) {
        if (!wanted) {
            return;
        }
        if (owner == null) {
            unowned(call, channel, ", which nobody requested", null);
        } else if (owners[channel] != null && looks(channel) && !owners[channel].equals(caller(hart).code())) {
            unowned(call, channel, ", which '" + owner.get() + "' has requested",
                    "two drivers program one channel, and each destroys the other's transfers");
        }
        if (lockHart != hart) {
            setup(call, channel, "without claim_dma_lock", "another hart may program a channel of the same chip in "
                    + "between, and the chip mixes up the bytes of both");
        }
    }

    /** Returns whether to look who calls. That takes a microsecond, so of many calls on a channel only some are. */
    private boolean looks(int channel) {
        calls[channel]++;
        return calls[channel] <= ALL_CALLS || calls[channel] % SOME_CALLS == 0;
    }

    private CallSite.Caller caller(int hart) {
        if (lockHart == hart && lockCaller == null) {
            lockCaller = CallSite.caller();
        }
        return lockHart == hart ? lockCaller : CallSite.caller();
    }

    private void unowned(String call, int channel, String whose, String why) {
        Violations.Building report = violations.of(Rule.DMA_CHANNEL_UNOWNED,
                call + " on DMA channel " + channel + whose);
        if (why != null) {
            report.line("why", why);
        }
        report.line("instead", Rule.DMA_CHANNEL_UNOWNED.right()).number("channel", channel)
                .reportAsPartOf(report.file() + ", channel " + channel);
    }

    /** Checks a call that writes or reads a 16-bit register, byte by byte. */
    void counts(String call, int channel) {
        if (wanted && lockHart >= 0 && !flipFlopCleared[channel / CHIP_CHANNELS]) {
            flipFlopCleared[channel / CHIP_CHANNELS] = true;
            setup(call, channel, "before clear_dma_ff", "the chip may take the first byte for the high one");
        }
    }

    /** Checks that a channel has all it needs when it is enabled. */
    void enabled(int channel, boolean cascade) {
        for (int i = 0; wanted && i < NEEDED.size(); i++) {
            if ((given[channel] >> i & 1) == 0 && !(cascade && i > 0)) {
                setup("enable_dma", channel, "before " + NEEDED.get(i),
                        "the transfer runs with what the channel's last owner left in the registers");
                given[channel] |= 1 << i;
            }
        }
    }

    /** Checks a call that changes a channel's registers. */
    void programmed(String call, int channel) {
        given[channel] |= 1 << NEEDED.indexOf(call);
        Claim claim = wanted ? states.claims().ofChannel(" channel " + channel) : null;
        if (claim != null) {
            states.settle();
            if (claim.isLive()) {
                setup(call, channel, "while the channel is enabled, by " + claim.describe(),
                        "the transfer that is running goes on at the new address, or for the new count");
            }
        }
    }

    private void setup(String call, int channel, String how, String why) {
        Violations.Building report = violations.of(Rule.DMA_CHANNEL_SETUP,
                call + " on DMA channel " + channel + " " + how);
        report.line("why", why).line("instead", Rule.DMA_CHANNEL_SETUP.right()).number("channel", channel)
                .reportAsPartOf(report.file() + ", channel " + channel + " " + how);
    }
}
