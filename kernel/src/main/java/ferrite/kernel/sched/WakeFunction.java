package ferrite.kernel.sched;

/** Linux's {@code wait_queue_func_t}: is told of a wake-up. The queue's lock is held. Any context. */
@FunctionalInterface
public interface WakeFunction {

    /** @param entry address of the {@link WaitEntryLayout}, which stays on the queue */
    void wake(long entry);
}
