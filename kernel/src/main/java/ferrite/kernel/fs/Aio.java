package ferrite.kernel.fs;

import static ferrite.kernel.fs.KiocbLayout.CANCEL;
import static ferrite.kernel.fs.KiocbLayout.CONTEXT;
import static ferrite.kernel.fs.KiocbLayout.KI_FILP;
import static ferrite.kernel.fs.KiocbLayout.KI_POS;
import static ferrite.kernel.fs.KiocbLayout.LIST;
import static ferrite.kernel.fs.KiocbLayout.RESULT;
import static ferrite.kernel.fs.KiocbLayout.RESULT_2;
import static ferrite.kernel.fs.KiocbLayout.STATE;
import static ferrite.kernel.fs.KiocbLayout.USER_DATA;
import static ferrite.kernel.fs.KiocbLayout.USER_IOCB;
import static ferrite.kernel.fs.KiocbLayout.WAIT;
import static ferrite.kernel.fs.KioctxLayout.ACTIVE;
import static ferrite.kernel.fs.KioctxLayout.ACTIVE_REQS;
import static ferrite.kernel.fs.KioctxLayout.COMPLETE;
import static ferrite.kernel.fs.KioctxLayout.COMPLETE_REQS;
import static ferrite.kernel.fs.KioctxLayout.MAX_REQS;
import static ferrite.kernel.fs.KioctxLayout.NODE;
import static ferrite.kernel.fs.KioctxLayout.TASK;
import static ferrite.kernel.fs.KioctxLayout.USER_ID;

import ferrite.hardware.report.Hex;
import ferrite.hardware.turn.KernelCpu;
import ferrite.hardware.turn.KernelMemory;
import ferrite.kernel.base.Errno;
import ferrite.kernel.base.Gfp;
import ferrite.kernel.base.ListHead;
import ferrite.kernel.base.Plumbing;
import ferrite.kernel.base.RootLayout;
import ferrite.kernel.base.SpinLock;
import ferrite.kernel.base.TextTable;
import ferrite.kernel.check.Rule;
import ferrite.kernel.check.Violations;
import ferrite.kernel.core.KernelBase;
import ferrite.kernel.mm.Kmalloc;
import ferrite.kernel.sched.TaskSystem;
import java.util.List;
import java.util.function.LongToIntFunction;

/**
 * Asynchronous I/O (LDD3 pages 437-441). A driver begins an operation, returns {@code -EIOCBQUEUED}, and completes it
 * later by {@link #complete}. The program gets the results from its context. An operation keeps its file open until the
 * program has taken the result.
 *
 * <p>One lock protects all contexts and the states of all operations.
 */
@Plumbing
public final class Aio {

    private final KernelMemory memory;
    private final KernelCpu cpu;
    private final SpinLock locks;
    private final TextTable text;
    private final Violations violations;
    private final TaskSystem tasks;
    private final Kmalloc kmalloc;
    private final Files files;
    private final long contexts;
    private final long lock;

    Aio(KernelBase base, TaskSystem tasks, Kmalloc kmalloc, Files files) {
        this.memory = base.memory();
        this.cpu = base.cpu();
        this.locks = base.locks();
        this.text = base.text();
        this.violations = base.violations();
        this.tasks = tasks;
        this.kmalloc = kmalloc;
        this.files = files;
        this.contexts = RootLayout.AIO_CONTEXTS.at(base.root());
        this.lock = RootLayout.AIO_LOCK.at(base.root());
    }

    /** Boot. */
    void init() {
        ListHead.init(memory, contexts);
    }

    // ---- contexts ----

