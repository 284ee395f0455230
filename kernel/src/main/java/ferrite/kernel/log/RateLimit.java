package ferrite.kernel.log;

import static ferrite.kernel.log.RateLimitLayout.BEGIN;
import static ferrite.kernel.log.RateLimitLayout.BURST;
import static ferrite.kernel.log.RateLimitLayout.INTERVAL;
import static ferrite.kernel.log.RateLimitLayout.LOCK;
import static ferrite.kernel.log.RateLimitLayout.MISSED;
import static ferrite.kernel.log.RateLimitLayout.PRINTED;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.SpinLock;

/** Limits how often a message is logged (LDD3 page 79). Any context. */
public final class RateLimit {

    private static final long DEFAULT_INTERVAL = 5L * Clock.TICKS_PER_SECOND;
    private static final int DEFAULT_BURST = 10;

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock locks;
    private final KernelLog log;

    RateLimit(KernelMemory memory, KernelCpu cpu, KernelLog log) {
        this.memory = memory;
        this.cpu = cpu;
        this.locks = new SpinLock(memory, cpu);
        this.log = log;
    }

    /**
     * {@code ratelimit_state_init}: initializes a limit.
     *
     * @param interval in ticks; 0 for no limit
     */
    public void init(long state, long interval, int burst) {
        memory.store32(LOCK.at(state), 0);
        BURST.set(memory, state, burst);
        PRINTED.set(memory, state, 0);
        MISSED.set(memory, state, 0);
        INTERVAL.set(memory, state, interval);
        BEGIN.set(memory, state, 0);
    }

    /** Initializes a limit with Linux's defaults: 10 messages in 5 seconds. */
    public void initDefault(long state) {
        init(state, DEFAULT_INTERVAL, DEFAULT_BURST);
    }

    /** {@code __ratelimit}: counts a message. Returns whether it may be logged. */
    public boolean allows(long state) {
        long interval = INTERVAL.get(memory, state);
        if (interval == 0) {
            return true;
        }
        int flags = locks.lockIrqSave(LOCK.at(state));
        long now = cpu.time();
        int suppressed = 0;
        if (BEGIN.get(memory, state) == 0) {
            BEGIN.set(memory, state, now);
        }
        if (now > BEGIN.get(memory, state) + interval) {
            suppressed = MISSED.get(memory, state);
            MISSED.set(memory, state, 0);
            PRINTED.set(memory, state, 0);
            BEGIN.set(memory, state, now);
        }
        boolean allowed = PRINTED.get(memory, state) < BURST.get(memory, state);
        (allowed ? PRINTED : MISSED).add(memory, state, 1);
        locks.unlockIrqRestore(LOCK.at(state), flags);
        if (suppressed != 0) {
            log.print(KernLevels.KERN_WARNING + CallSite.methodOfCaller() + ": " + suppressed
                    + " callbacks suppressed");
        }
        return allowed;
    }
}
