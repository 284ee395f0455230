package ferrite.kernel.fs;

import static ferrite.kernel.fs.PollLayout.ADDS;
import static ferrite.kernel.fs.PollLayout.ENTRIES;
import static ferrite.kernel.fs.PollLayout.ENTRY;
import static ferrite.kernel.fs.PollLayout.ERROR;
import static ferrite.kernel.fs.PollLayout.NEXT;
import static ferrite.kernel.fs.PollLayout.QUEUE;
import static ferrite.kernel.fs.PollLayout.TRIGGERED;
import static ferrite.kernel.fs.PollLayout.WAIT;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.WaitEntryLayout;
import ferrite.kernel.sched.WakeFunction;

/**
 * {@code poll} (LDD3 pages 163-169): waits for events of several files. In a first round each driver names its wait
 * queues ({@code poll_wait}) and returns the events that have come. A wake-up of any of the queues starts another
 * round.
 *
 * <p>The mark of a wake-up is cleared before a round begins, so an event that comes after a driver has looked is
 * followed by a wake-up that sets the mark again: none is lost.
 */
public final class Polling {

    /** Finds the events of a descriptor of the current task. */
    @FunctionalInterface
    interface Events {

        /** Returns a mask of {@link PollEvents}. */
        int of(int descriptor, long table);
    }

    private static final long TICKS_PER_MILLISECOND = 1000L * Clock.TICKS_PER_MICROSECOND;

    private final KernelMemory memory;
    private final TaskSystem tasks;
    private final Kmalloc kmalloc;
    private final long wakeFunction;

    Polling(KernelBase base, TaskSystem tasks, Kmalloc kmalloc, TextTable.Module text) {
        this.memory = base.memory();
        this.tasks = tasks;
        this.kmalloc = kmalloc;
        this.wakeFunction = text.add("pollwake", (WakeFunction) this::wake);
    }

    /** A queue wakes up, with its lock held. */
    private void wake(long entry) {
        long table = WaitEntryLayout.PRIVATE.get(memory, entry);
        TRIGGERED.set(memory, table, 1);
        tasks.waitQueues().wakeUp(WAIT.at(table));
    }

    /**
     * {@code poll_wait}: adds a queue. Its wake-ups end the sleep. May sleep.
     *
     * @param table the second argument of the {@code poll} operation, which may be 0
     */
    public void pollWait(long queue, long table) {
        if (queue == 0 || table == 0 || ADDS.get(memory, table) == 0) {
            return;
        }
        long entry = kmalloc.kzalloc(PollLayout.ENTRY_SIZE, Gfp.GFP_KERNEL);
        if (entry == 0) {
            ERROR.set(memory, table, -Errno.ENOMEM);
            return;
        }
        WaitEntryLayout.PRIVATE.set(memory, ENTRY.at(entry), table);
        WaitEntryLayout.FUNCTION.set(memory, ENTRY.at(entry), wakeFunction);
        QUEUE.set(memory, entry, queue);
        NEXT.set(memory, entry, ENTRIES.get(memory, table));
        ENTRIES.set(memory, table, entry);
        tasks.waitQueues().add(queue, ENTRY.at(entry));
    }

    /**
     * {@code poll}.
     *
     * @param fds          address of an array of {@link PollFdLayout}
     * @param milliseconds the longest sleep; 0 for none, negative for ever
     * @return the number of elements with events, 0 if the time is over, or a negative {@link Errno}
     */
    int poll(long fds, int count, int milliseconds, Events events) {
        if (count < 0 || count > TaskLayout.MAX_FILES) {
            return -Errno.EINVAL;
        }
        long table = kmalloc.kzalloc(PollLayout.SIZE, Gfp.GFP_KERNEL);
        if (table == 0) {
            return -Errno.ENOMEM;
        }
        tasks.waitQueues().init(WAIT.at(table));
        ADDS.set(memory, table, milliseconds == 0 ? 0 : 1);
        int result = poll(table, fds, count, milliseconds < 0 ? Sleep.FOREVER : milliseconds * TICKS_PER_MILLISECOND,
                events);
        freeEntries(table);
        kmalloc.kfree(table);
        return result;
    }

    private int poll(long table, long fds, int count, long ticks, Events events) {
        long left = ticks;
        for (;;) {
            TRIGGERED.set(memory, table, 0);
            int ready = round(table, fds, count, events);
            ADDS.set(memory, table, 0);
            if (ready == 0 && tasks.signals().isPending()) {
                ready = -Errno.EINTR;
            }
            if (ready == 0) {
                ready = ERROR.get(memory, table);
            }
            if (ready != 0 || left == 0) {
                return ready;
            }
            long rest = tasks.sleep().until(WAIT.at(table), () -> TRIGGERED.get(memory, table) != 0,
                    TaskLayout.INTERRUPTIBLE, left);
            left = left == Sleep.FOREVER ? left : Math.max(0, rest);
        }
    }

    /** Asks all files. Returns the number of those with events. */
    private int round(long table, long fds, int count, Events events) {
        int ready = 0;
        for (int i = 0; i < count; i++) {
            long element = fds + (long) i * PollFdLayout.SIZE;
            int descriptor = PollFdLayout.FD.get(memory, element);
            int wanted = memory.load16(PollFdLayout.EVENTS.at(element)) & 0xffff | PollEvents.EPOLLERR
                    | PollEvents.EPOLLHUP | PollEvents.POLLNVAL;
            int found = descriptor < 0 ? 0 : events.of(descriptor, table) & wanted;
            memory.store16(PollFdLayout.REVENTS.at(element), found);
            if (found != 0) {
                ready++;
                ADDS.set(memory, table, 0);            // the call will not sleep
            }
        }
        return ready;
    }

    private void freeEntries(long table) {
        long entry = ENTRIES.get(memory, table);
        while (entry != 0) {
            long next = NEXT.get(memory, entry);
            tasks.waitQueues().remove(QUEUE.get(memory, entry), ENTRY.at(entry));
            kmalloc.kfree(entry);
            entry = next;
        }
    }
}