    /**
     * {@code io_setup}: makes a context of the current task.
     *
     * @param id        the number by which the program will know it
     * @param maxEvents the largest number of operations at once
     * @return 0, or {@code -ENOMEM}
     */
    public int setup(long id, int maxEvents) {
        long context = kmalloc.kzalloc(KioctxLayout.SIZE, Gfp.GFP_KERNEL);
        if (context == 0) {
            return -Errno.ENOMEM;
        }
        TASK.set(memory, context, cpu.tp());
        USER_ID.set(memory, context, id);
        MAX_REQS.set(memory, context, maxEvents);
        ListHead.init(memory, ACTIVE.at(context));
        ListHead.init(memory, COMPLETE.at(context));
        tasks.waitQueues().init(KioctxLayout.WAIT.at(context));
        int flags = locks.lockIrqSave(lock);
        ListHead.addTail(memory, NODE.at(context), contexts);
        locks.unlockIrqRestore(lock, flags);
        return 0;
    }

    /** Finds a context of the current task. Returns 0 if there is none. */
    public long find(long id) {
        int flags = locks.lockIrqSave(lock);
        long found = 0;
        for (long node = ListHead.first(memory, contexts); node != contexts && found == 0;
                node = ListHead.next(memory, node)) {
            long context = NODE.containerOf(node);
            found = TASK.get(memory, context) == cpu.tp() && (id == 0 || USER_ID.get(memory, context) == id)
                    ? context : 0;
        }
        locks.unlockIrqRestore(lock, flags);
        return found;
    }

    /** {@code io_destroy}: cancels the operations of a context, waits for them, and forgets their results. */
    public void destroy(long context) {
        int flags = locks.lockIrqSave(lock);
        ListHead.delete(memory, NODE.at(context));
        locks.unlockIrqRestore(lock, flags);
        active(context).forEach(this::cancel);
        tasks.sleep().waitEvent(KioctxLayout.WAIT.at(context), () -> ACTIVE_REQS.get(memory, context) == 0);
        for (long iocb = first(context); iocb != 0; iocb = first(context)) {
            drop(context, iocb);
        }
        kmalloc.kfree(context);
    }

    /** Ends all contexts of the current task, whose program ends. */
    public void exit() {
        if (ListHead.isEmpty(memory, contexts)) {
            return;
        }
        for (long context = find(0); context != 0; context = find(0)) {
            destroy(context);
        }
    }

    // ---- operations ----

    /**
     * An operation that a program asks for.
     *
     * @param userIocb address of the program's record
     * @param data     the program's own word
     * @param mode     {@link Fcntl#FMODE_READ} or {@link Fcntl#FMODE_WRITE}, which the file has to allow; 0 for neither
     * @param name     of the driver's operation, for reports
     */
    public record Request(int descriptor, long userIocb, long data, long position, int mode, String name) { }

    /** A driver's operation. */
    @FunctionalInterface
    public interface Operation {

        int begin(FileOperations driver, long iocb);
    }

    /**
     * {@code io_submit} of one operation: lets the driver begin it.
     *
     * @return 0, or a negative {@link Errno}: EBADF, EAGAIN if the context is full, EINVAL if the driver has no such
     *         operation, ENOMEM
     */
    public int submit(long context, Request request, Operation operation) {
        long file = files.file(request.descriptor);
        if (file == 0 || request.mode != 0 && !files.allows(file, request.mode)) {
            return -Errno.EBADF;
        }
        long iocb = make(file, request.position);
        if (iocb == 0) {
            return -Errno.ENOMEM;
        }
        USER_IOCB.set(memory, iocb, request.userIocb);
        USER_DATA.set(memory, iocb, request.data);
        CONTEXT.set(memory, iocb, context);
        if (!enter(context, iocb)) {
            kmalloc.kfree(iocb);
            return -Errno.EAGAIN;
        }
        files.get(file);
        int result = files.checked(request.name, file, driver -> operation.begin(driver, iocb));
        if (result == -Errno.ENOSYS) {
            forget(context, iocb);
            return -Errno.EINVAL;
        }
        if (result != -Errno.EIOCBQUEUED && !completed(iocb, isInterrupted(result) ? -Errno.EINTR : result, 0)) {
            twice(iocb, request.name + " returned " + result + " for", request.name);
        }
        return 0;
    }

