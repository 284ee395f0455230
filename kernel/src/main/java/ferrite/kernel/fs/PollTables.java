package ferrite.kernel.fs;

import static ferrite.kernel.fs.PollTableLayout.ADDS;
import static ferrite.kernel.fs.PollTableLayout.ENTRIES;
import static ferrite.kernel.fs.PollTableLayout.ENTRY;
import static ferrite.kernel.fs.PollTableLayout.ERROR;
import static ferrite.kernel.fs.PollTableLayout.FUNCTION;
import static ferrite.kernel.fs.PollTableLayout.NEXT;
import static ferrite.kernel.fs.PollTableLayout.QUEUE;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.WaitEntryLayout;
import ferrite.kernel.sched.WaitQueue;

/** Tables of the wait queues that drivers name to {@code poll_wait}, for {@link Polling} and {@link Epoll}. */
final class PollTables {

    private final KernelMemory memory;
    private final WaitQueue queues;
    private final Kmalloc kmalloc;

    PollTables(KernelBase base, WaitQueue queues, Kmalloc kmalloc) {
        this.memory = base.memory();
        this.queues = queues;
        this.kmalloc = kmalloc;
    }

    /** Makes an empty table in zeroed memory. {@link #pollWait} adds to it. */
    void init(long table, long function) {
        FUNCTION.set(memory, table, function);
        ADDS.set(memory, table, 1);
    }

    /** Keeps the entries of a table as they are. */
    void addNoMore(long table) {
        ADDS.set(memory, table, 0);
    }

    /** Returns 0, or {@code -ENOMEM} if there was no memory for an entry. */
    int error(long table) {
        return ERROR.get(memory, table);
    }

    /** Returns the table of an entry that a wake-up has reached. */
    long table(long entry) {
        return WaitEntryLayout.PRIVATE.get(memory, entry);
    }

    /** {@code poll_wait}, see {@link Polling#pollWait}. */
    void pollWait(long queue, long table) {
        if (queue == 0 || table == 0 || ADDS.get(memory, table) == 0) {
            return;
        }
        long entry = kmalloc.kzalloc(PollTableLayout.ENTRY_SIZE, Gfp.GFP_KERNEL);
        if (entry == 0) {
            ERROR.set(memory, table, -Errno.ENOMEM);
            return;
        }
        WaitEntryLayout.PRIVATE.set(memory, ENTRY.at(entry), table);
        WaitEntryLayout.FUNCTION.set(memory, ENTRY.at(entry), FUNCTION.get(memory, table));
        QUEUE.set(memory, entry, queue);
        NEXT.set(memory, entry, ENTRIES.get(memory, table));
        ENTRIES.set(memory, table, entry);
        queues.add(queue, ENTRY.at(entry));
    }

    /** Takes all entries off their queues. The function does not run any more when this returns. */
    void freeEntries(long table) {
        long entry = ENTRIES.get(memory, table);
        while (entry != 0) {
            long next = NEXT.get(memory, entry);
            queues.remove(QUEUE.get(memory, entry), ENTRY.at(entry));
            kmalloc.kfree(entry);
            entry = next;
        }
        ENTRIES.set(memory, table, 0);
    }
}
