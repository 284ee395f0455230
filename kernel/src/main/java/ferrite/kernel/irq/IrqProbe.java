package ferrite.kernel.irq;

import ferrite.hardware.clock.Clock;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.sched.Sleep;

/**
 * The search for the interrupt of a device (LDD3 page 266): sources without a handler are enabled, and the first
 * interrupt of one disables it again, which is how it is found. Task context; may sleep.
 */
public final class IrqProbe {

    /** Time in which interrupts without a cause come, as Linux waits for them. */
    private static final long SPURIOUS = 100_000L * Clock.TICKS_PER_MICROSECOND;

    private final Interrupts interrupts;
    private final Sleep sleep;

    public IrqProbe(Interrupts interrupts, Sleep sleep) {
        this.interrupts = interrupts;
        this.sleep = sleep;
    }

    /** {@code probe_irq_on}: returns a bit for each source that is watched from now on. */
    public int on() {
        int watched = 0;
        for (int irq = 1; irq < Interrupts.SOURCES; irq++) {
            watched |= interrupts.watch(irq) ? 1 << irq : 0;
        }
        sleep.timeout("probe_irq_on", SPURIOUS, TaskLayout.UNINTERRUPTIBLE);
        return watched & ~fired(watched, false);
    }

    /**
     * {@code probe_irq_off}: ends the search.
     *
     * @param watched as {@link #on} returned it
     * @return the source that has raised an interrupt; 0 for none; the first one's negative number for several
     */
    public int off(int watched) {
        int fired = fired(watched, true);
        int first = fired == 0 ? 0 : Integer.numberOfTrailingZeros(fired);
        return Integer.bitCount(fired) > 1 ? -first : first;
    }

    private int fired(int watched, boolean ends) {
        int fired = 0;
        for (int rest = watched; rest != 0; rest &= rest - 1) {
            int irq = Integer.numberOfTrailingZeros(rest);
            fired |= interrupts.hasFired(irq, ends) ? 1 << irq : 0;
        }
        return fired;
    }
}