    private long make(long file, long position) {
        long iocb = kmalloc.kzalloc(KiocbLayout.SIZE, Gfp.GFP_KERNEL);
        if (iocb != 0) {
            KI_FILP.set(memory, iocb, file);
            KI_POS.set(memory, iocb, position);
            STATE.set(memory, iocb, KiocbLayout.ACTIVE);
            tasks.waitQueues().init(WAIT.at(iocb));
        }
        return iocb;
    }

    /** Adds an operation to the active ones, if the context has room for its result. */
    private boolean enter(long context, long iocb) {
        int flags = locks.lockIrqSave(lock);
        boolean hasRoom = ACTIVE_REQS.get(memory, context) + COMPLETE_REQS.get(memory, context)
                < MAX_REQS.get(memory, context);
        if (hasRoom) {
            ACTIVE_REQS.add(memory, context, 1);
            ListHead.addTail(memory, LIST.at(iocb), ACTIVE.at(context));
        }
        locks.unlockIrqRestore(lock, flags);
        return hasRoom;
    }

    /** Takes back an operation that no driver has begun. */
    private void forget(long context, long iocb) {
        completed(iocb, 0, 0);
        drop(context, iocb);
    }

    private static boolean isInterrupted(int result) {
        return result == -Errno.ERESTARTSYS;
    }

    /** {@code io_cancel}. Returns 0, or a negative {@link Errno}: EINVAL if the operation cannot be cancelled. */
    public int cancel(long context, long userIocb) {
        return active(context).stream().filter(iocb -> USER_IOCB.get(memory, iocb) == userIocb).findFirst()
                .map(this::cancel).orElse(-Errno.EINVAL);
    }

    /** Lists the active operations. They are not freed before the caller frees them. */
    private List<Long> active(long context) {
        int flags = locks.lockIrqSave(lock);
        List<Long> nodes = ListHead.nodes(memory, ACTIVE.at(context), MAX_REQS.get(memory, context));
        locks.unlockIrqRestore(lock, flags);
        return nodes.stream().map(LIST::containerOf).toList();
    }

    private int cancel(Long iocb) {
        long function = CANCEL.get(memory, iocb);
        return function == 0 ? -Errno.EINVAL : text.at(function, KiocbCancel.class).cancel(iocb);
    }

    // ---- results ----

    /** Receives a result. */
    @FunctionalInterface
    public interface Results {

        /** Returns whether the program's memory could be written. */
        boolean put(int index, long data, long userIocb, long[] results);
    }

    /**
     * {@code io_getevents}: waits for results, and takes them.
     *
     * @param min   the number of results to wait for
     * @param max   the largest number that is taken
     * @param ticks the longest sleep, or {@link ferrite.kernel.sched.Sleep#FOREVER}
     * @return the number of results that were taken, or a negative {@link Errno} if there was none: EINTR if a signal
     *         came first, EFAULT
     */
    public int results(long context, int min, int max, long ticks, Results into) {
        long waited = COMPLETE_REQS.get(memory, context) >= min || ticks == 0 ? 0
                : tasks.sleep().atRestartPoint(KioctxLayout.WAIT.at(context),
                () -> COMPLETE_REQS.get(memory, context) >= min, ticks, false);
        if (waited == -Errno.ERESTART_WAIT) {
            return -Errno.ERESTART_WAIT;
        }
        int done = 0;
        for (long iocb = first(context); iocb != 0 && done < max; iocb = first(context)) {
            long[] results = {RESULT.get(memory, iocb), RESULT_2.get(memory, iocb)};
            if (!into.put(done, USER_DATA.get(memory, iocb), USER_IOCB.get(memory, iocb), results)) {
                return done == 0 ? -Errno.EFAULT : done;
            }
            drop(context, iocb);
            done++;
        }
        return done == 0 && waited < 0 ? -Errno.EINTR : done;
    }

    /** Returns the operation that was completed first; 0 for none. */
    private long first(long context) {
        int flags = locks.lockIrqSave(lock);
        long node = ListHead.first(memory, COMPLETE.at(context));
        locks.unlockIrqRestore(lock, flags);
        return node == COMPLETE.at(context) ? 0 : LIST.containerOf(node);
    }

