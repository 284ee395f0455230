package ferrite.kernel.fs;

import static ferrite.kernel.fs.EpollItemLayout.DATA;
import static ferrite.kernel.fs.EpollItemLayout.DESCRIPTOR;
import static ferrite.kernel.fs.EpollItemLayout.EPOLL;
import static ferrite.kernel.fs.EpollItemLayout.EVENTS;
import static ferrite.kernel.fs.EpollItemLayout.FILE;
import static ferrite.kernel.fs.EpollItemLayout.NEXT_WATCHER;
import static ferrite.kernel.fs.EpollItemLayout.NODE;
import static ferrite.kernel.fs.EpollItemLayout.READY_NODE;
import static ferrite.kernel.fs.EpollItemLayout.TABLE;
import static ferrite.kernel.fs.EventPollLayout.ITEMS;
import static ferrite.kernel.fs.EventPollLayout.LOCK;
import static ferrite.kernel.fs.EventPollLayout.MUTEX;
import static ferrite.kernel.fs.EventPollLayout.POLL_WAIT;
import static ferrite.kernel.fs.EventPollLayout.READY;
import static ferrite.kernel.fs.EventPollLayout.SCANNED;
import static ferrite.kernel.fs.EventPollLayout.WAIT;

import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.Sleep;
import ferrite.kernel.sched.TaskSystem;
import ferrite.kernel.sched.WakeFunction;
import ferrite.kernel.vm.UserMemory;

/**
 * {@code epoll}: a file that tells of events of other files (Linux's fs/eventpoll.c). Task context; all may sleep.
 *
 * <p>A watched file has an item, with an entry on each of its wait queues. A wake-up puts the item on the list of those
 * that are ready. {@code epoll_wait} takes an item off that list before it asks the file for its events. So an event
 * that comes after the driver has looked puts the item on the list again: none is lost. A level-triggered item with
 * events goes back to the list as well.
 *
 * <p>Locks, in this order: the mutex of all epoll files ({@link RootLayout#EPMUTEX}), for changes of the watched files;
 * an epoll file's mutex, which a file's driver is called with; the watched file's queue; an epoll file's lock.
 */
public final class Epoll {

    public static final int EPOLL_CTL_ADD = 1;
    public static final int EPOLL_CTL_DEL = 2;
    public static final int EPOLL_CTL_MOD = 3;

    /** The size of a {@code struct epoll_event}: the events, a gap, and the program's 64-bit word. */
    public static final int EVENT_BYTES = 16;
    public static final int EVENT_DATA = 8;

    private static final int FLAGS = PollEvents.EPOLLEXCLUSIVE | PollEvents.EPOLLWAKEUP | PollEvents.EPOLLONESHOT
            | PollEvents.EPOLLET;
    private static final int ALWAYS = PollEvents.EPOLLERR | PollEvents.EPOLLHUP;
    /** What may be asked for together with {@link PollEvents#EPOLLEXCLUSIVE}. */
    private static final int EXCLUSIVE_OK = ALWAYS | PollEvents.EPOLLIN | PollEvents.EPOLLOUT | PollEvents.EPOLLWAKEUP
            | PollEvents.EPOLLET | PollEvents.EPOLLEXCLUSIVE;

    private final KernelMemory memory;
    private final SpinLock locks;
    private final TaskSystem tasks;
    private final Kmalloc kmalloc;
    private final UserMemory user;
    private final Files files;
    private final PollTables tables;
    private final EpollNesting nesting;
    private final long mutex;
    private final long operations;
    private final long wakeFunction;

    Epoll(KernelBase base, TaskSystem tasks, Kmalloc kmalloc, UserMemory user, Files files,
            TextTable.Module module) {
        this.memory = base.memory();
        this.locks = base.locks();
        this.tasks = tasks;
        this.kmalloc = kmalloc;
        this.user = user;
        this.files = files;
        this.tables = new PollTables(base, tasks.waitQueues(), kmalloc);
        this.mutex = RootLayout.EPMUTEX.at(base.root());
        this.operations = module.add("eventpoll_fops", new EpollFile());
        this.nesting = new EpollNesting(memory, operations);
        this.wakeFunction = module.add("ep_poll_callback", (WakeFunction) this::wake);
    }

    /** Boot. */
    void init() {
        tasks.mutexes().init(mutex);
    }

    boolean isEpoll(long file) {
        return FileLayout.OPERATIONS.get(memory, file) == operations;
    }

