package ferrite.peripherals.virtio;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.function.UnaryOperator;

/**
 * Serves a queue's chains one after the other, in steps that take virtual time. The guest runs while a chain is in
 * flight.
 */
final class QueueServer implements Saveable {

    /** Returned instead of a number of ticks: the step was the last one. */
    static final long DONE = -1;
    /** Returned instead of a number of ticks: there is no further step, and no answer. */
    static final long NEVER = -2;

    /** The device's work on a chain. */
    interface Work {

        /** Throws a {@link DriverError} if the chain does not suit this device. */
        void require(DescriptorChain chain);

        /** Begins a new chain. Returns the ticks until its first step, at least one. */
        long begin(DescriptorChain chain);

        /** Does one step. Returns the ticks until the next step, at least one, {@link #DONE} or {@link #NEVER}. */
        long step(DescriptorChain chain);

        /** Tells whether the interrupt of the chain that is done is lost. */
        default boolean losesInterrupt() {
            return false;
        }
    }

    private final VirtQueue queue;
    private final GuestMemory memory;
    private final Work work;
    private final ClockEvent nextStep;
    private DescriptorChain active;

    /** @param guard wraps an action that may find a driver's mistake */
    QueueServer(String name, VirtQueue queue, GuestMemory memory, Work work, Clock clock,
            UnaryOperator<Runnable> guard) {
        this.queue = queue;
        this.memory = memory;
        this.work = work;
        this.nextStep = clock.newEvent(name, guard.apply(this::step));
    }

    /** Takes the next chain, if the server is idle and one is available. */
    void look() {
        if (active == null) {
            active = queue.take();
            if (active != null) {
                work.require(active);
                nextStep.scheduleIn(work.begin(active));
            }
        }
    }

    private void step() {
        long ticks = work.step(active);
        if (ticks >= 0) {
            nextStep.scheduleIn(ticks);
            return;
        }
        DescriptorChain done = active;
        active = null;
        if (ticks == NEVER) {
            return;
        }
        if (work.losesInterrupt()) {
            queue.giveSilently(done);
        } else {
            queue.give(done);
        }
        look();
    }

    /** Drops the chain in flight. */
    void stop() {
        active = null;
        nextStep.cancel();
    }

    int inFlight() {
        return active == null ? 0 : 1;
    }

    @Override
    public void save(StateWriter out) {
        DescriptorChain.save(out, active);
    }

    @Override
    public void restore(StateReader in) {
        active = DescriptorChain.restore(in, memory);
        boolean due = nextStep.isScheduled();
        StateReader.requireThat(due == (active != null),
                "a step is " + (due ? "" : "not ") + "due while " + inFlight() + " chains are in flight");
        if (active != null) {
            queue.requireReady();
            DriverError.refuse(() -> work.require(active));
        }
    }

    /** Returns the chain in flight, or null. */
    DescriptorChain active() {
        return active;
    }
}
