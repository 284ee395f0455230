package ferrite.kernel.fs;

import static ferrite.kernel.fs.PollLayout.TABLE;
import static ferrite.kernel.fs.PollLayout.TRIGGERED;
import static ferrite.kernel.fs.PollLayout.WAIT;

import ferrite.hardware.clock.Clock;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.TaskLayout;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.WakeFunction;
import java.util.Arrays;
import java.util.function.IntPredicate;

/**
 * {@code poll} and {@code select} (LDD3 pages 163-169): wait for events of several files. In a first round each driver
 * names its wait queues ({@code poll_wait}) and returns the events that have come. A wake-up of any of the queues
 * starts another round.
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

    /** The events of each set of {@code select}, as in Linux's fs/select.c: to read, to write, exceptions. */
    private static final int[] SELECTED = {
        PollEvents.EPOLLRDNORM | PollEvents.EPOLLRDBAND | PollEvents.EPOLLIN | PollEvents.EPOLLHUP
                | PollEvents.EPOLLERR,
        PollEvents.EPOLLWRBAND | PollEvents.EPOLLWRNORM | PollEvents.EPOLLOUT | PollEvents.EPOLLERR,
        PollEvents.EPOLLPRI};

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final TaskSystem tasks;
    private final Kmalloc kmalloc;
    private final PollTables tables;
    private final long wakeFunction;

    Polling(KernelBase base, TaskSystem tasks, Kmalloc kmalloc, TextTable.Module text) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.tasks = tasks;
        this.kmalloc = kmalloc;
        this.tables = new PollTables(base, tasks.waitQueues(), kmalloc);
        this.wakeFunction = text.add("pollwake", (WakeFunction) this::wake);
    }

    /** A queue wakes up, with its lock held. */
    private void wake(long entry) {
        long call = TABLE.containerOf(tables.table(entry));
        TRIGGERED.set(memory, call, 1);
        tasks.waitQueues().wakeUp(WAIT.at(call));
    }

    /**
     * {@code poll_wait}: adds a queue. Its wake-ups end the sleep. May sleep.
     *
     * @param table the second argument of the {@code poll} operation, which may be 0
     */
    public void pollWait(long queue, long table) {
        tables.pollWait(queue, table);
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
        return poll(milliseconds < 0 ? Sleep.FOREVER : milliseconds * TICKS_PER_MILLISECOND,
                table -> round(table, fds, count, events));
    }

    /** Asks all files. */
    @FunctionalInterface
    private interface Round {

        /** Returns the number of files, or of events, that end the sleep. */
        int of(long table);
    }

    private int poll(long ticks, Round round) {
        long call = kmalloc.kzalloc(PollLayout.SIZE, Gfp.GFP_KERNEL);
        if (call == 0) {
            return -Errno.ENOMEM;
        }
        tasks.waitQueues().init(WAIT.at(call));
        tables.init(TABLE.at(call), wakeFunction);
        if (ticks == 0) {
            tables.addNoMore(TABLE.at(call));
        }
        int result = poll(call, ticks, round);
        if (result == -Errno.ERESTART_WAIT) {
            TaskLayout.CALL_POLL.set(memory, cpu.tp(), call);
        } else {
            free(call);
        }
        return result;
    }

    private void free(long call) {
        tables.freeEntries(TABLE.at(call));
        kmalloc.kfree(call);
    }

    /** Ends the rounds of a system call that has waited at the restart point, and is made again. */
    public void finishCall() {
        long call = TaskLayout.CALL_POLL.get(memory, cpu.tp());
        if (call != 0) {
            TaskLayout.CALL_POLL.set(memory, cpu.tp(), 0);
            free(call);
        }
    }

    private int poll(long call, long ticks, Round round) {
        long left = ticks;
        for (;;) {
            TRIGGERED.set(memory, call, 0);
            int ready = round.of(TABLE.at(call));
            tables.addNoMore(TABLE.at(call));
            if (ready == 0 && tasks.signals().isPending()) {
                ready = -Errno.EINTR;
            }
            if (ready == 0) {
                ready = tables.error(TABLE.at(call));
            }
            if (ready != 0 || left == 0) {
                return ready;
            }
            long rest = tasks.sleep().atRestartPoint(WAIT.at(call), () -> TRIGGERED.get(memory, call) != 0, left,
                    false);
            if (rest == -Errno.ERESTART_WAIT) {
                return -Errno.ERESTART_WAIT;
            }
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
                tables.addNoMore(table);               // the call will not sleep
            }
        }
        return ready;
    }

    /**
     * {@code select}. Each set is a word, with a bit for each descriptor, or address 0. They hold the descriptors that
     * are ready when the call returns 0 or more.
     *
     * @param descriptors  the descriptors below this are looked at
     * @param microseconds the longest sleep; 0 for none, negative for ever
     * @return the number of bits in the sets, 0 if the time is over, or a negative {@link Errno}
     */
    int select(int descriptors, long[] sets, long microseconds, Events events, IntPredicate isOpen) {
        int all = (int) ((1L << Math.max(0, Math.min(descriptors, TaskLayout.MAX_FILES))) - 1);
        int[] wanted = new int[sets.length];
        int[] found = new int[sets.length];
        int asked = 0;
        for (int i = 0; i < sets.length; i++) {
            wanted[i] = sets[i] == 0 ? 0 : memory.load32(sets[i]) & all;
            asked |= wanted[i];
        }
        if (descriptors < 0 || !areOpen(asked, isOpen)) {
            return descriptors < 0 ? -Errno.EINVAL : -Errno.EBADF;
        }
        int files = asked;
        int result = poll(microseconds < 0 ? Sleep.FOREVER : microseconds * Clock.TICKS_PER_MICROSECOND,
                table -> round(table, files, wanted, found, events));
        for (int i = 0; i < sets.length && result >= 0; i++) {
            if (sets[i] != 0) {
                memory.store32(sets[i], found[i]);
            }
        }
        return result;
    }

    private static boolean areOpen(int descriptors, IntPredicate isOpen) {
        for (int left = descriptors; left != 0; left &= left - 1) {
            if (!isOpen.test(Integer.numberOfTrailingZeros(left))) {
                return false;
            }
        }
        return true;
    }

    /** Asks the files of a set. Returns the number of events of the kinds that are wanted. */
    private int round(long table, int files, int[] wanted, int[] found, Events events) {
        Arrays.fill(found, 0);
        int ready = 0;
        for (int left = files; left != 0; left &= left - 1) {
            int descriptor = Integer.numberOfTrailingZeros(left);
            int mask = events.of(descriptor, table);
            for (int kind = 0; kind < found.length; kind++) {
                if ((wanted[kind] & 1 << descriptor) != 0 && (mask & SELECTED[kind]) != 0) {
                    found[kind] |= 1 << descriptor;
                    ready++;
                    tables.addNoMore(table);           // the call will not sleep
                }
            }
        }
        return ready;
    }
}
