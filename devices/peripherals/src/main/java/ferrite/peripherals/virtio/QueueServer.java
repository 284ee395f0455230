package ferrite.peripherals.virtio;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.clock.ClockEvent;
import ferrite.hardware.state.Saveable;
import ferrite.hardware.state.StateReader;
import ferrite.hardware.state.StateWriter;
import java.util.function.UnaryOperator;

/** Serves the chains of a queue one after the other, each in steps that take virtual time: while one is in flight the guest runs. */
final class QueueServer implements Saveable {

    /** Instead of a number of ticks: that was the last step. */
    static final long DONE = -1;

    /** What is done with a chain. */
    interface Work {

        /** Throws a {@link DriverError} at a chain that is none for this device. */
        void require(DescriptorChain chain);

        /** A chain has come. Returns the ticks until its first step, at least one. */
        long begin(DescriptorChain chain);

        /** One step. Returns the ticks until the next, at least one, or {@link #DONE}. */
        long step(DescriptorChain chain);
    }

    private final VirtQueue queue;
    private final GuestMemory memory;
    private final Work work;
    private final ClockEvent nextStep;
    private DescriptorChain active;

    /** @param guard what an action becomes that may find a driver's mistake */
    QueueServer(String name, VirtQueue queue, GuestMemory memory, Work work, Clock clock, UnaryOperator<Runnable> guard) {
        this.queue = queue;
        this.memory = memory;
        this.work = work;
        this.nextStep = clock.newEvent(name, guard.apply(this::step));
    }

    /** There may be a chain. */
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
        if (ticks != DONE) {
            nextStep.scheduleIn(ticks);
            return;
        }
        DescriptorChain done = active;
        active = null;
        queue.give(done);
        look();
    }

    /** Forgets what it was doing. */
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
        StateReader.requireThat(due == (active != null), "a step is " + (due ? "" : "not ") + "due, with " + inFlight() + " chains in flight");
        if (active != null) {
            queue.requireReady();
            DriverError.refuse(() -> work.require(active));
        }
    }

    /** What is in flight; null when nothing is. */
    DescriptorChain active() {
        return active;
    }
}