    /** {@code epoll_create}: makes an epoll file. Returns its descriptor, or a negative {@link Errno}. */
    public int create() {
        long epoll = kmalloc.kzalloc(EventPollLayout.SIZE, Gfp.GFP_KERNEL);
        if (epoll == 0) {
            return -Errno.ENOMEM;
        }
        tasks.mutexes().init(MUTEX.at(epoll));
        tasks.waitQueues().init(WAIT.at(epoll));
        tasks.waitQueues().init(POLL_WAIT.at(epoll));
        ListHead.init(memory, READY.at(epoll));
        ListHead.init(memory, SCANNED.at(epoll));
        ListHead.init(memory, ITEMS.at(epoll));
        int descriptor = files.open(Namei.Target.of(operations, epoll), Fcntl.O_RDWR);
        if (descriptor < 0) {
            kmalloc.kfree(epoll);
        }
        return descriptor;
    }

    // ---- epoll_ctl ----

    /**
     * {@code epoll_ctl}: begins or ends to watch a file, or changes the events.
     *
     * @param operation {@link #EPOLL_CTL_ADD} and its kin
     * @param events    a mask of {@link PollEvents}, with the flags of epoll
     * @param data      the program's own word, which {@link #await} tells
     * @return 0, or a negative {@link Errno}: EBADF, EPERM if the file's driver has no {@code poll}, EEXIST, ENOENT,
     *         EINVAL, ELOOP, ENOMEM
     */
    public int control(int descriptor, int operation, int watched, int events, long data) {
        long file = files.file(descriptor);
        long target = files.file(watched);
        if (file == 0 || target == 0) {
            return -Errno.EBADF;
        }
        if (!isEpoll(target) && files.poll(target, 0) == -Errno.ENOSYS) {
            return -Errno.EPERM;
        }
        if (file == target || !isEpoll(file) || isWrongExclusive(operation, target, events)) {
            return -Errno.EINVAL;
        }
        long epoll = FileLayout.DATA.get(memory, file);
        tasks.mutexes().lock(mutex);
        int result = -Errno.ELOOP;
        if (operation != EPOLL_CTL_ADD || !isEpoll(target)
                || nesting.allows(epoll, FileLayout.DATA.get(memory, target))) {
            tasks.mutexes().lock(MUTEX.at(epoll));
            result = controlLocked(epoll, operation, target, watched, events | ALWAYS, data);
            tasks.mutexes().unlock(MUTEX.at(epoll));
        }
        tasks.mutexes().unlock(mutex);
        return result;
    }

    private boolean isWrongExclusive(int operation, long target, int events) {
        return operation != EPOLL_CTL_DEL && (events & PollEvents.EPOLLEXCLUSIVE) != 0
                && (operation == EPOLL_CTL_MOD || isEpoll(target) || (events & ~EXCLUSIVE_OK) != 0);
    }

    private int controlLocked(long epoll, int operation, long file, int descriptor, int events, long data) {
        long item = find(epoll, file, descriptor);
        switch (operation) {
            case EPOLL_CTL_ADD -> {
                return item != 0 ? -Errno.EEXIST : add(epoll, file, descriptor, events, data);
            }
            case EPOLL_CTL_DEL -> {
                if (item != 0) {
                    remove(item);
                }
            }
            case EPOLL_CTL_MOD -> {
                if (item != 0 && (EVENTS.get(memory, item) & PollEvents.EPOLLEXCLUSIVE) != 0) {
                    return -Errno.EINVAL;
                }
                if (item != 0) {
                    want(item, events, data);
                    readyIfEvents(item, ask(item, 0));
                }
            }
            default -> {
                return -Errno.EINVAL;
            }
        }
        return item == 0 ? -Errno.ENOENT : 0;
    }

    private long find(long epoll, long file, int descriptor) {
        long head = ITEMS.at(epoll);
        for (long node = ListHead.first(memory, head); node != head; node = ListHead.next(memory, node)) {
            long item = NODE.containerOf(node);
            if (FILE.get(memory, item) == file && DESCRIPTOR.get(memory, item) == descriptor) {
                return item;
            }
        }
        return 0;
    }

    private int add(long epoll, long file, int descriptor, int events, long data) {
        long item = kmalloc.kzalloc(EpollItemLayout.SIZE, Gfp.GFP_KERNEL);
        if (item == 0) {
            return -Errno.ENOMEM;
        }
        tables.init(TABLE.at(item), wakeFunction);
        ListHead.init(memory, READY_NODE.at(item));
        EPOLL.set(memory, item, epoll);
        FILE.set(memory, item, file);
        DESCRIPTOR.set(memory, item, descriptor);
        want(item, events, data);
        ListHead.addTail(memory, NODE.at(item), ITEMS.at(epoll));
        NEXT_WATCHER.set(memory, item, FileLayout.WATCHERS.get(memory, file));
        FileLayout.WATCHERS.set(memory, file, item);
        int found = ask(item, TABLE.at(item));
        tables.addNoMore(TABLE.at(item));
        int error = tables.error(TABLE.at(item));
        if (error != 0) {
            remove(item);
        } else {
            readyIfEvents(item, found);
        }
        return error;
    }