    /** Frees a complete operation. */
    private void drop(long context, long iocb) {
        int flags = locks.lockIrqSave(lock);
        ListHead.delete(memory, LIST.at(iocb));
        COMPLETE_REQS.add(memory, context, -1);
        locks.unlockIrqRestore(lock, flags);
        files.put(KI_FILP.get(memory, iocb));
        kmalloc.kfree(iocb);
    }

    // ---- calls of drivers ----

    /** {@code is_sync_kiocb}. Any context. */
    public boolean isSync(long iocb) {
        return CONTEXT.get(memory, iocb) == 0;
    }

    /** {@code kiocb_set_cancel_fn}. Any context. */
    public void setCancel(long iocb, long cancel) {
        CANCEL.set(memory, iocb, cancel);
    }

    /** {@code aio_complete}. Any context. A second completion is reported, and changes nothing. */
    public void complete(long iocb, long result, long result2) {
        if (!completed(iocb, result, result2)) {
            twice(iocb, "aio_complete of", null);
        }
    }

    /** Completes an operation, and wakes its waiters. Returns false if it is not active. */
    private boolean completed(long iocb, long result, long result2) {
        int flags = locks.lockIrqSave(lock);
        boolean isActive = STATE.get(memory, iocb) == KiocbLayout.ACTIVE;
        if (isActive) {
            STATE.set(memory, iocb, KiocbLayout.COMPLETE);
            RESULT.set(memory, iocb, result);
            RESULT_2.set(memory, iocb, result2);
            long context = CONTEXT.get(memory, iocb);
            if (context == 0) {
                tasks.waitQueues().wakeUpAll(WAIT.at(iocb));
            } else {
                ListHead.delete(memory, LIST.at(iocb));
                ListHead.addTail(memory, LIST.at(iocb), COMPLETE.at(context));
                ACTIVE_REQS.add(memory, context, -1);
                COMPLETE_REQS.add(memory, context, 1);
                tasks.waitQueues().wakeUpAll(KioctxLayout.WAIT.at(context));
            }
        }
        locks.unlockIrqRestore(lock, flags);
        return isActive;
    }

    /** @param function of the driver, which has returned; null while it runs */
    private void twice(long iocb, String what, String function) {
        String summary = what + " the operation at " + Hex.grouped(iocb) + ", which is complete already";
        (function == null ? violations.of(Rule.AIO_COMPLETED_TWICE, summary)
                : violations.in(Rule.AIO_COMPLETED_TWICE, summary, function))
                .line("instead", Rule.AIO_COMPLETED_TWICE.right()).address("iocb", iocb).report();
    }

    /** {@code do_sync_read}: reads by the asynchronous operation, and waits for it. Returns as {@code read} does. */
    public int syncRead(long file, long to, int count, long position) {
        return sync("aio_read", file, position,
                iocb -> files.operations(file).aioRead(iocb, to, count, position));
    }

    /** {@code do_sync_write}: writes by the asynchronous operation, and waits for it. */
    public int syncWrite(long file, long from, int count, long position) {
        return sync("aio_write", file, position,
                iocb -> files.operations(file).aioWrite(iocb, from, count, position));
    }

    private int sync(String name, long file, long position, LongToIntFunction operation) {
        long iocb = make(file, position);
        if (iocb == 0) {
            return -Errno.ENOMEM;
        }
        int result = operation.applyAsInt(iocb);
        if (result == -Errno.EIOCBQUEUED) {
            tasks.sleep().waitEvent(WAIT.at(iocb), () -> STATE.get(memory, iocb) != KiocbLayout.ACTIVE);
            result = (int) RESULT.get(memory, iocb);
        } else if (!completed(iocb, result, 0)) {
            twice(iocb, name + " returned " + result + " for", name);
        }
        int flags = locks.lockIrqSave(lock);           // a waker that has the lock still uses the queue
        locks.unlockIrqRestore(lock, flags);
        kmalloc.kfree(iocb);
        return result == -Errno.ENOSYS ? -Errno.EINVAL : result;
    }
}