    private void want(long item, int events, long data) {
        DATA.set(memory, item, data);
        EVENTS.set(memory, item, events);
    }

    /** Asks a file for its events. Returns those that the program wants. */
    private int ask(long item, long table) {
        return files.poll(FILE.get(memory, item), table) & EVENTS.get(memory, item) & ~FLAGS;
    }

    private void readyIfEvents(long item, int found) {
        if (found != 0) {
            ready(item);
        }
    }

    /** Frees an item. The caller holds both mutexes, or the epoll file has no descriptor. */
    private void remove(long item) {
        tables.freeEntries(TABLE.at(item));
        long epoll = EPOLL.get(memory, item);
        int flags = locks.lockIrqSave(LOCK.at(epoll));
        ListHead.delete(memory, READY_NODE.at(item));
        locks.unlockIrqRestore(LOCK.at(epoll), flags);
        ListHead.delete(memory, NODE.at(item));
        removeWatcher(item);
        kmalloc.kfree(item);
    }

    private void removeWatcher(long item) {
        long file = FILE.get(memory, item);
        long next = NEXT_WATCHER.get(memory, item);
        long before = FileLayout.WATCHERS.get(memory, file);
        if (before == item) {
            FileLayout.WATCHERS.set(memory, file, next);
            return;
        }
        while (NEXT_WATCHER.get(memory, before) != item) {
            before = NEXT_WATCHER.get(memory, before);
        }
        NEXT_WATCHER.set(memory, before, next);
    }

    /** {@code eventpoll_release}: ends to watch a file that has no reference any more. */
    void forget(long file) {
        tasks.mutexes().lock(mutex);
        long item = FileLayout.WATCHERS.get(memory, file);
        while (item != 0) {
            long epoll = EPOLL.get(memory, item);
            tasks.mutexes().lock(MUTEX.at(epoll));
            remove(item);
            tasks.mutexes().unlock(MUTEX.at(epoll));
            item = FileLayout.WATCHERS.get(memory, file);
        }
        tasks.mutexes().unlock(mutex);
    }

    // ---- wake-ups ----

    /** A queue of a watched file wakes up, with its lock held. Any context. */
    private void wake(long entry) {
        long item = TABLE.containerOf(tables.table(entry));
        if ((EVENTS.get(memory, item) & ~FLAGS) != 0) {
            ready(item);
        }
    }

    /** Puts an item on the list of those that are ready, and wakes the tasks that wait for one. */
    private void ready(long item) {
        long epoll = EPOLL.get(memory, item);
        int flags = locks.lockIrqSave(LOCK.at(epoll));
        addReady(item);
        locks.unlockIrqRestore(LOCK.at(epoll), flags);
        tasks.waitQueues().wakeUp(WAIT.at(epoll));
        tasks.waitQueues().wakeUp(POLL_WAIT.at(epoll));
    }

    /** The caller holds the lock. */
    private void addReady(long item) {
        if (ListHead.isEmpty(memory, READY_NODE.at(item))) {
            ListHead.addTail(memory, READY_NODE.at(item), READY.at(EPOLL.get(memory, item)));
        }
    }

    // ---- epoll_wait ----

    /**
     * {@code epoll_wait}: waits until watched files have events.
     *
     * @param events address of the program's array of {@code struct epoll_event}
     * @param ticks  the longest sleep; 0 for none, {@link Sleep#FOREVER} for ever
     * @return the number of elements that were stored, 0 if the time is over, or a negative {@link Errno}: EBADF,
     *         EINVAL if it is no epoll file, EFAULT, EINTR if a signal came first
     */
    public int await(int descriptor, long events, int count, long ticks) {
        long file = files.file(descriptor);
        if (count <= 0 || count > Integer.MAX_VALUE / EVENT_BYTES) {
            return -Errno.EINVAL;
        }
        if (file == 0 || !isEpoll(file)) {
            return file == 0 ? -Errno.EBADF : -Errno.EINVAL;
        }
        long epoll = FileLayout.DATA.get(memory, file);
        long left = ticks;
        for (;;) {
            int sent = send(epoll, events, count);
            if (sent != 0 || ticks == 0) {
                return sent;
            }
            if (tasks.signals().isPending()) {
                return -Errno.EINTR;
            }
            if (left == 0) {
                return 0;
            }
            long rest = tasks.sleep().atRestartPoint(WAIT.at(epoll),
                    () -> !ListHead.isEmpty(memory, READY.at(epoll)), left, true);
            if (rest == -Errno.ERESTART_WAIT) {
                return -Errno.ERESTART_WAIT;
            }
            left = left == Sleep.FOREVER ? left : Math.max(0, rest);
        }
    }

    /** Asks the files that are ready, and stores their events. Returns the number of files, or an errno. */
    private int send(long epoll, long events, int count) {
        begin(epoll);
        int sent = 0;
        for (long item = next(epoll, sent < count); item != 0; item = next(epoll, sent < count)) {
            int found = ask(item, 0);
            if (found == 0) {
                continue;
            }
            if (!store(events + (long) sent * EVENT_BYTES, found, DATA.get(memory, item))) {
                putBack(item);
                sent = sent == 0 ? -Errno.EFAULT : sent;
                break;
            }
            sent++;
            told(item);
        }
        end(epoll);
        return sent;
    }

    private boolean store(long to, int found, long data) {
        return user.put32(to, found)
                && user.put32s(to + EVENT_DATA, (int) data, (int) (data >> Integer.SIZE));
    }

    /** Decides when an item is asked again after it was told of. */
    private void told(long item) {
        int events = EVENTS.get(memory, item);
        if ((events & PollEvents.EPOLLONESHOT) != 0) {
            EVENTS.set(memory, item, events & FLAGS);
        } else if ((events & PollEvents.EPOLLET) == 0) {
            long epoll = EPOLL.get(memory, item);
            int flags = locks.lockIrqSave(LOCK.at(epoll));
            addReady(item);
            locks.unlockIrqRestore(LOCK.at(epoll), flags);
        }
    }

    /** Begins a round over the items that are ready. Locks the epoll file's mutex. */
    private void begin(long epoll) {
        tasks.mutexes().lock(MUTEX.at(epoll));
        int flags = locks.lockIrqSave(LOCK.at(epoll));
        ListHead.splice(memory, READY.at(epoll), SCANNED.at(epoll));
        locks.unlockIrqRestore(LOCK.at(epoll), flags);
    }

    /** Takes the next item off the list of the round. Returns 0 at the end, or if no more are wanted. */
    private long next(long epoll, boolean wanted) {
        int flags = locks.lockIrqSave(LOCK.at(epoll));
        long node = ListHead.first(memory, SCANNED.at(epoll));
        boolean ends = !wanted || node == SCANNED.at(epoll);
        if (!ends) {
            ListHead.delete(memory, node);
        }
        locks.unlockIrqRestore(LOCK.at(epoll), flags);
        return ends ? 0 : READY_NODE.containerOf(node);
    }

    /** Makes an item the first one of the next round, unless a wake-up has added it to that round. */
    private void putBack(long item) {
        long epoll = EPOLL.get(memory, item);
        int flags = locks.lockIrqSave(LOCK.at(epoll));
        if (ListHead.isEmpty(memory, READY_NODE.at(item))) {
            ListHead.add(memory, READY_NODE.at(item), SCANNED.at(epoll));
        }
        locks.unlockIrqRestore(LOCK.at(epoll), flags);
    }

    /** Ends a round. Items that were not asked are ready as before, and another task may take them. */
    private void end(long epoll) {
        int flags = locks.lockIrqSave(LOCK.at(epoll));
        ListHead.splice(memory, SCANNED.at(epoll), READY.at(epoll));
        boolean more = !ListHead.isEmpty(memory, READY.at(epoll));
        locks.unlockIrqRestore(LOCK.at(epoll), flags);
        tasks.mutexes().unlock(MUTEX.at(epoll));
        if (more) {
            tasks.waitQueues().wakeUp(WAIT.at(epoll));
        }
    }

    // ---- an epoll file that is polled ----

    /** Returns whether a watched file has events, which it keeps. */
    private boolean hasEvents(long epoll) {
        begin(epoll);
        boolean found = false;
        for (long item = next(epoll, true); item != 0; item = next(epoll, !found)) {
            if (ask(item, 0) != 0) {
                putBack(item);
                found = true;
            }
        }
        end(epoll);
        return found;
    }

    private final class EpollFile implements FileOperations {

        @Override
        public int open(long file) {
            EventPollLayout.FILE.set(memory, FileLayout.DATA.get(memory, file), file);
            return 0;
        }

        @Override
        public long llseek(long file, long offset, int whence) {
            return 0;
        }

        @Override
        public int poll(long file, long table) {
            long epoll = FileLayout.DATA.get(memory, file);
            tables.pollWait(POLL_WAIT.at(epoll), table);
            return hasEvents(epoll) ? PollEvents.EPOLLIN | PollEvents.EPOLLRDNORM : 0;
        }

        @Override
        public void release(long file) {
            long epoll = FileLayout.DATA.get(memory, file);
            tasks.mutexes().lock(mutex);
            long head = ITEMS.at(epoll);
            while (!ListHead.isEmpty(memory, head)) {
                remove(NODE.containerOf(ListHead.first(memory, head)));
            }
            tasks.mutexes().unlock(mutex);
            kmalloc.kfree(epoll);
        }
    }
}
